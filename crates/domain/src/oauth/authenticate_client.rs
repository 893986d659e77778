//! Which client is asking, proven by the one method it is registered for.
//! Refuses to tell an unknown client from a wrong secret, in words, shape or work.

use std::sync::Arc;

use jose::{AudienceRule, KeySet, Policy};
use model::audit::Actor;
use model::client::Client;
use model::{Ctx, SecretDigest, Timestamp};
use oauth::client_auth::{ClientAuthMethod, ClientCredential, PresentedClient};
use oauth::client_cert::{ProvenCertificate, names_certificate};
use serde_json::json;

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::clients::KnownClient;
use crate::fault::Fault;
use crate::settings::Profile;

/// How far in the future an assertion may expire (O19).
const LONGEST_ASSERTION: i64 = 5 * 60;
const MAX_JTI: usize = 255;

#[derive(Debug, thiserror::Error)]
pub enum ClientAuthError {
    /// Unknown client, wrong secret, wrong method, unusable assertion: one answer for all.
    #[error("client authentication failed")]
    InvalidClient,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<storage::StorageError> for ClientAuthError {
    fn from(error: storage::StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// What a request shows of its client.
#[derive(Clone, Copy)]
pub struct ShownClient<'a> {
    /// Who it says it is, and with what.
    pub presented: &'a PresentedClient,
    /// The certificate of its connection.
    pub certificate: Option<&'a ProvenCertificate>,
    /// The path where it arrived: behind the issuer, the `oidc` profile also takes it as an assertion's audience.
    pub path: &'a str,
}

impl Authority {
    /// # Errors
    /// [`ClientAuthError::InvalidClient`] whatever the reason.
    pub async fn authenticate_client(
        &self,
        ctx: &Ctx,
        shown: ShownClient<'_>,
    ) -> Result<Arc<KnownClient>, ClientAuthError> {
        let presented = shown.presented;
        let found = self.known_client(&presented.client_id).await?;
        match &presented.credential {
            ClientCredential::None => without_credential(found, shown.certificate),
            ClientCredential::Basic(secret) | ClientCredential::Post(secret) => {
                // Done for unknown clients too, so that they cost the same.
                let digest = SecretDigest::of(secret.expose());
                let right = found
                    .as_ref()
                    .is_some_and(|client| client.has_secret(&digest, ctx.now));
                let client = registered(found, presented)?;
                if right {
                    Ok(client)
                } else {
                    Err(ClientAuthError::InvalidClient)
                }
            }
            ClientCredential::Assertion(assertion) => {
                let client = registered(found, presented)?;
                // Boxed, as everything few requests need: futures are moved with room for all that is in them.
                Box::pin(self.take_assertion(ctx, &client, assertion.expose(), shown.path)).await?;
                Ok(client)
            }
        }
    }

    /// RFC 7523 §3, and the assertion's `jti` is used up.
    async fn take_assertion(
        &self,
        ctx: &Ctx,
        client: &Client,
        assertion: &str,
        path: &str,
    ) -> Result<(), ClientAuthError> {
        let invalid = ClientAuthError::InvalidClient;
        let keys = client
            .settings
            .jwks
            .as_ref()
            .map(|jwks| KeySet::parse(jwks.to_string().as_bytes()));
        let Some(Ok(keys)) = keys else { return Err(invalid) };
        let issuer = self.settings.issuer.as_str();
        let endpoint = format!("{issuer}{path}");
        let audiences = [issuer, endpoint.as_str()];
        let policy = Policy {
            types: &[],
            algorithms: &jose::Algorithm::ALL,
            issuer: Some(client.id.as_str()),
            audience: Some(match self.settings.profile {
                Profile::OAuth21 => AudienceRule::SingleString(issuer),
                Profile::Oidc => AudienceRule::AnyOf(&audiences),
            }),
            leeway: self.leeway_seconds(),
            max_lifetime: Some(LONGEST_ASSERTION),
            ..Policy::at(ctx.now.as_seconds())
        };
        let claims = jose::verify(assertion, &keys, &policy).map_err(|_| ClientAuthError::InvalidClient)?;
        let jti = claims
            .text("jti")
            .filter(|jti| !jti.is_empty() && jti.len() <= MAX_JTI);
        let (Some(jti), Some(exp), Some(subject)) = (jti, claims.int("exp"), claims.text("sub")) else {
            return Err(invalid);
        };
        // An assertion that is good elsewhere too could be used here by whoever it was sent to.
        let only_ours = claims
            .audience()
            .iter()
            .all(|audience| audiences.contains(audience));
        if subject != client.id.as_str() || !only_ours {
            return Err(invalid);
        }
        self.consume_assertion(ctx, client, SecretDigest::of(jti), exp)
            .await
    }

    async fn consume_assertion(
        &self,
        ctx: &Ctx,
        client: &Client,
        jti: SecretDigest,
        exp: i64,
    ) -> Result<(), ClientAuthError> {
        let forgettable = Timestamp::from_seconds(exp.saturating_add(self.leeway_seconds()))
            .plus(self.settings.tokens.leeway);
        let (id, at) = (client.id.clone(), ctx.clone());
        let fresh = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                let fresh = storage::client_assertions::consume(w, &id, &jti, forgettable).await?;
                if !fresh {
                    let (actor, detail) = (Actor::Client(id), json!({"reason": "jti used before"}));
                    record(
                        w,
                        &at,
                        Happened {
                            actor,
                            action: "client_assertion.replayed",
                            target: None,
                            detail,
                        },
                    )
                    .await?;
                }
                Ok(fresh)
            })
        });
        if fresh.await? {
            Ok(())
        } else {
            Err(ClientAuthError::InvalidClient)
        }
    }

    pub(crate) fn leeway_seconds(&self) -> i64 {
        i64::try_from(self.settings.tokens.leeway.as_secs()).unwrap_or(i64::MAX)
    }
}

/// The client, if it exists and is registered for the method that was used (O18).
fn registered(
    found: Option<Arc<KnownClient>>,
    presented: &PresentedClient,
) -> Result<Arc<KnownClient>, ClientAuthError> {
    let client = found.ok_or(ClientAuthError::InvalidClient)?;
    if client.settings.auth_method == presented.method() {
        Ok(client)
    } else {
        Err(ClientAuthError::InvalidClient)
    }
}

/// Nothing but a name, and perhaps a certificate: what that proves is what the client is registered for (RFC 8705 §2).
fn without_credential(
    found: Option<Arc<KnownClient>>,
    certificate: Option<&ProvenCertificate>,
) -> Result<Arc<KnownClient>, ClientAuthError> {
    let client = found.ok_or(ClientAuthError::InvalidClient)?;
    let settings = &client.settings;
    let proven = match (settings.auth_method, certificate) {
        (ClientAuthMethod::None, _) => true,
        (ClientAuthMethod::TlsClientAuth, Some(shown)) => {
            let (expected, names) = (&settings.certificate_name, &shown.vouched);
            let both = expected.as_ref().zip(names.as_ref());
            both.is_some_and(|(expected, names)| expected.is_among(names))
        }
        (ClientAuthMethod::SelfSignedTlsClientAuth, Some(shown)) => {
            let registered = settings.jwks.as_ref();
            registered.is_some_and(|jwks| names_certificate(jwks, shown.digest))
        }
        _ => false,
    };
    if proven {
        Ok(client)
    } else {
        Err(ClientAuthError::InvalidClient)
    }
}
