//! The token endpoint: a code or a refresh token against tokens.
//! Answers errors with 200, as GitHub does, and does not say whether it was the client's name or its secret that was wrong.

use axum::response::{IntoResponse, Response};
use http::header::ACCEPT;
use url::Url;

use crate::call::{Call, Pairs, first};
use crate::problem::json_answer;
use crate::seen::AuthenticatedAs;
use crate::world::{Code, Issued, World};

const ERRORS: &str =
    "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/";

/// An error by name; the anchor of its explanation follows from it.
#[derive(Clone, Copy)]
enum TokenError {
    IncorrectClientCredentials,
    RedirectUriMismatch,
    BadVerificationCode,
    BadRefreshToken,
    UnsupportedGrantType,
    UnverifiedUserEmail,
}

impl TokenError {
    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::IncorrectClientCredentials => (
                "incorrect_client_credentials",
                "The client_id and/or client_secret passed are incorrect.",
            ),
            Self::RedirectUriMismatch => (
                "redirect_uri_mismatch",
                "The redirect_uri MUST match the registered callback URL for this application.",
            ),
            Self::BadVerificationCode => (
                "bad_verification_code",
                "The code passed is incorrect or expired.",
            ),
            Self::BadRefreshToken => (
                "bad_refresh_token",
                "The refresh token passed is incorrect or expired.",
            ),
            Self::UnsupportedGrantType => (
                "unsupported_grant_type",
                "The grant_type passed is not supported.",
            ),
            Self::UnverifiedUserEmail => (
                "unverified_user_email",
                "The user must have a verified primary email.",
            ),
        }
    }

    fn pairs(self) -> Vec<(&'static str, String)> {
        let (error, description) = self.text();
        vec![
            ("error", error.to_owned()),
            ("error_description", description.to_owned()),
            ("error_uri", format!("{ERRORS}#{}", error.replace('_', "-"))),
        ]
    }
}

pub(super) fn answer(call: &Call<'_>) -> Response {
    let mut pairs = call.raw.body_pairs();
    pairs.extend(call.raw.query_pairs());
    let mut world = call.shared.world();
    let client_id = match client(&pairs, &world) {
        Ok(client_id) => client_id,
        Err(error) => return present(call, &error.pairs()),
    };
    let outcome = match first(&pairs, "grant_type") {
        None | Some("authorization_code") => by_code(call, &mut world, &client_id, &pairs),
        Some("refresh_token") => by_refresh_token(call, &mut world, &client_id, &pairs),
        Some(_) => Err(TokenError::UnsupportedGrantType),
    };
    let shown = outcome.map_or_else(TokenError::pairs, |issued| members(&issued));
    let mut response = present(call, &shown);
    response
        .extensions_mut()
        .insert(AuthenticatedAs::Client(client_id));
    response
}

fn client(pairs: &Pairs, world: &World) -> Result<String, TokenError> {
    let client = first(pairs, "client_id").and_then(|id| world.client(id));
    client
        .filter(|client| first(pairs, "client_secret") == Some(client.secret))
        .map(|client| client.id.to_owned())
        .ok_or(TokenError::IncorrectClientCredentials)
}

fn by_code(call: &Call<'_>, world: &mut World, client_id: &str, pairs: &Pairs) -> Result<Issued, TokenError> {
    let text = first(pairs, "code").ok_or(TokenError::BadVerificationCode)?;
    let code = world
        .consume_code(text, client_id, call.now)
        .ok_or(TokenError::BadVerificationCode)?;
    if !same_destination(&code, first(pairs, "redirect_uri")) {
        return Err(TokenError::RedirectUriMismatch);
    }
    if !code.is_proved_by(first(pairs, "code_verifier")) {
        return Err(TokenError::BadVerificationCode);
    }
    let person = world
        .people
        .get(&code.person)
        .ok_or(TokenError::BadVerificationCode)?;
    if call.shared.refuse_unverified_people && !person.primary_is_verified() {
        return Err(TokenError::UnverifiedUserEmail);
    }
    Ok(world.issue_user_token(client_id, code.person, code.scopes, call.now))
}

/// RFC 6749 §4.1.3, except that GitHub lets a client leave the address out.
fn same_destination(code: &Code, asked: Option<&str>) -> bool {
    let Some(asked) = asked else {
        return true;
    };
    asked.parse::<Url>().is_ok_and(|asked| asked == code.destination)
}

fn by_refresh_token(
    call: &Call<'_>,
    world: &mut World,
    client_id: &str,
    pairs: &Pairs,
) -> Result<Issued, TokenError> {
    let text = first(pairs, "refresh_token").ok_or(TokenError::BadRefreshToken)?;
    world
        .refresh(text, client_id, call.now)
        .ok_or(TokenError::BadRefreshToken)
}

fn members(issued: &Issued) -> Vec<(&'static str, String)> {
    let mut members = vec![("access_token", issued.access_token.clone())];
    if let Some(refresh) = &issued.refresh {
        members.push(("expires_in", refresh.access_expires_in.to_string()));
        members.push(("refresh_token", refresh.token.clone()));
        members.push(("refresh_token_expires_in", refresh.expires_in.to_string()));
    }
    members.push(("scope", issued.scopes.join(",")));
    members.push(("token_type", "bearer".to_owned()));
    members
}

/// A form, or JSON where the client prefers it; lifetimes are numbers there.
fn present(call: &Call<'_>, members: &[(&'static str, String)]) -> Response {
    let accept = call.raw.header(ACCEPT).unwrap_or_default();
    if !accept.contains("json") {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(members)
            .finish();
        let media_type = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        return (media_type, form).into_response();
    }
    let value = |name: &str, text: &String| match text.parse::<i64>() {
        Ok(seconds) if name.ends_with("expires_in") => seconds.into(),
        _ => text.as_str().into(),
    };
    let object: serde_json::Map<_, _> = members
        .iter()
        .map(|(name, text)| ((*name).to_owned(), value(name, text)))
        .collect();
    json_answer(http::StatusCode::OK, &object.into())
}
