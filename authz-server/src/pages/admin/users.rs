//! `/admin/users`: the accounts, found by a few letters or by what they are in.

use axum::extract::Query;
use axum::response::Response;
use domain::people::{UserPage, UserQuery};
use http::StatusCode;
use model::user::User;
use storage::user_directory::Standing;
use url::form_urlencoded::Serializer;

use super::gate::Administrator;
use super::{Draft, ListQuery, isolated, refused};
use crate::pages::account::when::Clock;
use crate::pages::view::admin::{Cell, Pager, Part, Search, Section, Select, Table};

const PER_PAGE: u16 = 50;
const STANDINGS: [(&str, &str); 5] = [
    ("", "All"),
    ("disabled", "Disabled"),
    ("unconfirmed", "Address not confirmed"),
    ("administrators", "Administrators"),
    ("leaving", "To be erased"),
];

pub async fn show(admin: Administrator, Query(query): Query<ListQuery>) -> Response {
    let standing = Standing::parse(&query.state);
    let wanted = UserQuery {
        q: query.q(),
        page: query.page(),
        limit: PER_PAGE,
    };
    let authority = &admin.visitor.state.authority;
    let found = match standing {
        Some(standing) => authority.list_users_of(standing, &wanted, &admin.actor()).await,
        None => authority.list_users(&wanted, &admin.actor()).await,
    };
    let page = match found {
        Ok(page) => page,
        Err(error) => return refused(&admin, error),
    };
    let clock = admin.clock();
    let rows = page.users.iter().map(|user| row(user, &clock)).collect();
    Draft::new(Section::Users, "page-admin-users")
        .part(Part::Search(search(&wanted.q, standing)))
        .part(Part::Table(Table {
            id: "users",
            caption: "Accounts",
            heads: vec!["Account", "E-mail", "Since"],
            rows,
            empty: empty(&wanted, standing),
        }))
        .part(Part::Pager(pager(&wanted, standing, &page)))
        .respond(&admin, StatusCode::OK)
}

fn search(q: &str, standing: Option<Standing>) -> Search {
    Search {
        action: "/admin/users".into(),
        label: "Find an account",
        hint: "The beginning of a word of the address, the user name or the name; or an id.",
        q: q.to_owned(),
        selects: vec![Select {
            id: "state",
            label: "State",
            values: STANDINGS.to_vec(),
            value: standing.map_or("", Standing::as_str).to_owned(),
        }],
        more: Vec::new(),
    }
}

fn empty(wanted: &UserQuery, standing: Option<Standing>) -> String {
    match (wanted.page > 1, wanted.q.is_empty(), standing) {
        (true, ..) => "There are not so many pages. Go back to the first one.".to_owned(),
        (_, false, _) => format!(
            "No account is found by “{}”. Try fewer letters, or another state.",
            isolated(&wanted.q)
        ),
        (_, true, Some(_)) => "No account is in this state.".to_owned(),
        (_, true, None) => "There is no account yet.".to_owned(),
    }
}

fn row(user: &User, clock: &Clock) -> Vec<Cell> {
    let username = user.username.as_ref().map(|name| format!("@{name}"));
    let mut named = Cell::link(user.display_name(), address(user));
    named.lines.extend(username);
    vec![
        named
            .badge(user.is_admin().then_some("Administrator"))
            .badge(user.disabled_at.is_some().then_some("Disabled")),
        Cell::text(user.email.to_string()).badge(user.email_verified_at.is_none().then_some("Not confirmed")),
        Cell::short(clock.day(user.created_at)),
    ]
}

/// Where an account is shown.
pub fn address(user: &User) -> String {
    format!("{}/{}", Section::Users.path(), user.id)
}

fn pager(wanted: &UserQuery, standing: Option<Standing>, found: &UserPage) -> Pager {
    let before = (wanted.page - 1) * u64::from(wanted.limit);
    let shown = found.users.len() as u64;
    let link = |page: u64| {
        let mut query = Serializer::new(String::new());
        query.append_pair("q", &wanted.q);
        query.append_pair("state", standing.map_or("", Standing::as_str));
        query.append_pair("page", &page.to_string());
        format!("{}?{}", Section::Users.path(), query.finish())
    };
    let is_cut = (standing.is_some() || !wanted.q.is_empty())
        && found.total >= domain::people::administration::MOST_FOUND as u64;
    let more = if is_cut { " or more" } else { "" };
    Pager {
        words: match shown {
            0 => String::new(),
            shown => format!("{} to {} of {}{more}", before + 1, before + shown, found.total),
        },
        newer: (wanted.page > 1).then(|| link(wanted.page - 1)),
        older: (before + shown < found.total && shown > 0).then(|| link(wanted.page + 1)),
    }
}
