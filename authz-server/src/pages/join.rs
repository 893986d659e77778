//! `/join`: an invitation into an account, looked at and accepted.
//! Refuses to do anything when it is only looked at: mail programs open links, too.

use axum::extract::Query;
use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use domain::teams::{AcceptError, InvitationInfo};
use http::StatusCode;

use super::account::when::Clock;
use super::flow::{for_invitation, sealed_invitation, with_flow};
use super::posted::Posted;
use super::refusal::{forged, see_other};
use super::respond;
use super::view::{Button, PromptPage};
use super::visitor::Visitor;
use crate::http::fault;

const JOIN: &str = "/join";

/// What the address carries: the token of the mail, or a sealed one on its way back from signing in.
#[derive(serde::Deserialize)]
pub struct JoinQuery {
    #[serde(default)]
    token: String,
    #[serde(default)]
    flow: String,
}

pub async fn show(visitor: Visitor, Query(query): Query<JoinQuery>) -> Response {
    let authority = &visitor.state.authority;
    let carried =
        sealed_invitation(&query.flow).and_then(|sealed| authority.open_invitation(&visitor.ctx, sealed));
    let token = carried.unwrap_or(query.token);
    let info = match authority.look_at_invitation(&visitor.ctx, &token).await {
        Ok(Some(info)) => info,
        Ok(None) => return visitor.mark(dead(&visitor)),
        Err(error) => return fault(&error),
    };
    let flow = match authority.seal_invitation(&visitor.ctx, &token) {
        Ok(sealed) => for_invitation(&sealed),
        Err(error) => return fault(&error),
    };
    let page = match &visitor.signed_in {
        None => signed_out(&visitor, &info, &flow),
        Some(who) if !info.is_for(&who.user) => for_another(&visitor, who, (&info, &flow)),
        Some(who) if who.user.email_verified_at.is_none() => unconfirmed(&visitor, who, (&info, &flow)),
        Some(who) => question(&visitor, who, (&info, &token)),
    };
    visitor.mark(respond(StatusCode::OK, &page))
}

/// The names are strangers' words; the page says whose.
fn page(visitor: &Visitor, info: &InvitationInfo) -> PromptPage {
    PromptPage::new(visitor.layout(), "page-join", "You are invited to a team").lead(format!(
        "{} invites you into the account “{}”, in the role “{}”.",
        info.inviter_name,
        info.account_name,
        info.role.as_str()
    ))
}

fn signed_out(visitor: &Visitor, info: &InvitationInfo, flow: &str) -> PromptPage {
    let page = page(visitor, info)
        .lead(format!(
            "The invitation is for {}. Sign in with this address to accept it.",
            info.email_hint
        ))
        .link("", "Sign in", with_flow("/login", flow));
    match visitor.state.authority.settings.registration.open {
        true => page.link("No account yet?", "Make one", with_flow("/register", flow)),
        false => page,
    }
}

fn for_another(visitor: &Visitor, who: &SignedIn, (info, flow): (&InvitationInfo, &str)) -> PromptPage {
    let page = page(visitor, info)
        .lead(format!(
            "It is for another address than yours: you are signed in as {}, the invitation is for {}.",
            who.user.email, info.email_hint
        ))
        .form(visitor.form("/oauth2/logout/confirm", ""));
    let out = Button {
        look: "secondary",
        ..Button::primary("join-sign-out", "confirm", "Sign out")
    };
    page.button(out)
        .link("", "Sign in with the other address", with_flow("/login", flow))
}

fn unconfirmed(visitor: &Visitor, who: &SignedIn, (info, flow): (&InvitationInfo, &str)) -> PromptPage {
    page(visitor, info)
        .lead(format!(
            "Before you can join, confirm that {} is yours. It takes a code that we send to it.",
            who.user.email
        ))
        .link("", "Confirm the address", with_flow("/verify-email", flow))
}

fn question(visitor: &Visitor, who: &SignedIn, (info, token): (&InvitationInfo, &str)) -> PromptPage {
    let until = Clock::of(&who.user).moment(info.expires_at);
    page(visitor, info)
        .lead(format!(
            "Your own account stays as it is. The invitation is good until {until}."
        ))
        .form(visitor.form(JOIN, ""))
        .hidden("token", token)
        .button(Button::primary("join-submit", "join", "Join the team"))
        .link("", "Not now", "/account/team")
}

pub async fn accept(visitor: Visitor, posted: Posted) -> Response {
    if !visitor.gave_form(JOIN, posted.csrf()) {
        return forged(&visitor);
    }
    let (authority, token) = (&visitor.state.authority, posted.text("token"));
    let Some(who) = &visitor.signed_in else {
        return see_other("/login");
    };
    match authority.accept_invitation(&visitor.ctx, &who.user, token).await {
        Ok(joined) => see_other(&format!(
            "/account/team?account={}&done=joined",
            joined.account.id
        )),
        Err(AcceptError::AlreadyMember) => see_other("/account/team"),
        Err(AcceptError::EmailNotVerified) => see_other("/verify-email"),
        Err(AcceptError::NotFound | AcceptError::Gone) => dead(&visitor),
        Err(AcceptError::Fault(error)) => fault(&error),
    }
}

/// One page for everything that can't be accepted, whatever the reason.
fn dead(visitor: &Visitor) -> Response {
    let page = PromptPage::new(
        visitor.layout(),
        "page-join-dead",
        "This invitation does not work",
    )
    .lead("It was used, taken back or replaced by a newer one, or its time is over.")
    .lead("If you still want to join, ask whoever has invited you for another one.")
    .link("", "To the start page", "/");
    respond(StatusCode::NOT_FOUND, &page)
}
