//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1), read in two stages.
//! Refuses request objects and anything malformed; the first stage tells whether the error may be redirected.

pub use crate::claims_request::ClaimsRequest;
use crate::client_auth::is_client_id;
use crate::confirmation::is_thumbprint;
use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;
use crate::pkce::CodeChallenge;
use crate::prompt::PromptSet;
use crate::resource;
use crate::response::{ResponseMode, ResponseType};
use crate::scope::ScopeSet;
use serde::{Deserialize, Serialize};

/// The longest `state` in bytes.
pub const MAX_STATE_LEN: usize = 4096;
/// The longest `nonce` in bytes.
pub const MAX_NONCE_LEN: usize = 1024;

const MAX_HINT_LEN: usize = 1024;
const MAX_WORDS: usize = 20;

/// Who asks and where the answer goes: all that is needed to know whether an error may be redirected.
#[derive(Clone, Serialize, Deserialize)]
pub struct AuthorizationTarget {
    /// The client as it names itself.
    pub client_id: String,
    /// Where the answer shall go, as presented and not yet compared with what is registered.
    pub redirect_uri: Option<String>,
    /// How the answer shall travel; the default when the one asked for is unknown.
    pub response_mode: ResponseMode,
    /// What the client wants back, byte for byte.
    pub state: Option<String>,
}

impl AuthorizationTarget {
    /// First stage; its errors are shown on the server's own page and never redirected (RFC 6749 §4.1.2.1).
    pub fn from_params(params: &Params) -> Result<Self, OAuthError> {
        let client_id = params.required("client_id")?;
        if !is_client_id(client_id) {
            return Err(OAuthError::invalid_request("The client_id is malformed"));
        }
        let response_mode = params
            .get("response_mode")
            .and_then(ResponseMode::from_name)
            .unwrap_or_default();
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri: bounded(params, "redirect_uri", crate::redirect_uri::MAX_LEN)?,
            response_mode,
            state: bounded(params, "state", MAX_STATE_LEN)?,
        })
    }
}

/// How the pages shall look (OpenID Connect Core §3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// A full page.
    Page,
    /// A popup window.
    Popup,
    /// A device with touch.
    Touch,
    /// A feature phone.
    Wap,
}

/// A well-formed authorization request, fit to be sealed and carried through the login.
#[derive(Clone, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks and where the answer goes.
    pub target: AuthorizationTarget,
    /// What shall be returned.
    pub response_type: ResponseType,
    /// The scopes asked for.
    pub scope: ScopeSet,
    /// What binds the ID token to the client's session.
    pub nonce: Option<String>,
    /// The PKCE challenge; whether it is required is up to client and profile.
    pub code_challenge: Option<CodeChallenge>,
    /// The key that the code shall be bound to (RFC 9449 §10).
    #[serde(default)]
    pub dpop_jkt: Option<String>,
    /// What to ask the user in any case.
    pub prompt: PromptSet,
    /// How old the login may be, in seconds.
    pub max_age: Option<u64>,
    /// Who is likely to log in.
    pub login_hint: Option<String>,
    /// An earlier ID token of the user who is expected, unverified.
    pub id_token_hint: Option<String>,
    /// Authentication contexts wanted, best first.
    pub acr_values: Vec<String>,
    /// Claims asked for by name.
    pub claims: Option<ClaimsRequest>,
    /// Languages wanted, best first.
    pub ui_locales: Vec<String>,
    /// How the pages shall look.
    pub display: Option<Display>,
    /// The resources the tokens are for (RFC 8707).
    pub resource: Vec<String>,
}

impl AuthorizationRequest {
    /// Second stage; its errors go to the redirect URI once that was found to be registered.
    pub fn from_params(target: AuthorizationTarget, params: &Params) -> Result<Self, OAuthError> {
        refuse_unsupported(params)?;
        Ok(Self {
            target,
            response_type: response_type(params)?,
            scope: scope(params)?,
            nonce: bounded(params, "nonce", MAX_NONCE_LEN)?,
            code_challenge: code_challenge(params)?,
            dpop_jkt: dpop_jkt(params)?,
            prompt: prompt(params)?,
            max_age: max_age(params)?,
            login_hint: bounded(params, "login_hint", MAX_HINT_LEN)?,
            id_token_hint: params.get("id_token_hint").map(str::to_owned),
            acr_values: words(params, "acr_values")?,
            claims: params.get("claims").map(ClaimsRequest::parse).transpose()?,
            ui_locales: words(params, "ui_locales")?,
            display: params.get("display").and_then(display),
            resource: resource::from_params(params)?,
        })
    }

    /// Whether this is an OpenID Connect request.
    #[must_use]
    pub fn is_openid(&self) -> bool {
        self.scope.contains("openid")
    }
}

fn dpop_jkt(params: &Params) -> Result<Option<String>, OAuthError> {
    match params.get("dpop_jkt") {
        Some(text) if !is_thumbprint(text) => {
            Err(OAuthError::invalid_request("The dpop_jkt is not a thumbprint"))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// OpenID Connect Core §6.1, §6.2, §7.2.1
fn refuse_unsupported(params: &Params) -> Result<(), OAuthError> {
    let unsupported = [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ];
    match unsupported
        .into_iter()
        .find(|(name, _)| params.get(name).is_some())
    {
        Some((_, code)) => Err(OAuthError::new(code, "This parameter is not supported")),
        None => Ok(()),
    }
}

fn response_type(params: &Params) -> Result<ResponseType, OAuthError> {
    let named = params.get("response_mode").map(ResponseMode::from_name);
    let unsupported = || {
        OAuthError::new(
            ErrorCode::UnsupportedResponseType,
            "Only the response type code is supported",
        )
    };
    let response_type = ResponseType::from_name(params.required("response_type")?).ok_or_else(unsupported)?;
    match named {
        Some(None) => Err(OAuthError::invalid_request("The response_mode is not supported")),
        _ => Ok(response_type),
    }
}

fn scope(params: &Params) -> Result<ScopeSet, OAuthError> {
    let text = params.get("scope").unwrap_or_default();
    ScopeSet::parse(text).map_err(|error| OAuthError::invalid_scope(error.to_string()))
}

fn code_challenge(params: &Params) -> Result<Option<CodeChallenge>, OAuthError> {
    let method = params.get("code_challenge_method");
    match params.get("code_challenge") {
        Some(challenge) => Ok(Some(CodeChallenge::parse(challenge, method)?)),
        None if method.is_some() => Err(OAuthError::invalid_request("The code_challenge is missing")),
        None => Ok(None),
    }
}

fn prompt(params: &Params) -> Result<PromptSet, OAuthError> {
    let Some(text) = params.get("prompt") else {
        return Ok(PromptSet::default());
    };
    PromptSet::parse(text).ok_or_else(|| OAuthError::invalid_request("The prompt is not supported"))
}

fn max_age(params: &Params) -> Result<Option<u64>, OAuthError> {
    let Some(text) = params.get("max_age") else {
        return Ok(None);
    };
    let digits = text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(seconds) if digits => Ok(Some(seconds)),
        _ => Err(OAuthError::invalid_request(
            "The max_age must be a non-negative integer",
        )),
    }
}

fn display(text: &str) -> Option<Display> {
    match text {
        "page" => Some(Display::Page),
        "popup" => Some(Display::Popup),
        "touch" => Some(Display::Touch),
        "wap" => Some(Display::Wap),
        _ => None,
    }
}

fn words(params: &Params, name: &'static str) -> Result<Vec<String>, OAuthError> {
    let words: Vec<_> = params
        .get(name)
        .unwrap_or_default()
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect();
    let visible = |word: &&str| word.len() <= 255 && word.bytes().all(|byte| byte.is_ascii_graphic());
    if words.len() > MAX_WORDS || !words.iter().all(visible) {
        return Err(OAuthError::invalid_request(format!(
            "The {name} parameter is malformed"
        )));
    }
    Ok(words.into_iter().map(str::to_owned).collect())
}

fn bounded(params: &Params, name: &'static str, len: usize) -> Result<Option<String>, OAuthError> {
    match params.get(name) {
        Some(text) if text.len() > len => Err(OAuthError::invalid_request(format!(
            "The {name} parameter is too long"
        ))),
        text => Ok(text.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests;
