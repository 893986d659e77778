//! Who makes a request to the REST API, by its `Authorization` header alone.
//! Decides nothing about what the caller may do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::jwt;
use crate::problem::Problem;
use crate::seen::AuthenticatedAs;
use crate::world::{InstallationToken, UserToken, World};

/// The caller.
#[derive(Clone)]
pub(crate) enum Caller {
    /// Sent no credential.
    Anonymous,
    /// Sent one that is not accepted.
    Refused(Problem),
    /// A person, through a client.
    User(UserToken),
    /// An installation of an app; the text is the token.
    Installation(String, InstallationToken),
    /// A GitHub App itself.
    App(u64),
    /// A client with its secret.
    Client(String),
}

impl Caller {
    pub(crate) fn identify(headers: &HeaderMap, world: &World, now: i64) -> Self {
        let Some(value) = headers.get(AUTHORIZATION) else {
            return Self::Anonymous;
        };
        let credential = value.to_str().ok().and_then(|value| value.split_once(' '));
        let Some((scheme, credential)) = credential else {
            return Self::Refused(Problem::bad_credentials());
        };
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" | "token" => Self::by_token(credential.trim(), world, now),
            "basic" => Self::by_secret(credential.trim(), world),
            _ => Self::Refused(Problem::bad_credentials()),
        }
    }

    fn by_token(text: &str, world: &World, now: i64) -> Self {
        if let Some(token) = world.user_token(text, now) {
            return Self::User(token.clone());
        }
        if let Some(token) = world.installation_token(text, now) {
            return Self::Installation(text.to_owned(), token.clone());
        }
        if !jwt::looks_like_jwt(text) {
            return Self::Refused(Problem::bad_credentials());
        }
        jwt::verify(text, &world.github_apps, now).map_or_else(Self::Refused, Self::App)
    }

    fn by_secret(packed: &str, world: &World) -> Self {
        let client = || {
            let text = String::from_utf8(STANDARD.decode(packed).ok()?).ok()?;
            let (id, secret) = text.split_once(':')?;
            let client = world.client(id).filter(|client| client.secret == secret)?;
            Some(client.id.to_owned())
        };
        client().map_or(Self::Refused(Problem::bad_credentials()), Self::Client)
    }

    /// For the log of requests.
    pub(crate) fn authenticated_as(&self, world: &World) -> AuthenticatedAs {
        match self {
            Self::Anonymous | Self::Refused(_) => AuthenticatedAs::Nobody,
            Self::User(token) => {
                let login = world.people.get(&token.person).map(|person| person.login.clone());
                login.map_or(AuthenticatedAs::Nobody, AuthenticatedAs::Person)
            }
            Self::Installation(_, token) => AuthenticatedAs::Installation(token.installation),
            Self::App(id) => AuthenticatedAs::App(*id),
            Self::Client(id) => AuthenticatedAs::Client(id.clone()),
        }
    }

    /// Whose rate limit counts.
    pub(crate) fn rate_key(&self) -> Option<String> {
        match self {
            Self::Anonymous | Self::Refused(_) => None,
            Self::User(token) => Some(format!("user {}", token.person)),
            Self::Installation(_, token) => Some(format!("installation {}", token.installation)),
            Self::App(id) => Some(format!("app {id}")),
            Self::Client(id) => Some(format!("client {id}")),
        }
    }

    /// The person, where only a user token will do.
    pub(crate) fn user(&self) -> Result<&UserToken, Problem> {
        match self {
            Self::User(token) => Ok(token),
            Self::Anonymous | Self::Client(_) => Err(Problem::requires_authentication()),
            Self::Refused(_) => Err(Problem::bad_credentials()),
            Self::Installation(..) | Self::App(_) => Err(Problem::not_for_integrations()),
        }
    }

    /// The app, where only its JWT will do.
    pub(crate) fn app(&self) -> Result<u64, Problem> {
        match self {
            Self::App(id) => Ok(*id),
            // A token that is no JWT at all is answered like a broken one.
            Self::Refused(problem) if !problem.is_bad_credentials() => Err(problem.clone()),
            Self::Refused(_) | Self::Anonymous | Self::User(_) | Self::Installation(..) | Self::Client(_) => {
                Err(jwt::UNDECODABLE)
            }
        }
    }

    /// The client of the path, where only its secret will do.
    pub(crate) fn client(&self, wanted: &str) -> Result<(), Problem> {
        match self {
            Self::Client(id) if id == wanted => Ok(()),
            Self::Refused(_) => Err(Problem::bad_credentials()),
            Self::Anonymous => Err(Problem::requires_authentication()),
            Self::Client(_) | Self::User(_) | Self::Installation(..) | Self::App(_) => {
                Err(Problem::not_found())
            }
        }
    }
}
