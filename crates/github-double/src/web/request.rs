//! The authorization request, judged before anybody is asked.
//! Sends nobody to an address that the client has not registered.

use url::Url;

use crate::call::{Pairs, first};
use crate::scope::Scopes;
use crate::world::{Client, World};

const ERRORS: &str =
    "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/";
/// The length of a SHA-256 in base64url (RFC 7636 §4.2).
const CHALLENGE_CHARS: usize = 43;

/// A request that may be put to a person.
pub(super) struct AuthorizationRequest {
    pub(super) client_id: String,
    /// Where the answer goes.
    pub(super) destination: Url,
    pub(super) scopes: Scopes,
    pub(super) state: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) login: Option<String>,
    pub(super) select_account: bool,
}

/// Why nobody is asked.
pub(super) enum Refusal {
    /// There is no such client, or nowhere to go: a page that says Not Found.
    NotFound,
    /// The client is told.
    Redirect(Url),
}

impl AuthorizationRequest {
    pub(super) fn judge(pairs: &Pairs, world: &World) -> Result<Self, Refusal> {
        let client = first(pairs, "client_id").and_then(|id| world.client(id));
        let client = client.ok_or(Refusal::NotFound)?;
        let registered = client.callbacks.first().ok_or(Refusal::NotFound)?;
        let state = first(pairs, "state");
        let tell = |error: &str, description: &str, at: &Url| {
            Refusal::Redirect(with_error(at, state, error, description))
        };
        let redirect_uri = accepted(&client, first(pairs, "redirect_uri")).map_err(|()| {
            let description = "The redirect_uri MUST match the registered callback URL for this application.";
            tell("redirect_uri_mismatch", description, registered)
        })?;
        let destination = redirect_uri.unwrap_or_else(|| registered.clone());
        let challenge = challenge(pairs).map_err(|()| {
            let description = "The code_challenge must be a SHA-256 and code_challenge_method must be S256.";
            tell("invalid_request", description, &destination)
        })?;
        Ok(Self {
            client_id: client.id.to_owned(),
            destination,
            scopes: scopes(&client, pairs),
            state: state.map(str::to_owned),
            challenge,
            login: first(pairs, "login").map(str::to_owned),
            select_account: first(pairs, "prompt") == Some("select_account"),
        })
    }

    pub(super) fn denied(&self) -> Url {
        let description = "The user has denied your application access.";
        with_error(
            &self.destination,
            self.state.as_deref(),
            "access_denied",
            description,
        )
    }

    pub(super) fn allowed(&self, code: &str) -> Url {
        let mut url = self.destination.clone();
        url.query_pairs_mut().append_pair("code", code);
        with_state(url, self.state.as_deref())
    }
}

fn accepted(client: &Client<'_>, asked: Option<&str>) -> Result<Option<Url>, ()> {
    let Some(asked) = asked else {
        return Ok(None);
    };
    let asked: Url = asked.parse().map_err(|_| ())?;
    let mut registered = client.callbacks.iter();
    let fits = registered.any(|registered| client.rule().accepts(registered, &asked));
    if fits { Ok(Some(asked)) } else { Err(()) }
}

/// RFC 7636 §4.3; GitHub knows S256 only.
fn challenge(pairs: &Pairs) -> Result<Option<String>, ()> {
    let method = first(pairs, "code_challenge_method");
    let Some(challenge) = first(pairs, "code_challenge") else {
        return if method.is_none() { Ok(None) } else { Err(()) };
    };
    let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let digest = challenge.len() == CHALLENGE_CHARS && challenge.bytes().all(base64url);
    if digest && method == Some("S256") {
        Ok(Some(challenge.to_owned()))
    } else {
        Err(())
    }
}

/// A GitHub App has permissions, and no scopes.
fn scopes(client: &Client<'_>, pairs: &Pairs) -> Scopes {
    match client.app {
        Some(_) => Scopes::default(),
        None => Scopes::parse(first(pairs, "scope").unwrap_or_default()),
    }
}

fn with_error(at: &Url, state: Option<&str>, error: &str, description: &str) -> Url {
    let mut url = at.clone();
    url.query_pairs_mut()
        .append_pair("error", error)
        .append_pair("error_description", description)
        .append_pair("error_uri", &format!("{ERRORS}#{}", error.replace('_', "-")));
    with_state(url, state)
}

/// Adds the state when there is one.
pub(super) fn with_state(mut url: Url, state: Option<&str>) -> Url {
    if let Some(state) = state {
        url.query_pairs_mut().append_pair("state", state);
    }
    url
}
