//! What a service wants to know: an action on a resource, and what it says of the request.
//! Refuses shapes that no policy could speak of, and words that only the server may say.

use std::net::IpAddr;

use policy::{Context, may_be_told};

const MAX_ACTION_CHARS: usize = 128;
const MAX_RESOURCE_CHARS: usize = 2048;
/// Keys, and values of each.
const MAX_TOLD: usize = 64;
const MAX_VALUE_CHARS: usize = 2048;
const ARN_PARTS: usize = 6;

/// A well-formed question.
#[derive(Clone, Debug)]
pub struct Wish {
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) told: Context,
}

/// Why a question makes no sense.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WishError {
    #[error("action must be `service:name`, at most {MAX_ACTION_CHARS} letters, digits and `_-./`")]
    Action,
    #[error("resource must be an ARN of at most {MAX_RESOURCE_CHARS} characters")]
    Resource,
    #[error("there is too much context, or too long a value in it")]
    TooMuch,
    /// Only the server says these of somebody.
    #[error("the context may not say `{0}`")]
    Reserved(String),
}

impl Wish {
    /// # Errors
    /// See [`WishError`].
    pub fn new(action: &str, resource: &str, told: Context) -> Result<Self, WishError> {
        let fits = |one: u8| one.is_ascii_alphanumeric() || b"_-./".contains(&one);
        let parts = action.split_once(':');
        let named = parts.is_some_and(|(service, name)| {
            !service.is_empty() && !name.is_empty() && service.bytes().chain(name.bytes()).all(fits)
        });
        if !named || action.len() > MAX_ACTION_CHARS {
            return Err(WishError::Action);
        }
        let is_arn = resource.starts_with("arn:") && resource.split(':').count() >= ARN_PARTS;
        if !is_arn || resource.len() > MAX_RESOURCE_CHARS || resource.chars().any(char::is_control) {
            return Err(WishError::Resource);
        }
        judge(&told)?;
        Ok(Self {
            action: action.to_owned(),
            resource: resource.to_owned(),
            told,
        })
    }

    /// The same by somebody who cannot choose what is known of the request.
    #[must_use]
    pub fn seen_from(self, address: Option<IpAddr>) -> Self {
        let mut told = Context::new();
        if let Some(address) = address {
            told.add("request:ip", address.to_canonical().to_string());
        }
        Self { told, ..self }
    }

    /// The account that the resource is said to be of; none where that is left empty.
    pub(super) fn account(&self) -> Option<&str> {
        self.resource.split(':').nth(4).filter(|part| !part.is_empty())
    }
}

fn judge(told: &Context) -> Result<(), WishError> {
    for (count, (key, values)) in told.iter().enumerate() {
        let long = values.iter().any(|value| value.len() > MAX_VALUE_CHARS);
        if count >= MAX_TOLD || values.len() > MAX_TOLD || long {
            return Err(WishError::TooMuch);
        }
        if !may_be_told(key) {
            return Err(WishError::Reserved(key.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_questions_that_policies_can_answer_are_asked() {
        let arn = "arn:authz:orders:::order/7";
        let ask = |action: &str, resource: &str, key: &str| {
            Wish::new(action, resource, Context::new().with(key, "x")).err()
        };
        assert_eq!(ask("orders:Read", arn, "request:ip"), None);
        assert_eq!(ask("orders:Read", arn, "orders:amount"), None);
        for action in ["", "read", "orders:", ":Read", "orders:*", "orders:Read All"] {
            assert_eq!(ask(action, arn, "x:y"), Some(WishError::Action), "{action}");
        }
        for resource in ["", "*", "order/7", "arn:authz:orders", "arn:a:b:c:d:\n"] {
            assert_eq!(
                ask("orders:Read", resource, "x:y"),
                Some(WishError::Resource),
                "{resource}"
            );
        }
        for key in [
            "iam:username",
            "IAM:mfa",
            "token:scope",
            "request:time",
            "request:nothing",
        ] {
            let reserved = WishError::Reserved(key.to_ascii_lowercase());
            assert_eq!(ask("orders:Read", arn, key), Some(reserved));
        }
    }
}
