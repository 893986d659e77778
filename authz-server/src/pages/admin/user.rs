//! `/admin/users/{id}`: one account, what it has, and what can be done with it.
//! Refuses to show secrets: of keys their beginnings, of sessions where they are.

use axum::extract::{Path, Query};
use axum::response::Response;
use domain::people::AdministrationError;
use http::StatusCode;
use model::api_key::{ApiKey, KeyKind};
use model::session::Session;
use model::user::User;
use model::{Timestamp, UserId};
use storage::audit::StoredEvent;

use super::gate::{Administrator, not_found};
use super::user_deed::Deed;
use super::{Draft, ListQuery, fact, refused};
use crate::pages::account::device_name::device_name;
use crate::pages::account::when::Clock;
use crate::pages::view::admin::{Act, Cell, Fact, Part, Section, Table};

const EVENTS: u16 = 20;
const MOST_ROWS: usize = 50;

/// An account with what decides about it.
pub struct Case {
    pub user: User,
    pub locked_until: Option<Timestamp>,
    /// When it is to be erased.
    pub erased_at: Option<Timestamp>,
}

impl Case {
    pub async fn find(admin: &Administrator, id: &str) -> Result<Self, Box<Response>> {
        let Ok(id) = id.parse::<UserId>() else {
            return Err(Box::new(not_found(&admin.visitor)));
        };
        let found = Self::read(admin, id).await;
        found.map_err(|error| Box::new(refused(admin, error)))
    }

    async fn read(admin: &Administrator, id: UserId) -> Result<Self, AdministrationError> {
        let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
        let user = authority.read_user(id, &admin.actor()).await?;
        let deletion = authority.pending_deletion(&user).await?;
        Ok(Self {
            locked_until: authority.locked_until(ctx, id).await?,
            erased_at: deletion.map(|deletion| deletion.scheduled_for),
            user,
        })
    }

    pub fn address(&self) -> String {
        super::users::address(&self.user)
    }

    fn badges(&self) -> Vec<&'static str> {
        let user = &self.user;
        [
            user.is_admin().then_some("Administrator"),
            user.disabled_at.is_some().then_some("Disabled"),
            self.locked_until.is_some().then_some("Locked"),
            self.erased_at.is_some().then_some("To be erased"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

pub async fn show(admin: Administrator, Path(id): Path<String>, Query(query): Query<ListQuery>) -> Response {
    let case = match Case::find(&admin, &id).await {
        Ok(case) => case,
        Err(answer) => return *answer,
    };
    let draft = Draft::new(Section::Users, "page-admin-user")
        .title(case.user.display_name())
        .badges(case.badges())
        .above("All users", Section::Users.path())
        .done(&query.done)
        .part(Part::Acts(acts(&admin, &case)));
    match parts(&admin, &case, draft).await {
        Ok(draft) => draft.respond(&admin, StatusCode::OK),
        Err(error) => refused(&admin, error),
    }
}

fn acts(admin: &Administrator, case: &Case) -> Vec<Act> {
    let applicable = Deed::ALL.into_iter().filter(|deed| deed.applies(admin, case));
    let act = |deed: Deed| Act {
        id: deed.id(),
        words: deed.words(),
        href: format!("{}/{}", case.address(), deed.path()),
        is_grave: deed.is_destructive(),
    };
    applicable.map(act).collect()
}

async fn parts(admin: &Administrator, case: &Case, draft: Draft) -> Result<Draft, AdministrationError> {
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    let (user, clock) = (&case.user, admin.clock());
    let sessions = authority.list_sessions(ctx, user).await?;
    let keys = authority.list_api_keys(ctx, user.id, &KeyKind::ALL).await?;
    let (events, _) = authority.account_history(user, None, EVENTS).await?;
    let draft = draft
        .part(Part::Facts(profile(case, &clock)))
        .part(Part::Facts(means(admin, user).await?))
        .heading("sessions-heading", format!("Sessions ({})", sessions.len()))
        .part(Part::Table(session_table(&sessions, &clock)))
        .heading("keys-heading", format!("API keys ({})", keys.len()))
        .part(Part::Table(key_table(&keys, &clock)));
    Ok(draft
        .heading("history-heading", "What happened")
        .part(Part::Table(history(&events, &clock))))
}

fn profile(case: &Case, clock: &Clock) -> Vec<Fact> {
    let user = &case.user;
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "None".to_owned());
    let mut facts = vec![
        fact("Id", Cell::code(user.id.to_string())),
        fact("Name", Cell::text(or_none(user.profile.name.clone()))),
        fact(
            "User name",
            Cell::text(or_none(user.username.as_ref().map(ToString::to_string))),
        ),
        fact(
            "E-mail",
            Cell::text(user.email.to_string())
                .badge(user.email_verified_at.is_none().then_some("Not confirmed")),
        ),
        fact("Since", Cell::text(clock.moment(user.created_at))),
    ];
    let moments = [
        ("Disabled", user.disabled_at),
        ("Locked until", case.locked_until),
        ("Erased on", case.erased_at),
    ];
    let known = moments.into_iter().filter_map(|(name, at)| Some((name, at?)));
    facts.extend(known.map(|(name, at)| fact(name, Cell::text(clock.moment(at)))));
    facts
}

/// How the account is signed in to, and what it is part of.
async fn means(admin: &Administrator, user: &User) -> Result<Vec<Fact>, AdministrationError> {
    let authority = &admin.visitor.state.authority;
    let factors = authority.second_factor_state(user.id).await?;
    let linked = authority.linked_accounts(user.id).await?;
    let password = if user.password.is_some() { "Set" } else { "None" };
    let app = if factors.totp_since.is_some() {
        "Set up"
    } else {
        "None"
    };
    let linked = linked
        .iter()
        .map(|account| format!("{} at {}", account.display_name(), account.provider));
    let mut at_others = Cell {
        lines: linked.collect(),
        ..Cell::default()
    };
    if at_others.lines.is_empty() {
        at_others = Cell::text("None");
    }
    let mut facts = vec![
        fact("Password", Cell::text(password)),
        fact("Authenticator app", Cell::text(app)),
        fact("Passkeys", Cell::text(factors.passkeys.to_string())),
        fact("Linked accounts", at_others),
    ];
    if let Some(number) = authority.find_account_number(user.id).await? {
        facts.push(fact(
            "Account",
            Cell::link(number.clone(), format!("/admin/accounts/{number}")),
        ));
    }
    let seats = authority.seats_of(user.id, &admin.actor()).await?;
    let others = seats.iter().filter(|seat| seat.account.root != user.id);
    let works_in: Vec<String> = others
        .map(|seat| {
            format!(
                "{} ({}) as {}",
                seat.account.title,
                seat.account.id,
                seat.role.as_str()
            )
        })
        .collect();
    if !works_in.is_empty() {
        let cell = Cell {
            lines: works_in,
            ..Cell::default()
        };
        facts.push(fact("Works in", cell));
    }
    Ok(facts)
}

fn session_table(sessions: &[Session], clock: &Clock) -> Table {
    let row = |session: &Session| {
        let from = session.address.as_deref().unwrap_or("unknown address");
        vec![
            Cell::link(
                device_name(session.user_agent.as_deref()),
                format!("/admin/sessions/{}/end", session.id),
            ),
            Cell::text(from),
            Cell::short(clock.moment(session.last_seen_at)),
        ]
    };
    Table {
        id: "sessions",
        caption: "Sessions of this account",
        heads: vec!["Browser", "From", "Last used"],
        rows: sessions.iter().take(MOST_ROWS).map(row).collect(),
        empty: "Nobody is signed in.".to_owned(),
    }
}

fn key_table(keys: &[ApiKey], clock: &Clock) -> Table {
    let row = |key: &ApiKey| {
        vec![
            Cell::link(key.name.to_string(), format!("/admin/keys/{}/revoke", key.id)),
            Cell::code(format!("{}…", key.prefix)),
            Cell::short(
                key.last_used_at
                    .map_or_else(|| "Never".to_owned(), |at| clock.moment(at)),
            ),
        ]
    };
    Table {
        id: "keys",
        caption: "API keys of this account",
        heads: vec!["Name", "Begins", "Last used"],
        rows: keys.iter().take(MOST_ROWS).map(row).collect(),
        empty: "No keys.".to_owned(),
    }
}

fn history(events: &[StoredEvent], clock: &Clock) -> Table {
    let row = |event: &StoredEvent| {
        let by = match &event.actor_id {
            Some(id) => format!("{} {id}", event.actor_kind),
            None => event.actor_kind.clone(),
        };
        vec![
            Cell::code(event.action.clone()),
            Cell::text(by),
            Cell::text(event.address.clone().unwrap_or_default()),
            Cell::short(clock.moment(event.at)),
        ]
    };
    Table {
        id: "history",
        caption: "What was done by this account or to it",
        heads: vec!["What", "By", "From", "When"],
        rows: events.iter().map(row).collect(),
        empty: "Nothing yet.".to_owned(),
    }
}
