//! `/login/with/{provider}`: to another provider and back.
//! Refuses to say more of what went wrong there than its person can use; the rest is logged.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use domain::federation::{
    Callback, FederationError, Finished, Purpose, Start, StartError, Unfinished, UpstreamError,
};
use http::StatusCode;
use oauth::params::{ParamLimits, Params};

use super::by_mail::with_challenge;
use super::flow::{sign_in_for, with_flow};
use super::linked;
use super::posted::Posted;
use super::refusal::{forged, page as error_page, see_other, too_many_attempts, wait};
use super::respond;
use super::second_factor::go_on;
use super::view::{PromptPage, ProviderButton};
use super::visitor::Visitor;
use crate::http::fault;

const LIMITS: ParamLimits = ParamLimits {
    total_len: 16 * 1024,
    fields: 20,
    value_len: 8 * 1024,
    repeatable: &[],
};

fn door(provider: &str) -> String {
    format!("/login/with/{provider}")
}

fn callback_of(provider: &str) -> String {
    format!("/login/with/{provider}/callback")
}

/// "Continue with …", one for each provider.
pub fn buttons(visitor: &Visitor, flow: &str) -> Vec<ProviderButton> {
    let infos = visitor.state.authority.providers.infos();
    let button = |info: &domain::federation::ProviderInfo| ProviderButton {
        id: info.id.clone(),
        label: format!("Continue with {}", info.name),
        form: visitor.form(&door(&info.id), flow),
        web: info.web.clone(),
    };
    infos.map(button).collect()
}

pub async fn start(visitor: Visitor, Path(provider): Path<String>, posted: Posted) -> Response {
    if !visitor.gave_form(&door(&provider), posted.csrf()) {
        return forged(&visitor);
    }
    let flow = posted.text("flow").to_owned();
    let flow = Some(flow).filter(|flow| !flow.is_empty());
    leave(&visitor, &provider, Purpose::SignIn { flow }).await
}

pub async fn start_linking(visitor: Visitor, Path(provider): Path<String>, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return see_other(&sign_in_for(linked::PATH));
    };
    if !visitor.gave_form(&format!("{}/{provider}", linked::PATH), posted.csrf()) {
        return forged(&visitor);
    }
    let purpose = Purpose::Link {
        user: who.user.id,
        session: who.session.id,
    };
    leave(&visitor, &provider, purpose).await
}

async fn leave(visitor: &Visitor, provider: &str, purpose: Purpose) -> Response {
    let start = Start {
        provider,
        callback: &callback_of(provider),
        page: None,
        purpose: purpose.clone(),
        choose_account: false,
        browser: visitor.mark_digest(),
    };
    let authority = &visitor.state.authority;
    match authority.start_federation(&visitor.ctx, start).await {
        Ok(url) => see_other(url.as_str()),
        Err(StartError::UnknownProvider | StartError::PageNotAllowed) => unknown(visitor),
        Err(StartError::Upstream(error)) => {
            let why = FederationError::Upstream(error);
            failed(visitor, provider, (why, Some(&purpose)))
        }
        Err(StartError::Fault(error)) => fault(&error),
    }
}

pub async fn callback(visitor: Visitor, Path(provider): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Ok(given) = Params::parse(query.unwrap_or_default().as_bytes(), &LIMITS) else {
        return failed(&visitor, &provider, (FederationError::StateInvalid, None));
    };
    let back = Callback {
        provider: &provider,
        callback: &callback_of(&provider),
        state: given.get("state").unwrap_or_default(),
        code: given.get("code"),
        error: given.get("error"),
        issuer: given.get("iss"),
        browser: visitor.mark_digest(),
        present: visitor.signed_in.clone(),
    };
    let authority = &visitor.state.authority;
    match authority.finish_federation(&visitor.ctx, back).await {
        Ok(Finished::SignedIn { sign_in, purpose }) => go_on(&visitor, &sign_in, purpose.flow()),
        Ok(Finished::Linked(_)) => see_other(linked::PATH),
        Err(Unfinished { why, purpose }) => failed(&visitor, &provider, (why, purpose.as_ref())),
    }
}

fn unknown(visitor: &Visitor) -> Response {
    let words = "There is no such way to sign in here.";
    error_page(visitor, StatusCode::NOT_FOUND, "Not found", words)
}

/// What a person reads: status, title, sentences.
type Words = (StatusCode, String, Vec<String>);

fn failed(
    visitor: &Visitor,
    provider: &str,
    (why, purpose): (FederationError, Option<&Purpose>),
) -> Response {
    let flow = purpose.map(Purpose::flow).unwrap_or_default();
    let why = match why {
        FederationError::Fault(error) => return fault(&error),
        FederationError::UnknownProvider => return unknown(visitor),
        FederationError::EmailNotVerified {
            challenge: Some(challenge),
        } => return see_other(&with_challenge("/verify-email", &challenge.to_string(), flow)),
        why => why,
    };
    let known = visitor.state.authority.providers.find(provider);
    let Some(known) = known else {
        return unknown(visitor);
    };
    if let FederationError::Upstream(error) = &why {
        tracing::warn!(provider, %error, "signing in with a provider failed");
    }
    let (status, title, sentences) = words(&known.info().name, &why);
    let page = PromptPage::new(visitor.layout(), "page-login-with-failed", title);
    let page = sentences.into_iter().fold(page, PromptPage::lead);
    let page = if matches!(purpose, Some(Purpose::Link { .. })) {
        page.link("", "Back to your linked accounts", linked::PATH)
    } else {
        page.link("", "Back to sign-in", with_flow("/login", flow))
    };
    let response = visitor.mark(respond(status, &page));
    match why {
        FederationError::TooManyAttempts { retry_after } => wait(response, retry_after),
        _ => response,
    }
}

fn words(name: &str, why: &FederationError) -> Words {
    let say = |status, title: &str, sentence: String| (status, title.to_owned(), vec![sentence]);
    match why {
        FederationError::StateInvalid | FederationError::StateExpired | FederationError::Stale => say(
            StatusCode::BAD_REQUEST,
            "Please start again",
            "This sign-in took too long, was used already, or began in another browser.".to_owned(),
        ),
        FederationError::Denied => say(
            StatusCode::FORBIDDEN,
            "You were not signed in",
            format!("You chose not to continue at {name}. Nothing was changed."),
        ),
        FederationError::Upstream(UpstreamError::Unavailable(_)) => say(
            StatusCode::BAD_GATEWAY,
            &format!("{name} does not answer"),
            format!(
                "{name} can't be reached or has a problem. Please try again in a moment, or sign in another way."
            ),
        ),
        FederationError::Upstream(_) => say(
            StatusCode::BAD_GATEWAY,
            "That did not work",
            format!("{name} did not confirm who you are. Please try again."),
        ),
        FederationError::TooManyAttempts { retry_after } => say(
            StatusCode::TOO_MANY_REQUESTS,
            "Please wait",
            too_many_attempts(*retry_after),
        ),
        why => refused(name, why),
    }
}

/// Who they are is known, but they do not get in with it.
fn refused(name: &str, why: &FederationError) -> Words {
    let (status, title, sentence) = match why {
        FederationError::EmailTaken => {
            return (
                StatusCode::CONFLICT,
                "You have an account already".to_owned(),
                vec![
                    format!("There is an account with the e-mail address of your {name} account."),
                    format!("Sign in to it first, then add {name} to it under \"Linked accounts\"."),
                ],
            );
        }
        FederationError::NoEmail => (
            StatusCode::FORBIDDEN,
            "An e-mail address is needed",
            format!(
                "{name} tells us no e-mail address of yours. Share one there, or make an account here first."
            ),
        ),
        FederationError::EmailUnverified => (
            StatusCode::FORBIDDEN,
            "Confirm your e-mail address first",
            format!("{name} has not confirmed your e-mail address yet. Confirm it there and try again."),
        ),
        FederationError::DomainNotAllowed => (
            StatusCode::FORBIDDEN,
            "This account can't be used here",
            "Only people of certain organizations can sign in this way.".to_owned(),
        ),
        FederationError::RegistrationClosed => (
            StatusCode::FORBIDDEN,
            "Registration is closed",
            "New accounts are made by an administrator here. Please ask yours.".to_owned(),
        ),
        FederationError::Disabled => (
            StatusCode::FORBIDDEN,
            "This account is disabled",
            "Please ask its administrator.".to_owned(),
        ),
        FederationError::EmailNotVerified { .. } => (
            StatusCode::FORBIDDEN,
            "Confirm your e-mail address first",
            "A mail is in your mailbox already.".to_owned(),
        ),
        FederationError::LinkedElsewhere => (
            StatusCode::CONFLICT,
            "This account is in use",
            format!("Your {name} account signs in to another account here. Remove it there first."),
        ),
        _ => (
            StatusCode::UNAUTHORIZED,
            "Please sign in first",
            "Only somebody who is signed in can add an account.".to_owned(),
        ),
    };
    (status, title.to_owned(), vec![sentence])
}
