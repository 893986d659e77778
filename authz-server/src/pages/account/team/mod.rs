//! `/account/team`: the accounts somebody works in, who works there with them, and who has been invited.
//! Refuses to show an account to anybody who is not a member of it.

mod invite;
mod lists;
mod member;
mod name;
pub(super) mod seats;

use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::{get, post};
use domain::oauth::authorize::SignedIn;
use http::StatusCode;
use model::team::Invitation;

use self::invite::{invite, invite_form};
use self::lists::{accounts, facts, members};
use self::name::{name_form, rename};
use self::seats::{Seats, seated};
use super::when::Clock;
use super::{Draft, owner_for};
use crate::app::AppState;
use crate::http::fault;
use crate::pages::view::Form;
use crate::pages::view::account::{FormPart, Part, Row, Rows, Section};
use crate::pages::visitor::Visitor;

pub(super) const TEAM: &str = "/account/team";
const INVITE: &str = "/account/team/invite";
const NAME: &str = "/account/team/name";
/// How many of a list are shown.
const SHOWN: i64 = 100;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(TEAM, get(show))
        .route(INVITE, post(invite))
        .route(NAME, post(rename))
        .merge(member::router())
}

/// Which account, which of its members or invitations, and what was just done.
#[derive(serde::Deserialize)]
pub struct TeamQuery {
    #[serde(default)]
    pub account: String,
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub done: String,
}

pub async fn show(visitor: Visitor, Query(query): Query<TeamQuery>) -> Response {
    let who = match owner_for(&visitor, (TEAM, &query.account)) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    match Seats::of(&visitor, who, &query.account).await {
        Ok(seats) => {
            page(
                &visitor,
                who,
                &seats,
                (Forms::default(), &query.done, StatusCode::OK),
            )
            .await
        }
        Err(answer) => *answer,
    }
}

/// Forms that come back with what is wrong in them.
#[derive(Default)]
struct Forms {
    invite: Option<FormPart>,
    name: Option<FormPart>,
}

async fn page(
    visitor: &Visitor,
    who: &SignedIn,
    seats: &Seats,
    (forms, done, status): (Forms, &str, StatusCode),
) -> Response {
    let clock = Clock::of(&who.user);
    let mut draft = Draft::new(Section::Team, "page-account-team")
        .lead("You can work in accounts of others, and others can work in yours. Programs choose the account with the header X-Account-Id.")
        .done(done)
        .part(accounts(seats))
        .part(facts(seats));
    let members = match members(visitor, who, (seats, &clock)).await {
        Ok(members) => members,
        Err(answer) => return *answer,
    };
    draft = draft
        .part(Part::Heading("members-heading", "Members"))
        .part(members);
    if seated(visitor, who, (seats, "team:ListInvites")).await.is_ok() {
        draft = match managed(visitor, who, (seats, &clock), (draft, forms)).await {
            Ok(draft) => draft,
            Err(answer) => return *answer,
        };
    }
    draft.respond(visitor, who, status).await
}

/// What only those see who look after the team.
async fn managed(
    visitor: &Visitor,
    who: &SignedIn,
    (seats, clock): (&Seats, &Clock),
    (draft, forms): (Draft, Forms),
) -> Result<Draft, Box<Response>> {
    let seat = seated(visitor, who, (seats, "team:ListInvites")).await?;
    let authority = &visitor.state.authority;
    let listed = authority.list_invitations(&visitor.ctx, &seat, (SHOWN, 0)).await;
    let (open, _) = listed.map_err(|error| Box::new(fault(&error)))?;
    let row = |invitation: &Invitation| Row {
        title: invitation.email.to_string(),
        badge: Some(invitation.role.as_str()),
        lines: vec![
            format!("Invited {}", clock.day(invitation.created_at)),
            format!("Open until {}", clock.moment(invitation.expires_at)),
        ],
        link: Some((
            "Take back",
            seats.address(member::INVITATION) + "&id=" + &invitation.id.to_string(),
        )),
        ..Row::default()
    };
    let invite = forms.invite.unwrap_or_else(|| invite_form(visitor, seats));
    let name = forms.name.unwrap_or_else(|| name_form(visitor, seats));
    Ok(draft
        .part(Part::Heading("invitations-heading", "Open invitations"))
        .part(Part::Rows(Rows {
            id: "invitations",
            empty: "Nobody is invited at the moment.",
            rows: open.iter().map(row).collect(),
        }))
        .part(Part::Form(Box::new(invite)))
        .part(Part::Form(Box::new(name))))
}

fn form(visitor: &Visitor, seats: &Seats, path: &str) -> Form {
    Form {
        action: seats.address(path),
        ..visitor.form(path, "")
    }
}
