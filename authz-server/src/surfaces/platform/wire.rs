//! What several operations of `/auth` answer.

use domain::oauth::{FirstParty, Renewal};
use domain::people::SignedIn;
use model::Ctx;
use model::audit::Actor;
use model::iam::AccountId;
use model::user::User;
use oauth::token::TokenResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::{Failure, time};

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
        Self::issue_in(state, ctx, signed_in, None).await
    }

    /// The same for an account that was chosen. Nobody but who works there gets a token for it, and the session that was
    /// begun for nothing ends.
    pub async fn issue_in(
        state: &AppState,
        ctx: &Ctx,
        signed_in: &SignedIn,
        account: Option<&AccountId>,
    ) -> Result<Self, Failure> {
        let authority = &state.authority;
        if let Some(account) = account
            && !authority.is_in_account(signed_in.user.id, account).await?
        {
            let by = Actor::User(signed_in.user.id);
            authority.end_session(ctx, signed_in.session.id, by).await?;
            return Err(Failure::forbidden(
                "not_a_member",
                "You do not work in this account.",
            ));
        }
        let door = (FirstParty::Platform, Renewal::Refreshing);
        let tokens = authority
            .issue_first_party_in(ctx, door, signed_in, account)
            .await?;
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
