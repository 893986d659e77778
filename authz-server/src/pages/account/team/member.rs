//! `/account/team/member`, `/account/team/invitation`: one member, one invitation, and what can be done with it.
//! Refuses to end anything by the link that leads here: the button on the page does.

use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use domain::oauth::authorize::SignedIn;
use domain::teams::TeamError;
use http::StatusCode;
use model::team::{Invitation, InvitationId, MembershipId, TeamRole};

use super::seats::{Seats, choosable, seated, unknown};
use super::{SHOWN, TEAM, TeamQuery};
use crate::app::AppState;
use crate::http::fault;
use crate::pages::account::{Draft, owner};
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, page as error_page, see_other};
use crate::pages::view::account::{Choice, FormPart, Part, Section};
use crate::pages::view::{Button, Form};
use crate::pages::visitor::Visitor;

pub(super) const MEMBER: &str = "/account/team/member";
pub(super) const INVITATION: &str = "/account/team/invitation";

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(MEMBER, get(show).post(submit))
        .route(INVITATION, get(show_invitation).post(take_back))
}

/// Whoever is signed in, and the account they look at.
async fn here<'a>(visitor: &'a Visitor, query: &TeamQuery) -> Result<(&'a SignedIn, Seats), Box<Response>> {
    let who = owner(visitor, TEAM)?;
    Ok((who, Seats::of(visitor, who, &query.account).await?))
}

fn form(visitor: &Visitor, seats: &Seats, (path, id): (&str, &str)) -> Form {
    Form {
        action: seats.address(path) + "&id=" + id,
        ..visitor.form(path, "")
    }
}

pub async fn show(visitor: Visitor, Query(query): Query<TeamQuery>) -> Response {
    let (who, seats) = match here(&visitor, &query).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    let Ok(id) = query.id.parse::<MembershipId>() else {
        return unknown(&visitor);
    };
    let authority = &visitor.state.authority;
    let found = authority.find_member(&seats.current.account.id, id).await;
    let member = match found {
        Ok(Some(member)) => member,
        Ok(None) => return unknown(&visitor),
        Err(error) => return fault(&error),
    };
    let is_own = member.membership.user_id == who.user.id;
    if !is_own && let Err(answer) = seated(&visitor, who, (&seats, "team:RemoveMember")).await {
        return *answer;
    }
    let name = member.name.clone().unwrap_or_else(|| member.email.to_string());
    let target = || form(&visitor, &seats, (MEMBER, &query.id));
    let title = if is_own { "Leave" } else { "Member" };
    let above = (Section::Team.title(), seats.address(TEAM));
    let mut draft = Draft::new(Section::Team, "page-account-team-member").below(title, above);
    if !is_own {
        draft = draft.lead(format!("{name}, {}", member.email));
    }
    if !is_own {
        let part = role_form(target(), (&seats, &name), member.membership.role);
        draft = draft.part(Part::Form(Box::new(part)));
    }
    let account = &seats.current.account.title;
    let part = match is_own {
        true => FormPart::new("leave", "Leave this account", target())
            .lead(format!("You can't act in the account “{account}” any more. To come back, you have to be invited again."))
            .button(danger("member-leave", "remove", "Leave")),
        false => FormPart::new("remove", "Remove from the account", target())
            .lead(format!("{name} can't act in the account “{account}” any more, at once. Invitations they have made stop working."))
            .button(danger("member-remove", "remove", "Remove")),
    };
    draft
        .part(Part::Form(Box::new(part)))
        .respond(&visitor, who, StatusCode::OK)
        .await
}

fn danger(id: &'static str, value: &'static str, label: &str) -> Button {
    Button {
        look: "danger",
        ..Button::primary(id, value, label)
    }
}

fn role_form(form: Form, (seats, name): (&Seats, &str), role: TeamRole) -> FormPart {
    let own = seats.current.role;
    let mut part = FormPart::new("change-role", "Change the role", form)
        .lead(format!("What {name} may do in the account from now on."));
    part.choice = Some(Choice {
        id: "role",
        label: "Role",
        value: role.as_str().to_owned(),
        values: TeamRole::ALL
            .into_iter()
            .filter(|role| own.covers(*role))
            .map(choosable)
            .collect(),
        is_required: true,
        ..Choice::default()
    });
    part.button(Button::primary("member-role-submit", "role", "Save"))
}

pub async fn submit(visitor: Visitor, Query(query): Query<TeamQuery>, posted: Posted) -> Response {
    let (who, seats) = match here(&visitor, &query).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    if !visitor.gave_form(MEMBER, posted.csrf()) {
        return forged(&visitor);
    }
    let Ok(id) = query.id.parse::<MembershipId>() else {
        return unknown(&visitor);
    };
    match (posted.text("decision"), TeamRole::parse(posted.text("role"))) {
        ("remove", _) => remove(&visitor, who, (&seats, id)).await,
        ("role", Some(role)) => change_role(&visitor, who, (&seats, id, role)).await,
        _ => unknown(&visitor),
    }
}

async fn remove(visitor: &Visitor, who: &SignedIn, (seats, id): (&Seats, MembershipId)) -> Response {
    let authority = &visitor.state.authority;
    let account = &seats.current.account.id;
    match authority.leave(&visitor.ctx, (account, who.user.id), id).await {
        Ok(true) => return see_other("/account/team?done=left"),
        Ok(false) => {}
        Err(error) => return refused(visitor, error),
    }
    let seat = match seated(visitor, who, (seats, "team:RemoveMember")).await {
        Ok(seat) => seat,
        Err(answer) => return *answer,
    };
    match authority.remove_member(&visitor.ctx, &seat, id).await {
        Ok(()) => see_other(&(seats.address(TEAM) + "&done=removed")),
        Err(error) => refused(visitor, error),
    }
}

async fn change_role(
    visitor: &Visitor,
    who: &SignedIn,
    (seats, id, role): (&Seats, MembershipId, TeamRole),
) -> Response {
    let seat = match seated(visitor, who, (seats, "team:UpdateMember")).await {
        Ok(seat) => seat,
        Err(answer) => return *answer,
    };
    let authority = &visitor.state.authority;
    match authority
        .change_member_role(&visitor.ctx, &seat, (id, role))
        .await
    {
        Ok(_) => see_other(&(seats.address(TEAM) + "&done=role")),
        Err(error) => refused(visitor, error),
    }
}

fn refused(visitor: &Visitor, error: TeamError) -> Response {
    let words = sentence(&error.to_string());
    let status = match error {
        TeamError::NotFound => return unknown(visitor),
        TeamError::LastOwner => StatusCode::CONFLICT,
        TeamError::AboveOwn | TeamError::MembersOnly => StatusCode::FORBIDDEN,
        TeamError::Fault(error) => return fault(&error),
    };
    error_page(visitor, status, "That did not work", &words)
}

pub async fn show_invitation(visitor: Visitor, Query(query): Query<TeamQuery>) -> Response {
    let (who, seats) = match here(&visitor, &query).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    let seat = match seated(&visitor, who, (&seats, "team:RevokeInvite")).await {
        Ok(seat) => seat,
        Err(answer) => return *answer,
    };
    let authority = &visitor.state.authority;
    let open = match authority.list_invitations(&visitor.ctx, &seat, (SHOWN, 0)).await {
        Ok((open, _)) => open,
        Err(error) => return fault(&error),
    };
    let is_meant = |one: &&Invitation| one.id.to_string() == query.id;
    let Some(invitation) = open.iter().find(is_meant) else {
        return unknown(&visitor);
    };
    let part = FormPart::new(
        "take-back",
        "Take the invitation back",
        form(&visitor, &seats, (INVITATION, &query.id)),
    )
    .lead(format!(
        "{} is invited as {}. The link in the mail stops working at once. Nobody is told.",
        invitation.email,
        invitation.role.as_str()
    ))
    .button(danger("invitation-withdraw", "withdraw", "Take it back"));
    Draft::new(Section::Team, "page-account-team-invitation")
        .below("Invitation", (Section::Team.title(), seats.address(TEAM)))
        .part(Part::Form(Box::new(part)))
        .respond(&visitor, who, StatusCode::OK)
        .await
}

pub async fn take_back(visitor: Visitor, Query(query): Query<TeamQuery>, posted: Posted) -> Response {
    let (who, seats) = match here(&visitor, &query).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    if !visitor.gave_form(INVITATION, posted.csrf()) {
        return forged(&visitor);
    }
    let seat = match seated(&visitor, who, (&seats, "team:RevokeInvite")).await {
        Ok(seat) => seat,
        Err(answer) => return *answer,
    };
    let Ok(id) = query.id.parse::<InvitationId>() else {
        return unknown(&visitor);
    };
    let authority = &visitor.state.authority;
    match authority.revoke_invitation(&visitor.ctx, &seat, id).await {
        Ok(()) => see_other(&(seats.address(TEAM) + "&done=withdrawn")),
        Err(error) => refused(&visitor, error),
    }
}
