//! The browser behind a request, where one has to be known again.
//! Refuses to take it for a person: whoever is signed in says so with a token.

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;
use model::{Ctx, SecretDigest};

use super::Failure;
use crate::app::AppState;
use crate::http::Problem;
use crate::pages::mark::BrowserMark;

/// By its mark; one that has none yet gets it with the answer.
pub struct Browser {
    mark: BrowserMark,
    https: bool,
}

impl FromRequestParts<AppState> for Browser {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let ctx = parts.extensions.get::<Ctx>().ok_or(Problem::INTERNAL)?;
        Ok(Self {
            mark: BrowserMark::of(&parts.headers, state.https, ctx.random.as_ref()),
            https: state.https,
        })
    }
}

impl Browser {
    pub fn digest(&self) -> SecretDigest {
        self.mark.digest()
    }

    /// `response`, with the mark in a cookie.
    pub fn keep(&self, response: Response) -> Response {
        self.mark.keep(response, self.https)
    }
}
