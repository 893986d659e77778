//! Inviting somebody on the team page.
//! Refuses roles that whoever invites does not cover: the domain says which.

use axum::extract::Query;
use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use domain::teams::InviteError;
use http::StatusCode;
use model::team::TeamRole;

use super::seats::{Seats, choosable, seated};
use super::{Forms, INVITE, TEAM, TeamQuery, form, page};
use crate::http::fault;
use crate::pages::account::owner;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other, too_many_attempts, wait_if};
use crate::pages::view::account::{Choice, FormPart};
use crate::pages::view::{Button, Input};
use crate::pages::visitor::Visitor;

pub(super) fn invite_form(visitor: &Visitor, seats: &Seats) -> FormPart {
    let mut part = FormPart::new("invite", "Invite somebody", form(visitor, seats, INVITE))
        .lead("They get a mail with a link. Inviting the same address again replaces the invitation before.")
        .input(Input {
            id: "email",
            label: "E-mail address".to_owned(),
            kind: "email",
            autocomplete: "off",
            ..Input::default()
        });
    let given = TeamRole::INVITED
        .into_iter()
        .filter(|role| seats.current.role.covers(*role));
    part.choice = Some(Choice {
        id: "role",
        label: "Role",
        value: TeamRole::Member.as_str().to_owned(),
        values: given.map(choosable).collect(),
        is_required: true,
        ..Choice::default()
    });
    part.button(Button::primary("invite-submit", "invite", "Send the invitation"))
}

pub async fn invite(visitor: Visitor, Query(query): Query<TeamQuery>, posted: Posted) -> Response {
    let who = match owner(&visitor, TEAM) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(INVITE, posted.csrf()) {
        return forged(&visitor);
    }
    let seats = match Seats::of(&visitor, who, &query.account).await {
        Ok(seats) => seats,
        Err(answer) => return *answer,
    };
    let seat = match seated(&visitor, who, (&seats, "team:Invite")).await {
        Ok(seat) => seat,
        Err(answer) => return *answer,
    };
    let authority = &visitor.state.authority;
    let invited = match TeamRole::parse(posted.text("role")) {
        Some(role) => {
            authority
                .invite(&visitor.ctx, &seat, (posted.text("email"), role))
                .await
        }
        None => Err(InviteError::NoSuchRole),
    };
    match invited {
        Ok(_) => see_other(&(seats.address(TEAM) + "&done=invited")),
        Err(error) => not_invited(&visitor, who, &seats, (&posted, error)).await,
    }
}

async fn not_invited(
    visitor: &Visitor,
    who: &SignedIn,
    seats: &Seats,
    (posted, error): (&Posted, InviteError),
) -> Response {
    let mut form = invite_form(visitor, seats);
    form.input_mut("email")
        .into_iter()
        .for_each(|input| input.value = posted.text("email").chars().take(254).collect());
    let words = sentence(&error.to_string());
    let (status, again) = match error {
        InviteError::Malformed | InviteError::AlreadyMember => {
            form.complain("email", &words);
            (StatusCode::BAD_REQUEST, None)
        }
        InviteError::TooManyMails { retry_after } => {
            form.error = Some(too_many_attempts(retry_after));
            (StatusCode::TOO_MANY_REQUESTS, Some(retry_after))
        }
        InviteError::NoSuchRole
        | InviteError::AboveOwn
        | InviteError::MembersOnly
        | InviteError::Exceeded(_)
        | InviteError::TooManyOpen => {
            form.error = Some(words);
            (StatusCode::BAD_REQUEST, None)
        }
        InviteError::Fault(error) => return fault(&error),
    };
    if let Some(choice) = form.choice.as_mut() {
        posted.text("role").clone_into(&mut choice.value);
    }
    let forms = Forms {
        invite: Some(form),
        name: None,
    };
    let response = page(visitor, who, seats, (forms, "", status)).await;
    wait_if(response, again)
}
