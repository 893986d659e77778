//! `/api/auth/github…`: signing in with GitHub for the web console or a command line program, and adding an account.
//! Refuses to send a token anywhere but to the console's own address or to a program on the person's own machine.

use axum::extract::RawQuery;
use axum::response::Response;
use domain::federation::{
    Callback, FederationError, Finished, LoopbackRedirect, Purpose, Start, StartError, Unfinished,
};
use domain::oauth::{FirstParty, Renewal};
use domain::people::download::DownloadError;
use domain::people::{SignIn, SignInError, SignedIn};
use domain::{Caller, Fault};
use model::{SessionId, UserId};
use oauth::params::Params;
use oauth::token::TokenResponse;

use super::LIMITS;
use super::front_end::{FrontEnd, found};
use crate::http::fault;
use crate::pages::visitor::Visitor;

const PROVIDER: &str = "github";
pub const CALLBACK: &str = "/api/auth/github/callback";
pub const ADD_ACCOUNT: &str = "/api/auth/github/add-account";

fn read(query: Option<String>) -> Option<Params> {
    Params::parse(query.unwrap_or_default().as_bytes(), &LIMITS).ok()
}

/// Leads the browser to GitHub to sign in. It ends at the web console, with tokens in the fragment of its address, or at
/// the command line program that has asked; a failure ends there too, as `error` in the query.
#[utoipa::path(get, path = "/api/auth/github", tag = "console", operation_id = "console_github_start",
    params(
        ("cli" = Option<String>, Query, description = "`true` for a command line program", example = "true"),
        ("redirect_uri" = Option<String>, Query, description = "Where that program listens: `http`, `127.0.0.1` or `[::1]`, a port",
            example = "http://127.0.0.1:8976/callback"),
        ("force" = Option<String>, Query, description = "`true` to choose the GitHub account anew", example = "true")),
    responses((status = 302, description = "To GitHub, or to the web console with `error`")))]
pub async fn start(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let front_end = FrontEnd::of(&visitor.state);
    let Some(purpose) = read(query).as_ref().and_then(asked_for) else {
        return front_end.failed("invalid_request");
    };
    leave(&visitor, purpose).await
}

/// What it is for, and whether the person is asked as whom to go on.
fn asked_for(given: &Params) -> Option<(Purpose, bool)> {
    let is_set = |name| given.get(name) == Some("true");
    let purpose = match (is_set("cli"), given.get("redirect_uri")) {
        (false, None) => Purpose::SignIn { flow: None },
        // O03
        (true, Some(text)) => Purpose::Cli {
            redirect: LoopbackRedirect::parse(text).ok()?,
        },
        (true, None) | (false, Some(_)) => return None,
    };
    Some((purpose, is_set("force")))
}

/// Leads the browser to GitHub to add another account of theirs.
///
/// For the bearer of a token that somebody got by signing in with us. The account is always chosen anew, so that a link
/// that somebody else has made does not pass unseen.
#[utoipa::path(get, path = "/api/auth/github/add-account", tag = "console", operation_id = "console_github_add_account",
    params(("token" = String, Query, description = "A download token for this path, or an access token", example = "az_dt_0123456789abcdefghijkl")),
    responses((status = 302, description = "To GitHub, or to the web console with `error`")))]
pub async fn add_account(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let front_end = FrontEnd::of(&visitor.state);
    let given = read(query);
    let token = given.as_ref().and_then(|given| given.get("token"));
    let Some(token) = token else {
        return front_end.failed("unauthorized");
    };
    let (user, session) = match bearer(&visitor, token).await {
        Ok(Some(bearer)) => bearer,
        Ok(None) => return front_end.failed("unauthorized"),
        Err(error) => return fault(&error),
    };
    let is_another = visitor.signed_in.as_ref().is_some_and(|who| who.user.id != user);
    if is_another {
        return front_end.failed("signed_in_as_another");
    }
    leave(&visitor, (Purpose::Add { user, session }, true)).await
}

/// Whose token it is: one for this address and one use, or the access token itself.
async fn bearer(visitor: &Visitor, token: &str) -> Result<Option<(UserId, SessionId)>, Fault> {
    let (authority, ctx) = (&visitor.state.authority, &visitor.ctx);
    match authority.redeem_download_token(ctx, token, ADD_ACCOUNT).await {
        Ok((user, session)) => return Ok(Some((user.id, session.id))),
        Err(DownloadError::Fault(fault)) => return Err(fault),
        Err(DownloadError::Invalid | DownloadError::Malformed) => {}
    }
    Ok(match authority.identify(ctx, token).await? {
        Some(Caller::Session { user, session, .. }) => Some((user.id, session.id)),
        _ => None,
    })
}

async fn leave(visitor: &Visitor, (purpose, choose_account): (Purpose, bool)) -> Response {
    let start = Start {
        provider: PROVIDER,
        callback: CALLBACK,
        page: None,
        purpose,
        choose_account,
        browser: visitor.mark_digest(),
    };
    let front_end = FrontEnd::of(&visitor.state);
    let response = match visitor
        .state
        .authority
        .start_federation(&visitor.ctx, start)
        .await
    {
        Ok(url) => found(url.as_str()),
        Err(StartError::UnknownProvider | StartError::PageNotAllowed) => front_end.failed("not_configured"),
        Err(StartError::Upstream(error)) => {
            tracing::warn!(%error, "GitHub can't be asked");
            front_end.failed("github_unavailable")
        }
        Err(StartError::Fault(error)) => return fault(&error),
    };
    visitor.mark(response)
}

/// Where GitHub sends the browser back to; people are led on to the web console or their command line program.
///
/// Works once, in the browser that began, within ten minutes. A failure travels along as `error`.
#[utoipa::path(get, path = "/api/auth/github/callback", tag = "console", operation_id = "console_github_callback",
    params(
        ("state" = Option<String>, Query, description = "What the browser left with", example = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"),
        ("code" = Option<String>, Query, description = "GitHub's code", example = "9a1c03f2d4e5"),
        ("error" = Option<String>, Query, description = "Why GitHub gave none", example = "access_denied"),
        ("iss" = Option<String>, Query, description = "Who answers (RFC 9207)", example = "https://github.com/login/oauth")),
    responses((status = 302, description = "To the web console or the program, with tokens or with `error`")))]
pub async fn callback(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let front_end = FrontEnd::of(&visitor.state);
    let Some(given) = read(query) else {
        return front_end.failed("invalid_request");
    };
    let back = Callback {
        provider: PROVIDER,
        callback: CALLBACK,
        state: given.get("state").unwrap_or_default(),
        code: given.get("code"),
        error: given.get("error"),
        issuer: given.get("iss"),
        browser: visitor.mark_digest(),
        // These doors start sessions of their own; the one of the browser's pages stays as it is.
        present: None,
    };
    let authority = &visitor.state.authority;
    match authority.finish_federation(&visitor.ctx, back).await {
        Ok(Finished::SignedIn { sign_in, purpose }) => arrived(&visitor, (sign_in, &purpose)).await,
        Ok(Finished::Linked(_)) => front_end.go(&[("linked", PROVIDER)], &[]),
        Err(Unfinished {
            why: FederationError::Fault(error),
            ..
        }) => fault(&error),
        Err(Unfinished { why, .. }) => {
            tracing::warn!(%why, "signing in with GitHub failed");
            front_end.failed(code(&why))
        }
    }
}

async fn arrived(visitor: &Visitor, (sign_in, purpose): (SignIn, &Purpose)) -> Response {
    match (sign_in, purpose) {
        (SignIn::Done(signed_in), Purpose::Cli { redirect }) => {
            to_program(visitor, &signed_in, redirect).await
        }
        (SignIn::Done(signed_in), _) => to_console(visitor, &signed_in).await,
        (SignIn::SecondFactor(pending), Purpose::Cli { redirect }) => {
            let url = redirect.with(&[("error", MFA), ("pending_token", pending.expose())]);
            found(url.as_str())
        }
        (SignIn::SecondFactor(pending), _) => FrontEnd::of(&visitor.state).go(
            &[("error", MFA)],
            &[("error", MFA), ("pending_token", pending.expose())],
        ),
    }
}

const MFA: &str = "mfa_required";

async fn to_console(visitor: &Visitor, signed_in: &SignedIn) -> Response {
    let front_end = FrontEnd::of(&visitor.state);
    match issue(visitor, signed_in, Renewal::Refreshing).await {
        Ok(tokens) => {
            let refresh = tokens.refresh_token.as_ref().map_or("", |token| token.expose());
            front_end.go(
                &[],
                &[("token", tokens.access_token.expose()), ("refreshToken", refresh)],
            )
        }
        Err(error) => not_issued(&front_end, error),
    }
}

/// A program gets no refresh token here, so its access token lives longer.
async fn to_program(visitor: &Visitor, signed_in: &SignedIn, redirect: &LoopbackRedirect) -> Response {
    match issue(visitor, signed_in, Renewal::Never).await {
        Ok(tokens) => {
            let url = redirect.with(&[("token", tokens.access_token.expose())]);
            found(url.as_str())
        }
        Err(error) => not_issued(&FrontEnd::of(&visitor.state), error),
    }
}

async fn issue(
    visitor: &Visitor,
    signed_in: &SignedIn,
    renewal: Renewal,
) -> Result<TokenResponse, SignInError> {
    let authority = &visitor.state.authority;
    authority
        .issue_first_party(&visitor.ctx, FirstParty::Console, signed_in, renewal)
        .await
}

fn not_issued(front_end: &FrontEnd, error: SignInError) -> Response {
    match error {
        SignInError::Stale | SignInError::SessionEnded => front_end.failed("try_again"),
        SignInError::Fault(error) => fault(&error),
    }
}

fn code(why: &FederationError) -> &'static str {
    match why {
        FederationError::UnknownProvider => "not_configured",
        FederationError::StateInvalid => "invalid_state",
        FederationError::StateExpired => "state_expired",
        FederationError::Denied => "access_denied",
        FederationError::Upstream(_) => "github_unavailable",
        FederationError::NoEmail => "no_email",
        FederationError::EmailUnverified => "email_unverified",
        FederationError::DomainNotAllowed => "domain_not_allowed",
        FederationError::EmailTaken => "email_taken",
        FederationError::RegistrationClosed => "registration_closed",
        FederationError::TooManyAttempts { .. } => "rate_limited",
        FederationError::Disabled => "account_disabled",
        FederationError::EmailNotVerified { .. } => "email_not_verified",
        FederationError::LinkedElsewhere => "linked_elsewhere",
        FederationError::SignInFirst => "unauthorized",
        FederationError::Stale => "try_again",
        FederationError::Fault(_) => "internal_error",
    }
}
