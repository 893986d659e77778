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
use super::view::{Button, JoinLink, JoinPage, PromptPage};
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
        Some(_) => question(&visitor, (&info, &token)),
    };
    visitor.mark(respond(StatusCode::OK, &page))
}

/// The names are strangers' words, shown as values beside what they are.
fn page(visitor: &Visitor, info: &InvitationInfo) -> JoinPage {
    let clock = visitor
        .signed_in
        .as_ref()
        .map_or_else(Clock::utc, |who| Clock::of(&who.user));
    JoinPage {
        layout: visitor.layout(),
        facts: vec![
            ("Account", info.account_name.clone()),
            ("Invited by", info.inviter_name.clone()),
            ("Your role", info.role.as_str().to_owned()),
            ("For", info.email_hint.clone()),
            ("Until", clock.moment(info.expires_at)),
        ],
        lead: Vec::new(),
        form: None,
        token: None,
        links: Vec::new(),
    }
}

fn link(id: &'static str, look: &'static str, words: &'static str, href: String) -> JoinLink {
    JoinLink {
        id,
        look,
        words,
        href,
    }
}

fn signed_out(visitor: &Visitor, info: &InvitationInfo, flow: &str) -> JoinPage {
    let mut page = page(visitor, info);
    page.lead
        .push("Sign in with this address to accept the invitation.".to_owned());
    page.links.push(link(
        "join-login",
        "primary",
        "Sign in",
        with_flow("/login", flow),
    ));
    if visitor.state.authority.settings.registration.open {
        let href = with_flow("/register", flow);
        page.links
            .push(link("join-register", "secondary", "Create an account", href));
    }
    page
}

fn for_another(visitor: &Visitor, who: &SignedIn, (info, flow): (&InvitationInfo, &str)) -> JoinPage {
    let mut page = page(visitor, info);
    page.lead.push(format!(
        "You are signed in as {}. The invitation is for another address.",
        who.user.email
    ));
    let out = Button {
        look: "secondary",
        ..Button::primary("join-sign-out", "confirm", "Sign out")
    };
    page.form = Some((visitor.form("/oauth2/logout/confirm", ""), out));
    let href = with_flow("/login", flow);
    page.links.push(link(
        "join-login",
        "primary",
        "Sign in with the other address",
        href,
    ));
    page
}

fn unconfirmed(visitor: &Visitor, who: &SignedIn, (info, flow): (&InvitationInfo, &str)) -> JoinPage {
    let mut page = page(visitor, info);
    page.lead.push(format!(
        "Before you can join, confirm that {} is yours: we send a code to it.",
        who.user.email
    ));
    let href = with_flow("/verify-email", flow);
    page.links
        .push(link("join-verify", "primary", "Confirm the address", href));
    page
}

fn question(visitor: &Visitor, (info, token): (&InvitationInfo, &str)) -> JoinPage {
    let mut page = page(visitor, info);
    page.lead
        .push("Your own account stays as it is. You can leave this one at any time.".to_owned());
    let join = Button::primary("join-submit", "join", "Join the team");
    page.form = Some((visitor.form(JOIN, ""), join));
    page.token = Some(token.to_owned());
    page.links
        .push(link("join-later", "quiet", "Not now", "/account/team".to_owned()));
    page
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
        Err(AcceptError::Exceeded(_)) => full(&visitor),
        Err(AcceptError::Fault(error)) => fault(&error),
    }
}

/// The link goes on working, for when there is room.
fn full(visitor: &Visitor) -> Response {
    let page = PromptPage::new(
        visitor.layout(),
        "page-join-full",
        "This account has no seat left",
    )
    .lead("Its plan allows no more members. Your invitation goes on working.")
    .lead("Ask whoever has invited you for another seat, and open the link again then.")
    .link("", "To the start page", "/");
    respond(StatusCode::FORBIDDEN, &page)
}

/// One page for everything that can't be accepted, whatever the reason.
fn dead(visitor: &Visitor) -> Response {
    let page = PromptPage::new(
        visitor.layout(),
        "page-join-dead",
        "This invitation does not work",
    )
    .lead("It was used, taken back or replaced by a newer one, or its time is over.")
    .lead("If you have joined with it, the account is among your accounts. If you still want to join, ask whoever has invited you for another one.")
    .link("", "To your accounts", "/account/team")
    .link("", "To the start page", "/");
    respond(StatusCode::NOT_FOUND, &page)
}
