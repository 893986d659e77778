//! API keys at any surface: what is wrong with a wish for one, in words.

use domain::api_keys::{CreateKeyError, ExchangeError};
use serde_json::json;

use super::Failure;

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
