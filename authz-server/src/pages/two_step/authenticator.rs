//! The authenticator app, on and off.
//! Refuses to show its seed without the password, and to turn it on or off without a code.

use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use domain::people::{PresenceDemand, SecondFactorError};
use http::StatusCode;
use model::PlainSecret;

use super::{SECURITY, SET_UP, TURN_OFF, codes_page, refused, to_login};
use crate::http::fault;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other, too_many_attempts, wait};
use crate::pages::second_factor::factor_code;
use crate::pages::view::{Button, PromptPage};
use crate::pages::visitor::{Visitor, begin_session};
use crate::pages::{presence, qr, respond};

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
