//! What several operations of `/v1` answer.
//! Refuses to differ between the two documents where they mean the same.

use domain::oauth::{FirstParty, Renewal};
use domain::people::SignedIn;
use model::Ctx;
use model::user::User;
use oauth::token::TokenResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::{Failure, sign_in, time};

/// Somebody who has just got an account or signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Person)]
pub struct PersonBody {
    #[schema(example = "usr_0123456789abcdefghjkmnpqrs")]
    id: String,
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
}

/// Everything about a person.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::User)]
pub struct UserBody {
    #[serde(flatten)]
    person: PersonBody,
    username: Option<String>,
    avatar: Option<String>,
    company: Option<String>,
    /// Of the account.
    #[schema(example = "free")]
    plan: String,
    #[schema(example = "user")]
    role: &'static str,
    two_factor_enabled: bool,
    email_verified_at: Option<String>,
    /// The new address that was just asked for; it counts once its mail was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ada@example.net")]
    pub pending_email: Option<String>,
    /// When the account is to be erased, if its owner has asked for that.
    #[schema(example = "2026-12-05T12:29:10Z")]
    deletion_scheduled_for: Option<String>,
    created_at: String,
    updated_at: String,
}

/// An access token and what the next one is got with.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::TokenPair)]
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

impl From<&User> for PersonBody {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.to_string(),
            name: user.profile.name.clone(),
        }
    }
}

impl UserBody {
    pub async fn of(state: &AppState, ctx: &Ctx, user: &User) -> Result<Self, Failure> {
        let authority = &state.authority;
        let deletion = authority.pending_deletion(user).await?;
        Ok(Self {
            person: PersonBody::from(user),
            username: user.username.as_ref().map(ToString::to_string),
            avatar: user.profile.picture.clone(),
            company: user.profile.company.clone(),
            plan: authority.plan_of(ctx, user.id).await?,
            role: user.role.as_str(),
            two_factor_enabled: authority.second_factor_state(user.id).await?.is_on(),
            email_verified_at: user.email_verified_at.map(time::rfc3339),
            pending_email: None,
            deletion_scheduled_for: deletion.map(|deletion| time::rfc3339(deletion.scheduled_for)),
            created_at: time::rfc3339(user.created_at),
            updated_at: time::rfc3339(user.updated_at),
        })
    }
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

/// Somebody who has come back from a provider or a mailbox.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Arrival)]
pub struct Arrival {
    #[serde(flatten)]
    tokens: TokenPair,
    user: UserBody,
}

impl Arrival {
    pub async fn of(state: &AppState, ctx: &Ctx, signed_in: &SignedIn) -> Result<Self, Failure> {
        let tokens = tokens(state, ctx, signed_in).await?;
        // Signing in may have confirmed the address.
        let user = state.authority.find_user(&signed_in.user.id.to_string()).await?;
        let user = user.as_ref().unwrap_or(&signed_in.user);
        Ok(Self {
            tokens: tokens.into(),
            user: UserBody::of(state, ctx, user).await?,
        })
    }
}

/// A renewable pair for somebody who has just signed in here.
pub async fn tokens(state: &AppState, ctx: &Ctx, signed_in: &SignedIn) -> Result<TokenResponse, Failure> {
    sign_in::tokens(state, ctx, (FirstParty::V1, Renewal::Refreshing), signed_in).await
}
