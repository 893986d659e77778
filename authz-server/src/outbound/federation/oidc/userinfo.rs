//! What a provider's userinfo endpoint tells beyond the ID token (OIDC Core §5.3).
//! Refuses an answer that is about somebody else.

use domain::federation::UpstreamError;
use http::header::{ACCEPT, AUTHORIZATION};
use model::PlainSecret;
use serde_json::{Map, Value};
use url::Url;

use super::Oidc;

impl Oidc {
    /// OIDC Core §5.3: what the ID token does not tell.
    pub(super) async fn userinfo(
        &self,
        endpoint: &Url,
        access: &PlainSecret,
        subject: &str,
    ) -> Result<Map<String, Value>, UpstreamError> {
        let request = http::Request::get(endpoint.as_str())
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, format!("Bearer {}", access.expose()))
            .body(Vec::new())
            .map_err(|_| UpstreamError::Refused("a token that no header can carry".to_owned()))?;
        let answer = self.outside.clone().send(request).await?;
        if !answer.status().is_success() {
            return Err(UpstreamError::Unavailable(format!(
                "userinfo: {}",
                answer.status()
            )));
        }
        let claims: Map<String, Value> = serde_json::from_slice(answer.body())
            .map_err(|_| UpstreamError::Unavailable("userinfo: no JSON object".to_owned()))?;
        // OIDC Core §5.3.2: never of anybody else.
        if claims.get("sub").and_then(Value::as_str) == Some(subject) {
            Ok(claims)
        } else {
            let words = "userinfo is about somebody else".to_owned();
            Err(UpstreamError::Untrusted(words))
        }
    }
}
