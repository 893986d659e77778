//! What several operations of `/auth` answer.

use domain::oauth::{FirstParty, Renewal};
use domain::people::SignedIn;
use model::Ctx;
use model::user::User;
use oauth::token::TokenResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::{Failure, sign_in, time};

/// A pair of tokens and whose they are.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::SignedInBody)]
pub struct SignedInBody {
    #[serde(flatten)]
    tokens: TokenPair,
    user: UserBody,
}

/// An access token and what the next one is got with.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::TokenPair)]
pub struct TokenPair {
    /// A JWT (RFC 9068).
    access_token: String,
    /// Good for one use.
    refresh_token: Option<String>,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds.
    #[schema(example = 900)]
    expires_in: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = platform::UserBody)]
pub struct UserBody {
    #[schema(example = "usr_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// Twelve digits.
    #[schema(example = "123456789012")]
    account_id: String,
    #[schema(example = "ada@example.com")]
    email: String,
    name: Option<String>,
    email_verified: bool,
    created_at: String,
}

/// That something was done.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::StatusBody)]
pub struct StatusBody {
    #[schema(example = "ok")]
    pub status: &'static str,
}

impl StatusBody {
    pub const OK: Self = Self { status: "ok" };
}

impl From<TokenResponse> for TokenPair {
    fn from(tokens: TokenResponse) -> Self {
        Self {
            access_token: tokens.access_token.expose().to_owned(),
            refresh_token: tokens.refresh_token.map(|token| token.expose().to_owned()),
            token_type: "Bearer",
            expires_in: tokens.expires_in,
        }
    }
}

impl SignedInBody {
    /// Issues the tokens of somebody who has just signed in.
    pub async fn issue(state: &AppState, ctx: &Ctx, signed_in: &SignedIn) -> Result<Self, Failure> {
        let door = (FirstParty::Platform, Renewal::Refreshing);
        let tokens = sign_in::tokens(state, ctx, door, signed_in).await?;
        Ok(Self {
            tokens: tokens.into(),
            user: UserBody::of(state, ctx, &signed_in.user).await?,
        })
    }
}

impl UserBody {
    async fn of(state: &AppState, ctx: &Ctx, user: &User) -> Result<Self, Failure> {
        Ok(Self {
            id: user.id.to_string(),
            account_id: state.authority.account_number(ctx, user.id).await?.to_string(),
            email: user.email.to_string(),
            name: user.profile.name.clone(),
            email_verified: user.email_verified_at.is_some(),
            created_at: time::rfc3339(user.created_at),
        })
    }
}
