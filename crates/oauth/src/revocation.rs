//! The token revocation request (RFC 7009 §2.1).
//! Refuses nothing but a missing token: the hint is carried, and never decides.

use crate::params::{Params, ParamsError};
use crate::secret::SecretText;

/// A wish to end one token.
#[derive(Clone)]
pub struct RevocationRequest {
    /// The token as it was issued.
    pub token: SecretText,
    /// What the caller takes it for.
    pub token_type_hint: Option<String>,
}

impl RevocationRequest {
    /// Reads the request.
    pub fn from_params(params: &Params) -> Result<Self, ParamsError> {
        Ok(Self {
            token: params.required("token")?.into(),
            token_type_hint: params.get("token_type_hint").map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamLimits;

    /// O32
    #[test]
    fn unknown_hint_is_carried_and_token_is_required() {
        let params = |text: &str| Params::parse(text.as_bytes(), &ParamLimits::default()).unwrap();
        let request = RevocationRequest::from_params(&params("token=t&token_type_hint=nonsense")).unwrap();
        assert_eq!(request.token_type_hint.as_deref(), Some("nonsense"));
        assert!(RevocationRequest::from_params(&params("token=")).is_err());
    }
}
