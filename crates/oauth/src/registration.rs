//! Client metadata (RFC 7591 §2) as somebody unknown sends or publishes them.
//! Refuses whatever would be unsafe or is not offered; members it does not know are passed over.

use serde_json::{Map, Value};
use url::Url;

use crate::client_auth::ClientAuthMethod;
use crate::client_cert::ExpectedName;
use crate::error::{ErrorCode, OAuthError};
use crate::redirect_uri::{ApplicationType, RegisteredRedirectUri};
use crate::response::GrantType;
use crate::scope::{MAX_SET_COUNT, Scope, ScopeSet};

/// The most redirect URIs of one client.
pub const MAX_REDIRECT_URIS: usize = 20;
/// The longest name in characters.
pub const MAX_NAME_CHARS: usize = 128;

/// What a client says of itself, checked as far as that needs nobody else's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientMetadata {
    /// Where it runs; when it does not say: native if no redirect URI is https.
    pub application_type: ApplicationType,
    /// At least one.
    pub redirect_uris: Vec<String>,
    /// Where a logout may return to.
    pub post_logout_redirect_uris: Vec<String>,
    /// None when it does not say.
    pub auth_method: Option<ClientAuthMethod>,
    /// The code grant, with or without refresh.
    pub grant_types: Vec<GrantType>,
    /// What it calls itself.
    pub name: Option<String>,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Its privacy policy.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// What it wants to ask for, without what can't be a scope; none when it does not say.
    pub scope: Option<ScopeSet>,
    /// Its public keys.
    pub jwks: Option<Value>,
    /// Its name in certificates, for `tls_client_auth` (RFC 8705 §2.1.2).
    pub certificate_name: Option<ExpectedName>,
    /// It wants DPoP-bound tokens only (RFC 9449 §5.2).
    pub dpop_bound: bool,
    /// It wants tokens bound to its certificate only (RFC 8705 §3.4).
    pub certificate_bound: bool,
}

impl ClientMetadata {
    /// Reads metadata.
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata` (RFC 7591 §3.2.2).
    pub fn from_json(object: &Map<String, Value>) -> Result<Self, OAuthError> {
        offered(object)?;
        let redirect_uris = list(object, "redirect_uris")?.unwrap_or_default();
        let application_type = application_type(object, &redirect_uris)?;
        if redirect_uris.is_empty() {
            return Err(redirect("At least one redirect URI is needed"));
        }
        let post_logout_redirect_uris = list(object, "post_logout_redirect_uris")?.unwrap_or_default();
        for uri in redirect_uris.iter().chain(&post_logout_redirect_uris) {
            RegisteredRedirectUri::parse(uri, application_type)
                .map_err(|reason| redirect(&format!("A redirect URI can't be taken: {reason}")))?;
        }
        Ok(Self {
            application_type,
            redirect_uris,
            post_logout_redirect_uris,
            auth_method: auth_method(object)?,
            grant_types: grant_types(object)?,
            name: name(object)?,
            client_uri: web_page(object, "client_uri")?,
            policy_uri: web_page(object, "policy_uri")?,
            tos_uri: web_page(object, "tos_uri")?,
            scope: text(object, "scope")?.map(scopes),
            jwks: object.get("jwks").cloned(),
            certificate_name: certificate_name(object)?,
            dpop_bound: flag(object, "dpop_bound_access_tokens")?,
            certificate_bound: flag(object, "tls_client_certificate_bound_access_tokens")?,
        })
    }
}

/// What is said and can't be kept is refused, so that nobody relies on it.
fn offered(object: &Map<String, Value>) -> Result<(), OAuthError> {
    // RFC 7591 §2: both must not be present; keys are taken by value only.
    if object.contains_key("jwks_uri") {
        return Err(invalid("Keys are taken in jwks only, not from a jwks_uri"));
    }
    if object.contains_key("sector_identifier_uri")
        || text(object, "subject_type")?.is_some_and(|kind| kind != "public")
    {
        return Err(invalid("Subjects are public"));
    }
    let types = list(object, "response_types")?.unwrap_or_else(|| vec!["code".to_owned()]);
    if types != ["code"] {
        return Err(invalid("The only response type is code"));
    }
    Ok(())
}

fn application_type(object: &Map<String, Value>, uris: &[String]) -> Result<ApplicationType, OAuthError> {
    let web = uris.iter().any(|uri| uri.starts_with("https:"));
    match text(object, "application_type")? {
        Some(kind) => {
            ApplicationType::from_name(kind).ok_or_else(|| invalid("The application type is web or native"))
        }
        None if web => Ok(ApplicationType::Web),
        None => Ok(ApplicationType::Native),
    }
}

fn auth_method(object: &Map<String, Value>) -> Result<Option<ClientAuthMethod>, OAuthError> {
    let Some(name) = text(object, "token_endpoint_auth_method")? else {
        return Ok(None);
    };
    ClientAuthMethod::from_name(name)
        .map(Some)
        .ok_or_else(|| invalid("The authentication method is not offered"))
}

/// RFC 8705 §2.1.2: exactly one of the names for `tls_client_auth`, and none for anything else.
fn certificate_name(object: &Map<String, Value>) -> Result<Option<ExpectedName>, OAuthError> {
    let mut found = None;
    for member in ExpectedName::MEMBERS {
        let Some(value) = text(object, member)? else {
            continue;
        };
        let name =
            ExpectedName::parse(member, value).ok_or_else(|| invalid(&format!("{member} names nobody")))?;
        if found.replace(name).is_some() {
            return Err(invalid("Only one name of the certificate may be given"));
        }
    }
    let is_due = auth_method(object)? == Some(ClientAuthMethod::TlsClientAuth);
    if found.is_some() == is_due {
        Ok(found)
    } else {
        Err(invalid(
            "tls_client_auth goes with exactly one name of the certificate",
        ))
    }
}

fn grant_types(object: &Map<String, Value>) -> Result<Vec<GrantType>, OAuthError> {
    let Some(names) = list(object, "grant_types")? else {
        // RFC 7591 §2: the default is the code grant; whoever is given refresh tokens may use them.
        return Ok(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]);
    };
    let mut found = Vec::new();
    for name in names {
        match GrantType::from_name(&name) {
            Some(grant @ (GrantType::AuthorizationCode | GrantType::RefreshToken))
                if !found.contains(&grant) =>
            {
                found.push(grant);
            }
            _ => return Err(invalid("The grants are authorization_code and refresh_token")),
        }
    }
    if found.contains(&GrantType::AuthorizationCode) {
        Ok(found)
    } else {
        Err(invalid("The authorization_code grant is needed"))
    }
}

fn name(object: &Map<String, Value>) -> Result<Option<String>, OAuthError> {
    let Some(name) = text(object, "client_name")? else {
        return Ok(None);
    };
    let name = name.trim();
    // Characters that no eye sees could turn or hide the rest of the name.
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(hidden) {
        return Err(invalid("The name must have 1 to 128 visible characters"));
    }
    Ok(Some(name.to_owned()))
}

fn web_page(object: &Map<String, Value>, member: &str) -> Result<Option<String>, OAuthError> {
    let Some(uri) = text(object, member)? else {
        return Ok(None);
    };
    let safe = uri.len() <= 2048
        && uri.bytes().all(|byte| byte.is_ascii_graphic())
        && Url::parse(uri).is_ok_and(|url| {
            url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none()
        });
    if safe {
        Ok(Some(uri.to_owned()))
    } else {
        Err(invalid(&format!("{member} must be an https URL")))
    }
}

/// RFC 7591 §2: the server may leave out what it does not understand.
fn scopes(text: &str) -> ScopeSet {
    text.split(' ')
        .take(MAX_SET_COUNT)
        .filter_map(|token| Scope::parse(token).ok())
        .collect()
}

fn flag(object: &Map<String, Value>, member: &str) -> Result<bool, OAuthError> {
    match object.get(member) {
        None => Ok(false),
        Some(Value::Bool(set)) => Ok(*set),
        Some(_) => Err(invalid(&format!("{member} must be true or false"))),
    }
}

fn text<'o>(object: &'o Map<String, Value>, member: &str) -> Result<Option<&'o str>, OAuthError> {
    match object.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(&format!("{member} must be a string"))),
    }
}

fn list(object: &Map<String, Value>, member: &str) -> Result<Option<Vec<String>>, OAuthError> {
    let items = match object.get(member) {
        None => return Ok(None),
        Some(Value::Array(items)) if items.len() <= MAX_REDIRECT_URIS => items,
        Some(_) => {
            return Err(invalid(&format!(
                "{member} must be an array of at most 20 strings"
            )));
        }
    };
    let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
    let texts = texts.collect::<Option<Vec<_>>>();
    texts
        .map(Some)
        .ok_or_else(|| invalid(&format!("{member} must be an array of strings")))
}

fn invalid(words: &str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClientMetadata, words.to_owned())
}

fn redirect(words: &str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRedirectUri, words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<ClientMetadata, ErrorCode> {
        let Value::Object(object) = value else {
            panic!("an object")
        };
        ClientMetadata::from_json(&object).map_err(|error| error.code())
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        let app =
            read(json!({"redirect_uris": ["http://127.0.0.1/cb"], "scope": "a  b \" a", "software_id": 1}))
                .unwrap();
        assert_eq!(app.application_type, ApplicationType::Native);
        assert_eq!(
            app.grant_types,
            [GrantType::AuthorizationCode, GrantType::RefreshToken]
        );
        assert_eq!(app.scope.unwrap().to_string(), "a b");
        let site = read(json!({"redirect_uris": ["https://a.example/cb", "http://localhost/cb"]})).unwrap();
        assert_eq!((site.application_type, site.name), (ApplicationType::Web, None));
    }

    /// O39
    #[test]
    fn unsafe_redirect_uris_are_refused() {
        for uri in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://a.example/cb#x",
            "https://*.a.example/cb",
            "https://u:p@a.example/cb",
            "http://a.example/cb",
            "cursor:/cb",
            "//a.example",
            "",
        ] {
            for kind in ["web", "native"] {
                let found = read(json!({"redirect_uris": [uri], "application_type": kind}));
                assert_eq!(found, Err(ErrorCode::InvalidRedirectUri), "{uri} {kind}");
            }
        }
        assert_eq!(read(json!({})), Err(ErrorCode::InvalidRedirectUri));
    }

    /// O39
    #[test]
    fn what_is_not_offered_is_refused() {
        let keys = json!({"keys": []});
        for (member, value) in [
            ("grant_types", json!(["client_credentials"])),
            ("grant_types", json!(["authorization_code", "password"])),
            ("grant_types", json!(["refresh_token"])),
            ("response_types", json!(["token"])),
            ("response_types", json!(["code", "id_token"])),
            ("jwks_uri", json!("https://a.example/jwks")),
            ("token_endpoint_auth_method", json!("client_secret_jwt")),
            ("application_type", json!("tv")),
            ("subject_type", json!("pairwise")),
            ("client_name", json!("Bank\u{202e}knaB")),
            ("client_name", json!(" ")),
            ("client_name", json!(1)),
            ("client_uri", json!("javascript:alert(1)")),
            ("policy_uri", json!("http://a.example")),
            ("redirect_uris", json!("https://a.example/cb")),
            ("redirect_uris", json!(vec!["https://a.example/cb"; 21])),
        ] {
            let mut metadata = json!({"redirect_uris": ["https://a.example/cb"], "jwks": keys});
            metadata[member] = value;
            assert_eq!(read(metadata), Err(ErrorCode::InvalidClientMetadata), "{member}");
        }
    }
}
