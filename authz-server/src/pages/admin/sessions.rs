//! `/admin/sessions`: where somebody is signed in, and the end of it.
//! Refuses to list everybody's: a user, an address or a session is named.

use axum::extract::{Path, Query};
use axum::response::Response;
use domain::people::administration::{FoundSession, MOST_SESSIONS};
use http::StatusCode;
use model::SessionId;

use super::confirm::{Found, Question, agreed, ask};
use super::gate::{Administrator, not_found};
use super::{Draft, ListQuery, isolated, refused, users};
use crate::pages::account::device_name::device_name;
use crate::pages::account::when::Clock;
use crate::pages::posted::Posted;
use crate::pages::refusal::see_other;
use crate::pages::view::admin::{Cell, Pager, Part, Search, Section, Table};

pub async fn show(admin: Administrator, Query(query): Query<ListQuery>) -> Response {
    let (authority, q) = (&admin.visitor.state.authority, query.q());
    let found = match authority
        .find_sessions(&admin.visitor.ctx, &q, &admin.actor())
        .await
    {
        Ok(found) => found,
        Err(error) => return refused(&admin, error),
    };
    let clock = admin.clock();
    let empty = match q.is_empty() {
        true => "Search for a user, an IP address or the id of a session.".to_owned(),
        false => format!(
            "No session is found by “{}”. The user may be signed in nowhere.",
            isolated(&q)
        ),
    };
    Draft::new(Section::Sessions, "page-admin-sessions")
        .done(&query.done)
        .part(Part::Search(Search {
            action: "/admin/sessions".into(),
            label: "Find sessions",
            hint: "A user, by the beginning of a word of address or name; an IP address; or an id.",
            q,
            selects: Vec::new(),
            more: Vec::new(),
        }))
        .part(Part::Table(Table {
            id: "sessions",
            caption: "Sessions",
            heads: vec!["Browser", "Whose", "From", "Last used"],
            rows: found.iter().map(|found| row(found, &clock)).collect(),
            empty,
        }))
        .part(Part::Pager(Pager::cut(found.len(), MOST_SESSIONS)))
        .respond(&admin, StatusCode::OK)
}

fn row(FoundSession { session, user }: &FoundSession, clock: &Clock) -> Vec<Cell> {
    vec![
        Cell::link(
            device_name(session.user_agent.as_deref()),
            format!("/admin/sessions/{}/end", session.id),
        ),
        Cell::link(user.display_name(), users::address(user)),
        Cell::text(session.address.as_deref().unwrap_or("unknown")),
        Cell::short(clock.moment(session.last_seen_at)),
    ]
}

async fn question(admin: &Administrator, id: &str) -> Found<SessionId> {
    let Ok(session) = id.parse::<SessionId>() else {
        return Err(Box::new(not_found(&admin.visitor)));
    };
    let authority = &admin.visitor.state.authority;
    let found = authority
        .find_sessions(&admin.visitor.ctx, id, &admin.actor())
        .await
        .map_err(|error| Box::new(refused(admin, error)))?;
    let Some(FoundSession { session: found, user }) = found.first() else {
        return Err(Box::new(not_found(&admin.visitor)));
    };
    let clock = admin.clock();
    let title = format!("End a session of {}", isolated(user.display_name()));
    let mut question = Question::new(Section::Sessions, "page-admin-session-end", title)
        .lead(format!(
            "{}, from {}, signed in {}, last used {}.",
            device_name(found.user_agent.as_deref()),
            found.address.as_deref().unwrap_or("an unknown address"),
            clock.moment(found.created_at),
            clock.moment(found.last_seen_at),
        ))
        .lead("The browser and what signed in with it have to sign in again.");
    question.action = format!("/admin/sessions/{id}/end");
    question.back = users::address(user);
    question.button = "End this session";
    question.is_grave = false;
    Ok((session, question))
}

pub async fn show_end(admin: Administrator, Path(id): Path<String>) -> Response {
    ask(&admin, question(&admin, &id).await).await
}

pub async fn end(admin: Administrator, Path(id): Path<String>, posted: Posted) -> Response {
    let action = format!("/admin/sessions/{id}/end");
    let session = match agreed(&admin, (&action, &posted), question(&admin, &id)).await {
        Ok(session) => session,
        Err(answer) => return *answer,
    };
    let authority = &admin.visitor.state.authority;
    match authority
        .end_session_of(&admin.visitor.ctx, session, admin.actor())
        .await
    {
        Ok(_) => see_other(&format!("{}?done=session-ended", Section::Sessions.path())),
        Err(error) => refused(&admin, error),
    }
}
