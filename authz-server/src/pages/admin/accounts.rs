//! `/admin/accounts`: accounts with their members, IAM users, groups and policies.
//! Refuses to change what an account decides for itself; an IAM user is shut here and let in again.

use axum::extract::{Path, Query};
use axum::response::Response;
use domain::people::administration::{AccountFile, WithPolicies};
use http::StatusCode;
use model::UserId;
use model::iam::{AccountId, IamUser};
use model::team::Account;
use storage::iam_attachments::Attached;

use super::confirm::{Found, Question, agreed, ask};
use super::gate::{Administrator, not_found};
use super::{Draft, ListQuery, fact, isolated, refused};
use crate::pages::account::when::Clock;
use crate::pages::posted::Posted;
use crate::pages::refusal::see_other;
use crate::pages::view::admin::{Act, Cell, Part, Search, Section, Table};

const PATH: &str = "/admin/accounts";

pub async fn show(admin: Administrator, Query(query): Query<ListQuery>) -> Response {
    let (authority, q) = (&admin.visitor.state.authority, query.q());
    let found = match q.is_empty() {
        true => Ok(Vec::new()),
        false => authority.find_accounts(&q, &admin.actor()).await,
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => return refused(&admin, error),
    };
    let empty = match q.is_empty() {
        true => "Search for the number of an account, or for its root user.".to_owned(),
        false => format!("No account is found by “{}”.", isolated(&q)),
    };
    Draft::new(Section::Accounts, "page-admin-accounts")
        .part(Part::Search(Search {
            action: PATH.into(),
            label: "Find accounts",
            hint: "Twelve digits, or the beginning of a word of the root user's address or name.",
            q,
            selects: Vec::new(),
            more: Vec::new(),
        }))
        .part(Part::Table(Table {
            id: "accounts",
            caption: "Accounts",
            heads: vec!["Account", "Number", "Root user"],
            rows: found.iter().map(row).collect(),
            empty,
        }))
        .respond(&admin, StatusCode::OK)
}

fn row(account: &Account) -> Vec<Cell> {
    vec![
        Cell::link(account.title.clone(), format!("{PATH}/{}", account.id)),
        Cell::code(account.id.clone()),
        Cell {
            href: Some(format!("/admin/users/{}", account.root)),
            ..Cell::code(account.root.to_string())
        },
    ]
}

pub async fn show_one(
    admin: Administrator,
    Path(number): Path<String>,
    Query(query): Query<ListQuery>,
) -> Response {
    let Ok(number) = number.parse::<AccountId>() else {
        return not_found(&admin.visitor);
    };
    let file = match admin
        .visitor
        .state
        .authority
        .read_account(&number, &admin.actor())
        .await
    {
        Ok(Some(file)) => file,
        Ok(None) => return not_found(&admin.visitor),
        Err(error) => return refused(&admin, error),
    };
    let clock = admin.clock();
    let root = format!("/admin/users/{}", file.account.root);
    Draft::new(Section::Accounts, "page-admin-account")
        .title(file.account.title.clone())
        .above("All accounts", PATH)
        .done(&query.done)
        .part(Part::Acts(vec![Act {
            id: "account-log",
            words: "Requests",
            href: format!("{PATH}/{number}/log"),
            is_grave: false,
        }]))
        .part(Part::Facts(vec![
            fact("Number", Cell::code(number.to_string())),
            fact("Root user", Cell::link(file.account.root.to_string(), root)),
        ]))
        .heading("members-heading", format!("Members ({})", file.members.len()))
        .part(Part::Table(members(&file, &clock)))
        .heading("iam-users-heading", format!("IAM users ({})", file.users.len()))
        .part(Part::Table(users(&file, &clock)))
        .heading("groups-heading", format!("Groups ({})", file.groups.len()))
        .part(Part::Table(groups(&file)))
        .heading("policies-heading", format!("Policies ({})", file.policies.len()))
        .part(Part::Table(policies(&file, &clock)))
        .respond(&admin, StatusCode::OK)
}

fn members(file: &AccountFile, clock: &Clock) -> Table {
    let rows = file.members.iter().map(|member| {
        let name = member.name.clone().unwrap_or_else(|| member.email.to_string());
        vec![
            Cell::link(name, format!("/admin/users/{}", member.membership.user_id)),
            Cell::text(member.email.to_string()),
            Cell::text(member.membership.role.as_str()),
            Cell::short(clock.day(member.membership.created_at)),
        ]
    });
    Table {
        id: "members",
        caption: "Members",
        heads: vec!["Member", "E-mail", "Role", "Since"],
        rows: rows.collect(),
        empty: "Only the root user works in it.".to_owned(),
    }
}

fn users(file: &AccountFile, clock: &Clock) -> Table {
    let rows = file.users.iter().map(|WithPolicies { holder, policies }| {
        let word = if holder.disabled_at.is_some() {
            "enable"
        } else {
            "disable"
        };
        vec![
            Cell::link(
                holder.name.to_string(),
                format!("/admin/iam-users/{}/{word}", holder.id),
            )
            .badge(holder.disabled_at.is_some().then_some("Disabled"))
            .badge(holder.console_since.is_some().then_some("Console")),
            Cell::code(holder.id.to_string()),
            names(policies),
            Cell::short(clock.day(holder.created_at)),
        ]
    });
    Table {
        id: "iam-users",
        caption: "IAM users",
        heads: vec!["IAM user", "Id", "Own policies", "Since"],
        rows: rows.collect(),
        empty: "None.".to_owned(),
    }
}

fn names(policies: &[Attached]) -> Cell {
    let name = |attached: &Attached| match &attached.custom {
        Some((name, _)) => name.clone(),
        None => attached.policy_id.clone(),
    };
    match policies.is_empty() {
        true => Cell::text("None"),
        false => Cell::text(policies.iter().map(name).collect::<Vec<_>>().join(", ")),
    }
}

fn groups(file: &AccountFile) -> Table {
    let rows = file.groups.iter().map(|(group, members)| {
        vec![
            Cell::text(group.holder.name.to_string()),
            Cell::text(members.join(", ")),
            names(&group.policies),
        ]
    });
    Table {
        id: "groups",
        caption: "Groups",
        heads: vec!["Group", "Users", "Policies"],
        rows: rows.collect(),
        empty: "None.".to_owned(),
    }
}

fn policies(file: &AccountFile, clock: &Clock) -> Table {
    let rows = file.policies.iter().map(|policy| {
        vec![
            Cell::text(policy.name.to_string()),
            Cell::text(policy.description.clone()),
            Cell::code(policy.document.clone()),
            Cell::short(clock.day(policy.created_at)),
        ]
    });
    Table {
        id: "policies",
        caption: "Policies that the account has written",
        heads: vec!["Policy", "Description", "Document", "Since"],
        rows: rows.collect(),
        empty: "None.".to_owned(),
    }
}

async fn question(admin: &Administrator, (id, word): &(String, String)) -> Found<(IamUser, bool)> {
    let on = match word.as_str() {
        "enable" => true,
        "disable" => false,
        _ => return Err(Box::new(not_found(&admin.visitor))),
    };
    let Ok(id) = id.parse::<UserId>() else {
        return Err(Box::new(not_found(&admin.visitor)));
    };
    let authority = &admin.visitor.state.authority;
    let user = authority
        .read_iam_user_of(id, &admin.actor())
        .await
        .map_err(|error| Box::new(refused(admin, error)))?;
    let (title, consequence) = match on {
        true => (
            "Enable",
            "They can sign in again. Sessions that ended do not come back. While the account's root user is disabled they stay out.",
        ),
        false => (
            "Disable",
            "Their sessions, keys and tokens end at once, and they cannot sign in until they are enabled again.",
        ),
    };
    let mut question = Question::new(
        Section::Accounts,
        "page-admin-iam-user",
        format!("{title}: {}", user.name),
    )
    .lead(format!(
        "The IAM user {} of the account {}.",
        user.id, user.account_id
    ))
    .lead(consequence);
    question.action = format!("/admin/iam-users/{id}/{word}");
    question.back = format!("{PATH}/{}", user.account_id);
    question.button = title;
    Ok(((user, on), question))
}

pub async fn show_switch(admin: Administrator, Path(path): Path<(String, String)>) -> Response {
    ask(&admin, question(&admin, &path).await).await
}

pub async fn switch(admin: Administrator, Path(path): Path<(String, String)>, posted: Posted) -> Response {
    let (id, word) = &path;
    let action = format!("/admin/iam-users/{id}/{word}");
    let (user, on) = match agreed(&admin, (&action, &posted), question(&admin, &path)).await {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    match authority.switch_iam_user(ctx, (user.id, on), admin.actor()).await {
        Ok(changed) => {
            let word = match (changed, on) {
                (false, _) => "nothing",
                (true, true) => "enabled",
                (true, false) => "disabled",
            };
            see_other(&format!("{PATH}/{}?done={word}", user.account_id))
        }
        Err(error) => refused(&admin, error),
    }
}
