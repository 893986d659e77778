//! The authorization response (RFC 6749 §4.1.2) with the issuer that answers (RFC 9207).
//! Refuses stray parameters: only what the standards name, in one order.

use crate::error::OAuthError;
use crate::secret::SecretText;

/// What goes back to the client by way of the browser.
pub struct AuthorizationResponse {
    /// A code, or why there is none.
    pub outcome: Result<SecretText, OAuthError>,
    /// The state of the request, byte for byte.
    pub state: Option<String>,
    /// The issuer, byte-equal to the metadata.
    pub iss: String,
}

impl AuthorizationResponse {
    /// The parameters, for a query or a form.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let mut pairs = Vec::with_capacity(4);
        match &self.outcome {
            Ok(code) => pairs.push(("code", code.expose())),
            Err(error) => {
                pairs.push(("error", error.code().as_str()));
                if !error.description().is_empty() {
                    pairs.push(("error_description", error.description()));
                }
            }
        }
        if let Some(state) = &self.state {
            pairs.push(("state", state));
        }
        // RFC 9207 §2
        pairs.push(("iss", &self.iss));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(outcome: Result<SecretText, OAuthError>, state: Option<&str>) -> AuthorizationResponse {
        AuthorizationResponse {
            outcome,
            state: state.map(str::to_owned),
            iss: "https://as/".to_owned(),
        }
    }

    /// O11
    #[test]
    fn success_and_error_both_name_the_issuer() {
        let success = response(Ok("c".into()), Some(" s&"));
        assert_eq!(
            success.pairs(),
            [("code", "c"), ("state", " s&"), ("iss", "https://as/")]
        );
        let error = response(Err(OAuthError::access_denied()), None);
        let described = ("error_description", "The request was denied");
        assert_eq!(
            error.pairs(),
            [("error", "access_denied"), described, ("iss", "https://as/")]
        );
    }
}
