//! What the stand-in has been asked, for tests to look at.
//! Keeps no bodies and no credentials.

use serde::Serialize;

use crate::Endpoint;

/// Whom a request was authenticated as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticatedAs {
    /// No credential, or one that is not accepted.
    Nobody,
    /// A person, by login, with a user token.
    Person(String),
    /// An installation, by number, with an installation token.
    Installation(u64),
    /// A GitHub App, by number, with a JWT.
    App(u64),
    /// An OAuth client, by client id, with its secret.
    Client(String),
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenRequest {
    /// The method.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The operation, when there is one.
    pub endpoint: Option<Endpoint>,
    /// Whom it was authenticated as.
    pub authenticated_as: AuthenticatedAs,
    /// The answer's status; absent when the connection was closed instead.
    pub status: Option<u16>,
}

/// One event that was sent to an app's webhook address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentEvent {
    /// The value of `X-GitHub-Delivery`.
    pub delivery: String,
    /// The value of `X-GitHub-Event`.
    pub event: String,
    /// The member `action` of the event.
    pub action: String,
    /// The receiver's answer; absent when there was none.
    pub status: Option<u16>,
}
