//! API keys at any surface: a page of them, the end of one, and what is wrong with a wish for one, in words.
//! Refuses to know how a surface spells a key.

use domain::api_keys::{CreateKeyError, ExchangeError};
use model::api_key::{ApiKey, KeyKind};
use model::audit::Actor;
use model::{Ctx, UserId};
use serde_json::json;

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
