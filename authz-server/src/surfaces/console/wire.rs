//! What several operations of `/api/auth` answer.

use oauth::token::TokenResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// An access token and what the next one is got with.
#[derive(Serialize, ToSchema)]
#[schema(as = console::TokenPair)]
#[serde(rename_all = "camelCase")]
pub struct TokenPair {
    /// A JWT (RFC 9068).
    pub token: String,
    /// Good for one use.
    pub refresh_token: String,
}

impl From<TokenResponse> for TokenPair {
    fn from(tokens: TokenResponse) -> Self {
        let refresh_token = tokens.refresh_token.map(|token| token.expose().to_owned());
        Self {
            token: tokens.access_token.expose().to_owned(),
            refresh_token: refresh_token.unwrap_or_default(),
        }
    }
}

/// That something was done.
#[derive(Serialize, ToSchema)]
#[schema(as = console::StatusBody)]
pub struct StatusBody {
    #[schema(example = "ok")]
    pub status: &'static str,
}

impl StatusBody {
    pub const OK: Self = Self { status: "ok" };
}
