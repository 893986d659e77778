//! The logout request of a client (OpenID Connect RP-Initiated Logout §2).
//! Refuses nothing but what is too long: whether the hint is good and the URI registered is judged later.

use crate::authorization::MAX_STATE_LEN;
use crate::error::OAuthError;
use crate::params::Params;
use crate::redirect_uri;

/// A wish to end the session of the user.
#[derive(Clone, Default)]
pub struct LogoutRequest {
    /// An ID token of the session, unverified.
    pub id_token_hint: Option<String>,
    /// Who shall be logged out, in the client's words.
    pub logout_hint: Option<String>,
    /// The client as it names itself.
    pub client_id: Option<String>,
    /// Where to go afterwards, not yet compared with what is registered.
    pub post_logout_redirect_uri: Option<String>,
    /// What the client wants back there, byte for byte.
    pub state: Option<String>,
}

impl LogoutRequest {
    /// Reads the parameters.
    pub fn from_params(params: &Params) -> Result<Self, OAuthError> {
        let text = |name: &str| params.get(name).map(str::to_owned);
        let request = Self {
            id_token_hint: text("id_token_hint"),
            logout_hint: text("logout_hint"),
            client_id: text("client_id"),
            post_logout_redirect_uri: text("post_logout_redirect_uri"),
            state: text("state"),
        };
        let longer = |text: &Option<String>, len: usize| text.as_ref().is_some_and(|text| text.len() > len);
        if longer(&request.state, MAX_STATE_LEN)
            || longer(&request.post_logout_redirect_uri, redirect_uri::MAX_LEN)
        {
            return Err(OAuthError::invalid_request("A parameter is too long"));
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamLimits;

    fn read(text: &str) -> Result<LogoutRequest, OAuthError> {
        LogoutRequest::from_params(&Params::parse(text.as_bytes(), &ParamLimits::default()).unwrap())
    }

    #[test]
    fn every_parameter_is_optional() {
        assert!(read("").is_ok_and(|request| request.id_token_hint.is_none()));
        let request = read("id_token_hint=e.y.j&post_logout_redirect_uri=https://a/&state=%20s")
            .ok()
            .unwrap();
        assert_eq!(request.state.as_deref(), Some(" s"));
    }

    #[test]
    fn state_limit_holds_at_and_one_above() {
        assert!(read(&format!("state={}", "s".repeat(MAX_STATE_LEN))).is_ok());
        assert!(read(&format!("state={}", "s".repeat(MAX_STATE_LEN + 1))).is_err());
    }
}
