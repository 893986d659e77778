//! `/account/sessions`: where somebody is signed in, and how to change that.
//! Refuses sessions of others as if they did not exist (S08).

use axum::extract::Query;
use axum::response::Response;
use domain::Fault;
use domain::oauth::authorize::SignedIn;
use http::StatusCode;
use model::SessionId;
use model::session::Session;

use super::device_name::device_name;
use super::when::Clock;
use super::{AccountQuery, Draft, owner};
use crate::http::fault;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, page as error_page, see_other};
use crate::pages::view::Button;
use crate::pages::view::account::{FormPart, Part, Row, RowAct, Rows, Section};
use crate::pages::visitor::{Visitor, forget_session};

const ACTION: &str = "/account/sessions";

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let authority = &visitor.state.authority;
    let sessions = match authority.list_sessions(&visitor.ctx, &who.user).await {
        Ok(sessions) => sessions,
        Err(error) => return fault(&error),
    };
    let clock = Clock::of(&who.user);
    let (own, others): (Vec<_>, Vec<_>) = sessions.iter().partition(|session| session.id == who.session.id);
    let rows = own
        .into_iter()
        .chain(others)
        .map(|session| row(&visitor, session, who, &clock))
        .collect();
    Draft::new(Section::Sessions, "page-account-sessions")
        .lead("Here you are signed in. End what you do not recognise, and choose a new password then.")
        .done(&query.done)
        .part(Part::Rows(Rows {
            id: "sessions",
            empty: "",
            rows,
        }))
        .part(Part::Form(Box::new(everywhere(&visitor))))
        .respond(&visitor, who, StatusCode::OK)
        .await
}

fn row(visitor: &Visitor, session: &Session, who: &SignedIn, clock: &Clock) -> Row {
    let is_this = session.id == who.session.id;
    let from = session.address.as_deref().unwrap_or("an unknown address");
    Row {
        title: device_name(session.user_agent.as_deref()),
        badge: is_this.then_some("This browser"),
        lines: vec![
            format!("From {from}, last used {}", clock.moment(session.last_seen_at)),
            format!("Signed in {}", clock.moment(session.created_at)),
        ],
        items: Vec::new(),
        act: (!is_this).then(|| RowAct {
            form: visitor.form(ACTION, ""),
            field: ("session", session.id.to_string()),
            label: "Sign out",
        }),
        ..Row::default()
    }
}

fn everywhere(visitor: &Visitor) -> FormPart {
    let all = Button {
        look: "danger",
        ..Button::primary("sessions-end-all", "all", "Sign out everywhere, here too")
    };
    let others = Button {
        look: "secondary",
        ..Button::primary("sessions-end-others", "others", "Sign out all other sessions")
    };
    FormPart::new("end-sessions", "Sign out elsewhere", visitor.form(ACTION, ""))
        .lead("Applications that may act while you are away keep their access: see Applications.")
        .button(others)
        .button(all)
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    let done = match posted.text("decision") {
        "one" => one(&visitor, who, posted.text("session")).await,
        "others" => many(&visitor, who, Some(who.session.id)).await,
        "all" => many(&visitor, who, None).await,
        _ => return unknown(&visitor),
    };
    done.unwrap_or_else(|error| fault(&error))
}

async fn one(visitor: &Visitor, who: &SignedIn, id: &str) -> Result<Response, Fault> {
    let Ok(id) = id.parse::<SessionId>() else {
        return Ok(unknown(visitor));
    };
    let authority = &visitor.state.authority;
    if !authority.end_own_session(&visitor.ctx, &who.user, id).await? {
        return Ok(unknown(visitor));
    }
    let answer = see_other("/account/sessions?done=session");
    Ok(if id == who.session.id {
        forget_session(&visitor.state, answer)
    } else {
        answer
    })
}

async fn many(visitor: &Visitor, who: &SignedIn, keep: Option<SessionId>) -> Result<Response, Fault> {
    let authority = &visitor.state.authority;
    authority.end_own_sessions(&visitor.ctx, &who.user, keep).await?;
    Ok(match keep {
        Some(_) => see_other("/account/sessions?done=sessions"),
        None => forget_session(&visitor.state, see_other("/login")),
    })
}

fn unknown(visitor: &Visitor) -> Response {
    let words = "There is no such session any more. It may have ended by itself.";
    error_page(visitor, StatusCode::NOT_FOUND, "No such session", words)
}
