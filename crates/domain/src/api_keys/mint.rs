//! The text of a new key: random with a checksum, or a JWT that services can verify offline.
//! Refuses to keep it: what is stored is its digest and its first characters.

use model::api_key::{ApiKeyId, KeyKind};
use model::{Ctx, PlainSecret, Timestamp, UserId, random};
use oauth::introspection::Audience;
use oauth::permission::PermissionSet;
use serde::Serialize;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::ACCESS_TOKEN_TYPE;

/// What the text of a key is made of.
pub(super) struct KeyOrder<'a> {
    pub id: ApiKeyId,
    pub kind: KeyKind,
    pub user_id: UserId,
    pub permissions: &'a PermissionSet,
    pub created_at: Timestamp,
    pub expiry: Option<Timestamp>,
}

/// The text, and who signed it.
pub(super) struct MintedKey {
    pub text: PlainSecret,
    pub signing_kid: Option<String>,
}

/// RFC 9068 §2.2, but for `exp`, which a key that never ends does not have. `key_id` equal to `jti` says that this is the
/// inside of a key and no access token.
#[derive(Serialize)]
struct KeyClaims<'a> {
    iss: &'a str,
    sub: UserId,
    aud: Audience,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    iat: i64,
    jti: ApiKeyId,
    key_id: ApiKeyId,
    client_id: &'static str,
    scope: String,
}

impl Authority {
    pub(super) fn mint_key(&self, ctx: &Ctx, order: &KeyOrder<'_>) -> Result<MintedKey, Fault> {
        let prefix = self.settings.api_keys.prefixes.of(order.kind);
        if order.kind != KeyKind::Token {
            let text = prefix.encode(&random::secret_bytes(ctx.random.as_ref()));
            return Ok(MintedKey {
                text: PlainSecret::new(&text),
                signing_kid: None,
            });
        }
        let claims = KeyClaims {
            iss: &self.settings.issuer,
            sub: order.user_id,
            aud: self.key_audience().into_iter().collect(),
            exp: order.expiry.map(Timestamp::as_seconds),
            iat: order.created_at.as_seconds(),
            jti: order.id,
            key_id: order.id,
            client_id: order.kind.client_id(),
            scope: order.permissions.to_string(),
        };
        let keys = self.keys.snapshot();
        let signer = keys.signer(self.settings.keys.default_algorithm)?;
        Ok(MintedKey {
            text: PlainSecret::new(&prefix.before(&signer.sign(ACCESS_TOKEN_TYPE, &claims)?)),
            signing_kid: Some(signer.kid().to_owned()),
        })
    }

    /// Where keys are good: here and at every declared resource server; what they may do there is in their scopes.
    pub(crate) fn key_audience(&self) -> Vec<String> {
        let resources = self.settings.registry.resources.iter();
        let resources = resources.map(|resource| resource.audience.clone());
        std::iter::once(self.settings.issuer.clone())
            .chain(resources)
            .collect()
    }
}
