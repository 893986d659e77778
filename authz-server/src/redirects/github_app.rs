//! `/api/auth/github-app/callback`: somebody has installed the app at GitHub, and comes back.
//! Refuses to believe the number in the address before GitHub has confirmed it to this very person.

use axum::extract::RawQuery;
use axum::response::Response;
use domain::github_app::{GithubAppError, Returned};
use oauth::params::Params;

use super::LIMITS;
use super::front_end::FrontEnd;
use crate::http::fault;
use crate::pages::visitor::Visitor;

/// Where GitHub sends whoever has installed the app back to; they are led on to the web console.
///
/// Checks the state of the visit, keeps the installation, and answers a redirect; a failure travels along as
/// `error`.
#[utoipa::path(get, path = "/api/auth/github-app/callback", tag = "console", operation_id = "console_github_app_callback",
    params(
        ("installation_id" = Option<String>, Query, description = "The installation, which is confirmed at GitHub", example = "4711"),
        ("setup_action" = Option<String>, Query, description = "`install`, `update`, or `request` where an owner was asked", example = "install"),
        ("state" = Option<String>, Query, description = "What the browser left with", example = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")),
    responses((status = 302, description = "To the web console with `installation_id` or `error`")))]
pub async fn callback(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let front_end = FrontEnd::of(&visitor.state);
    let Ok(given) = Params::parse(query.unwrap_or_default().as_bytes(), &LIMITS) else {
        return front_end.failed("invalid_request");
    };
    // Whoever may not install it themselves has asked an owner, and there is no installation yet.
    if given.get("setup_action") == Some("request") {
        return front_end.go(&[("setup_action", "request")], &[]);
    }
    let Some(installation) = given.get("installation_id").and_then(number) else {
        return front_end.failed("invalid_request");
    };
    let back = Returned {
        state: given.get("state").filter(|state| !state.is_empty()),
        installation,
        present: visitor.signed_in.as_ref().map(|who| who.user.id),
    };
    let authority = &visitor.state.authority;
    let finished = authority.finish_github_app_install(&visitor.ctx, back).await;
    let response = match finished {
        Ok(linked) => {
            let id = linked.installation.id.to_string();
            front_end.go(&[("installation_id", &id), ("setup_action", "install")], &[])
        }
        Err(GithubAppError::Fault(error)) => return fault(&error),
        Err(why) => {
            tracing::warn!(%why, "an installation of the GitHub App was not linked");
            front_end.failed(code(&why))
        }
    };
    visitor.mark(response)
}

fn number(text: &str) -> Option<i64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok())?
}

/// The same words as in the answers of the surface.
pub fn code(why: &GithubAppError) -> &'static str {
    match why {
        GithubAppError::NotConfigured => "not_configured",
        GithubAppError::StateInvalid => "invalid_state",
        GithubAppError::SignInFirst => "unauthorized",
        GithubAppError::NotFound => "installation_not_found",
        GithubAppError::NoGithubAccount => "no_github_account",
        GithubAppError::AccountEnded => "github_sign_in_required",
        GithubAppError::NoneActive => "no_active_installation",
        GithubAppError::Suspended => "installation_suspended",
        GithubAppError::NotAllowed => "forbidden",
        GithubAppError::Limited { .. } => "rate_limited",
        GithubAppError::Unavailable(_) => "github_unavailable",
        GithubAppError::Fault(_) => "internal_error",
    }
}
