//! API keys at any surface: a page of them, the end of one, and what is wrong with a wish for one, in words.
//! Refuses to know how a surface spells a key.

use domain::api_keys::{CreateKeyError, ExchangeError, RotateKeyError, RotatedKey};
use model::api_key::{ApiKey, KeyKind, KeyOverlap};
use model::audit::Actor;
use model::user::User;
use model::{Ctx, UserId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Failure;
use super::page::Page;
use crate::app::AppState;

/// The user's live keys of these kinds that stand on the page, newest first, and how many there are in all.
pub async fn on_page(
    state: &AppState,
    ctx: &Ctx,
    (user, kinds): (UserId, &[KeyKind]),
    page: Page,
) -> Result<(Vec<ApiKey>, u64), Failure> {
    let keys = state.authority.list_api_keys(ctx, user, kinds).await?;
    let total = u64::try_from(keys.len()).unwrap_or(u64::MAX);
    Ok((page.cut(&keys).to_vec(), total))
}

/// Ends a key of the user; `unknown` is said of what is none, or somebody else's.
pub async fn end(
    state: &AppState,
    ctx: &Ctx,
    (user, id): (UserId, &str),
    unknown: &'static str,
) -> Result<(), Failure> {
    let unknown = || Failure::not_found(unknown);
    let id = id.parse().map_err(|_| unknown())?;
    let by = Actor::User(user);
    match state.authority.revoke_api_key(ctx, user, id, by).await? {
        true => Ok(()),
        false => Err(unknown()),
    }
}

/// For how long the old key goes on.
#[derive(Deserialize, Default, ToSchema)]
pub struct RotationWish {
    /// Hours or days, such as `24h`, which is the default; at most `7d`. `0h` ends the old key at once.
    #[schema(example = "24h")]
    overlap: Option<String>,
}

/// A new key in the place of one of the user's keys of these kinds; `unknown` is said of what is none.
pub async fn rotate(
    state: &AppState,
    ctx: &Ctx,
    (user, id, kinds): (&User, &str, &[KeyKind]),
    (wish, unknown): (RotationWish, &'static str),
) -> Result<RotatedKey, Failure> {
    let overlap = wish.overlap.as_deref().map(KeyOverlap::parse).transpose();
    let overlap = overlap.map_err(|error| Failure::invalid_field("overlap", error.to_string()))?;
    let unknown = || Failure::not_found(unknown);
    let id = id.parse().map_err(|_| unknown())?;
    let key = state.authority.find_api_key(ctx, user.id, id).await?;
    if key.is_none_or(|key| !kinds.contains(&key.kind)) {
        return Err(unknown());
    }
    let overlap = overlap.unwrap_or_default().duration();
    let rotated = state.authority.rotate_api_key(ctx, user, id, overlap).await;
    rotated.map_err(|error| match error {
        RotateKeyError::Unknown => unknown(),
        RotateKeyError::Replaced => {
            Failure::conflict("key_replaced", "Another key has taken its place before.")
        }
        RotateKeyError::Overlap => Failure::invalid_field("overlap", error.to_string()),
        RotateKeyError::Refused(error) => error.into(),
        RotateKeyError::Fault(fault) => fault.into(),
    })
}

impl From<CreateKeyError> for Failure {
    fn from(error: CreateKeyError) -> Self {
        let said = error.to_string();
        match error {
            CreateKeyError::Name(_) => Self::invalid_field("name", said),
            CreateKeyError::Permissions(problem) => {
                Self::invalid_field("scopes", said).with("entry", json!(problem.entry))
            }
            CreateKeyError::Life(_) | CreateKeyError::TooLong => Self::invalid_field("expires_in", said),
            CreateKeyError::Address(_) => Self::invalid_field("addresses", said),
            CreateKeyError::Repository(_) => Self::invalid_field("repositories", said),
            CreateKeyError::Scope(refusal) => {
                Self::forbidden("insufficient_scope", said).with("entry", json!(refusal.entry))
            }
            CreateKeyError::AdministratorsOnly => Self::forbidden("administrators_only", said),
            CreateKeyError::NameTaken => {
                Self::conflict("duplicate_name", "Another key of yours has this name.")
            }
            CreateKeyError::Exceeded(exceeded) => exceeded.into(),
            CreateKeyError::TooMany => Self::conflict("too_many_keys", said),
            CreateKeyError::NotNow => Self::conflict("account_suspended", said),
            CreateKeyError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Key => Self::dead_credential(),
            ExchangeError::Scope(missing) => {
                Self::forbidden("insufficient_scope", "The key may not do all that is asked for.")
                    .with("required_scope", json!(missing.to_string()))
            }
            ExchangeError::Audience => {
                Self::forbidden("invalid_target", "The key is not good at this audience.")
            }
            ExchangeError::Fault(fault) => fault.into(),
        }
    }
}
