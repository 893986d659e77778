//! `/account/security`: the second step, on and off, for whoever is signed in.
//! Refuses to show a seed or codes without the password, and twice.

use axum::extract::Query;
use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use domain::people::{PresenceDemand, SecondFactorError, SecondFactorState};
use http::StatusCode;
use model::PlainSecret;

use super::account::{AccountQuery, Draft};
use super::flow::sign_in_for;
use super::passkeys::PASSKEYS;
use super::posted::Posted;
use super::qr;
use super::refusal::{forged, see_other, too_many_attempts, wait};
use super::second_factor::factor_code;
use super::view::account::{Fact, Part, Section};
use super::view::{Button, Input, PromptPage};
use super::visitor::{Visitor, begin_session};
use super::{presence, respond, trusted};
use crate::http::fault;

const SECURITY: &str = "/account/security";
const SET_UP: &str = "/account/security/authenticator";
const TURN_OFF: &str = "/account/security/authenticator/remove";
const CODES: &str = "/account/security/backup-codes";

/// Whoever has to sign in first comes back here.
pub fn to_login() -> Response {
    see_other(&sign_in_for(SECURITY))
}

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    let has_providers = visitor.state.authority.providers.infos().next().is_some();
    let authority = &visitor.state.authority;
    let trusted = match authority.list_trusted_devices(&visitor.ctx, who.user.id).await {
        Ok(trusted) => trusted,
        Err(error) => return fault(&error),
    };
    match authority.second_factor_state(who.user.id).await {
        Ok(state) => {
            let page = overview(state, has_providers).done(&query.done);
            trusted::listed(&visitor, who, &trusted, page)
                .respond(&visitor, who, StatusCode::OK)
                .await
        }
        Err(error) => fault(&error),
    }
}

fn overview(state: SecondFactorState, has_providers: bool) -> Draft {
    let mut page = Draft::new(Section::Security, "page-security").part(Part::Facts(vec![Fact {
        name: "Two-step",
        value: if state.is_on() { "On" } else { "Off" }.to_owned(),
        ..Fact::default()
    }]));
    if has_providers {
        page = page.link("Linked accounts at other providers", "/account/linked");
    }
    page = match state.is_on() {
        false => page.lead("It is off. With it, signing in takes a passkey or a code from an authenticator app on your phone besides the password: a stolen password alone opens nothing."),
        true => page
            .lead(match state.totp_since {
                Some(_) => "It is on: signing in takes a code from your authenticator app or a passkey.",
                None => "It is on: signing in takes a passkey.",
            })
            .lead(match state.backup_codes_left {
                0 => "You have no backup code left.".to_owned(),
                1 => "You have one backup code left.".to_owned(),
                left => format!("You have {left} backup codes left."),
            })
            .link("Make new backup codes", CODES),
    };
    page = match state.passkeys {
        0 => page,
        1 => page.lead("You have one passkey."),
        some => page.lead(format!("You have {some} passkeys.")),
    };
    page = page.link("Passkeys", PASSKEYS);
    match state.totp_since {
        None => page.link("Add an authenticator app", SET_UP),
        Some(_) => page
            .link("Use another authenticator app", SET_UP)
            .link("Turn the authenticator app off", TURN_OFF),
    }
}

/// Asks for the password, or, once it was given, shows the picture.
pub async fn show_set_up(visitor: Visitor) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    let name = visitor.state.brand.name().to_owned();
    let setup = visitor
        .state
        .authority
        .totp_setup(&visitor.ctx, &who.user, &name)
        .await;
    match setup {
        Ok(Some(_)) => picture_page(&visitor, None, StatusCode::OK).await,
        Ok(None) => match presence::demand(&visitor, who).await {
            Ok(demand) if demand.sign_in => to_login(),
            Ok(demand) => visitor.mark(respond(StatusCode::OK, &password_page(&visitor, demand))),
            Err(answer) => *answer,
        },
        Err(error) => fault(&error),
    }
}

pub async fn set_up(visitor: Visitor, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    if !visitor.gave_form(SET_UP, posted.csrf()) {
        return forged(&visitor);
    }
    let authority = &visitor.state.authority;
    if posted.text("decision") == "confirm" {
        return confirm(&visitor, who, posted.text("code")).await;
    }
    let demand = match presence::demand(&visitor, who).await {
        Ok(demand) => demand,
        Err(answer) => return *answer,
    };
    let password = PlainSecret::new(posted.text("current-password"));
    let given = presence::given(&password, &posted);
    match authority
        .set_up_totp(&visitor.ctx, (&who.user, &who.session), given)
        .await
    {
        Ok(()) => see_other(SET_UP),
        Err(error) => presence::refused(password_page(&visitor, demand), error),
    }
}

async fn confirm(visitor: &Visitor, who: &SignedIn, code: &str) -> Response {
    let session = (&who.user, &who.session);
    let authority = &visitor.state.authority;
    match authority.confirm_totp(&visitor.ctx, session, code).await {
        Ok((codes, signed_in)) => begin_session(
            &visitor.state,
            codes_page(visitor, &codes),
            signed_in.cookie.expose(),
        ),
        Err(SecondFactorError::Over) => see_other(SET_UP),
        Err(SecondFactorError::WrongCode) => {
            let words = "This code is not the one that the app shows now. Is the clock of your phone right?";
            picture_page(visitor, Some(words.to_owned()), StatusCode::BAD_REQUEST).await
        }
        Err(SecondFactorError::TooManyAttempts { retry_after }) => {
            let words = too_many_attempts(retry_after);
            let page = picture_page(visitor, Some(words), StatusCode::TOO_MANY_REQUESTS).await;
            wait(page, retry_after)
        }
        Err(SecondFactorError::Fault(error)) => fault(&error),
    }
}

fn password_page(visitor: &Visitor, demand: PresenceDemand) -> PromptPage {
    let page = PromptPage::new(
        visitor.layout(),
        "page-authenticator-password",
        "Add an authenticator app",
    )
    .lead("First, show that it is you.")
    .form(visitor.form(SET_UP, ""))
    .button(Button::primary("authenticator-begin", "begin", "Go on"))
    .link("", "Not now", SECURITY);
    presence::fields(demand).into_iter().fold(page, PromptPage::input)
}

/// The field for the password one has.
pub fn current_password() -> Input {
    Input {
        id: "current-password",
        label: "Your password".to_owned(),
        kind: "password",
        autocomplete: "current-password",
        ..Input::default()
    }
}

async fn picture_page(visitor: &Visitor, error: Option<String>, status: StatusCode) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    let name = visitor.state.brand.name().to_owned();
    let authority = &visitor.state.authority;
    let setup = match authority.totp_setup(&visitor.ctx, &who.user, &name).await {
        Ok(Some(setup)) => setup,
        Ok(None) => return see_other(SET_UP),
        Err(error) => return fault(&error),
    };
    let mut page = PromptPage::new(visitor.layout(), "page-authenticator", "Read this with your app")
        .lead("Scan the picture with an authenticator app, or type the key below it. Then type the code that the app shows.")
        .error(error)
        .form(visitor.form(SET_UP, ""))
        .input(factor_code())
        .button(Button::primary("authenticator-confirm", "confirm", "Turn it on"))
        .link("", "Not now", SECURITY);
    page.picture = qr::svg(setup.address.expose());
    page.shown_key = Some(in_groups(setup.secret.expose()));
    visitor.mark(respond(status, &page))
}

fn in_groups(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// Backup codes, this once.
pub fn codes_page(visitor: &Visitor, codes: &[String]) -> Response {
    let mut page = PromptPage::new(visitor.layout(), "page-backup-codes", "Keep these backup codes")
        .lead("Each gets you in once when you do not have your phone. Print them or put them into your password manager: they are not shown again.")
        .link("", "I have kept them", SECURITY);
    page.shown_list = codes.to_vec();
    respond(StatusCode::OK, &page)
}

pub async fn show_codes(visitor: Visitor) -> Response {
    if visitor.signed_in.is_none() {
        return to_login();
    }
    visitor.mark(respond(StatusCode::OK, &renew_page(&visitor)))
}

fn renew_page(visitor: &Visitor) -> PromptPage {
    PromptPage::new(
        visitor.layout(),
        "page-backup-codes-renew",
        "Make new backup codes?",
    )
    .lead("Those you have now stop working.")
    .form(visitor.form(CODES, ""))
    .input(factor_code())
    .button(Button::primary("backup-codes-renew", "renew", "Make new codes"))
    .link("", "Keep those I have", SECURITY)
}

pub async fn renew_codes(visitor: Visitor, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    if !visitor.gave_form(CODES, posted.csrf()) {
        return forged(&visitor);
    }
    let authority = &visitor.state.authority;
    match authority
        .renew_backup_codes(&visitor.ctx, &who.user, posted.text("code"))
        .await
    {
        Ok(codes) => codes_page(&visitor, &codes),
        Err(error) => refused(renew_page(&visitor), error),
    }
}

pub async fn show_turn_off(visitor: Visitor) -> Response {
    if visitor.signed_in.is_none() {
        return to_login();
    }
    visitor.mark(respond(StatusCode::OK, &turn_off_page(&visitor)))
}

fn turn_off_page(visitor: &Visitor) -> PromptPage {
    let mut button = Button::primary("authenticator-remove", "remove", "Turn it off");
    button.look = "danger";
    PromptPage::new(visitor.layout(), "page-authenticator-remove", "Turn the authenticator app off?")
        .lead("Without a passkey, your password alone opens your account then: you are signed out everywhere else, and your backup codes are thrown away.")
        .form(visitor.form(TURN_OFF, ""))
        .input(factor_code())
        .button(button)
        .link("", "Keep it on", SECURITY)
}

pub async fn turn_off(visitor: Visitor, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    if !visitor.gave_form(TURN_OFF, posted.csrf()) {
        return forged(&visitor);
    }
    let authority = &visitor.state.authority;
    match authority
        .disable_totp(&visitor.ctx, (&who.user, &who.session), posted.text("code"))
        .await
    {
        Ok(()) => see_other(SECURITY),
        Err(error) => refused(turn_off_page(&visitor), error),
    }
}

fn refused(page: PromptPage, error: SecondFactorError) -> Response {
    match error {
        SecondFactorError::WrongCode | SecondFactorError::Over => {
            let words = "This code is wrong or was used already.".to_owned();
            respond(StatusCode::BAD_REQUEST, &page.error(Some(words)))
        }
        SecondFactorError::TooManyAttempts { retry_after } => {
            let page = page.error(Some(too_many_attempts(retry_after)));
            wait(respond(StatusCode::TOO_MANY_REQUESTS, &page), retry_after)
        }
        SecondFactorError::Fault(error) => fault(&error),
    }
}
