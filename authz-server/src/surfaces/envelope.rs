//! Which surface a path belongs to, and the one body that errors have on all of them.
//! Refuses HTML and plain text, whatever the caller would rather read.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use serde_json::json;

use super::Failure;

/// A base path with a document behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Surface {
    /// `/auth`
    Platform,
    /// `/api`, without what is the console's
    Tokens,
    /// `/api/auth`
    Console,
    /// `/v1`
    V1,
}

impl Surface {
    /// The surface at a path, if there is one; the longest base wins.
    pub fn of_path(path: &str) -> Option<Self> {
        const BASES: [(&str, Surface); 4] = [
            ("/api/auth", Surface::Console),
            ("/api", Surface::Tokens),
            ("/auth", Surface::Platform),
            ("/v1", Surface::V1),
        ];
        let below = |base: &str| {
            path.strip_prefix(base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        BASES
            .iter()
            .find(|(base, _)| below(base))
            .map(|(_, surface)| *surface)
    }

    fn spell(self, code: &str) -> String {
        match self {
            Self::V1 => code.to_ascii_uppercase(),
            Self::Platform | Self::Tokens | Self::Console => code.to_owned(),
        }
    }

    /// `bare` with the failure's words; headers that the way out has put on it stay.
    pub fn explain(self, failure: &Failure, bare: Response, request_id: &str) -> Response {
        let body = json!({
            "error": {
                "code": self.spell(failure.code()),
                "message": failure.message(),
                "details": failure.details(),
            },
            "meta": { "requestId": request_id },
        });
        let (mut parts, _) = bare.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        parts
            .headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        parts
            .headers
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Response::from_parts(parts, Body::from(body.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_base_path_wins_and_neighbours_are_none() {
        for (path, surface) in [
            ("/api/auth/login", Some(Surface::Console)),
            ("/api/authors", Some(Surface::Tokens)),
            ("/api", Some(Surface::Tokens)),
            ("/auth/me", Some(Surface::Platform)),
            ("/authorize", None),
            ("/v1", Some(Surface::V1)),
            ("/v10/x", None),
            ("/oauth2/token", None),
        ] {
            assert_eq!(Surface::of_path(path), surface, "{path}");
        }
    }
}
