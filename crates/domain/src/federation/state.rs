//! A visit that has begun: kept sealed here, known by the digest of the `state`, taken once by the browser that began it.
//! Refuses to come back to another provider or another door than it left by.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Ctx, PlainSecret, Random, SecretDigest, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use storage::StorageError;

use super::loopback::LoopbackRedirect;
use super::provider::Attempt;
use super::start::Start;
use crate::authority::Authority;
use crate::fault::Fault;

const PURPOSE: &str = "federation-state";
const TTL: Duration = Duration::from_secs(10 * 60);
/// 32 bytes as base64url.
const SECRET_LEN: usize = 43;

/// What the visit is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Signing in, perhaps on the way of an authorization request.
    SignIn { flow: Option<String> },
    /// One more account for somebody who is signed in, in that very session.
    Link { user: UserId, session: SessionId },
    /// The same for somebody who has shown an access token of that session instead of its cookie.
    Add { user: UserId, session: SessionId },
    /// Signing in for a program that waits on the person's own machine.
    Cli { redirect: LoopbackRedirect },
}

impl Purpose {
    /// The authorization request it is on the way of.
    pub fn flow(&self) -> &str {
        match self {
            Self::SignIn { flow } => flow.as_deref().unwrap_or_default(),
            Self::Link { .. } | Self::Add { .. } | Self::Cli { .. } => "",
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    pub provider: String,
    pub callback: String,
    pub purpose: Purpose,
    pub expires_at: Timestamp,
    nonce: String,
    verifier: String,
}

/// 256 bits as base64url.
fn secret(random: &dyn Random) -> PlainSecret {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    PlainSecret::new(&URL_SAFE_NO_PAD.encode(bytes))
}

impl Pending {
    pub(super) fn new(ctx: &Ctx, start: &Start<'_>) -> (Self, PlainSecret) {
        let random = ctx.random.as_ref();
        let pending = Self {
            provider: start.provider.to_owned(),
            callback: start.page.unwrap_or(start.callback).to_owned(),
            purpose: start.purpose.clone(),
            expires_at: ctx.now.plus(TTL),
            nonce: secret(random).expose().to_owned(),
            verifier: secret(random).expose().to_owned(),
        };
        (pending, secret(random))
    }

    pub(super) fn attempt(&self, issuer: &str, state: PlainSecret) -> Result<Attempt, Fault> {
        let redirect_uri = match self.callback.starts_with('/') {
            true => format!("{issuer}{}", self.callback),
            false => self.callback.clone(),
        };
        Ok(Attempt {
            state,
            choose_account: false,
            nonce: PlainSecret::new(&self.nonce),
            verifier: PlainSecret::new(&self.verifier),
            redirect_uri: redirect_uri
                .parse()
                .map_err(|_| Fault::Sealed("a callback is no address"))?,
        })
    }
}

impl Authority {
    pub(super) async fn keep_pending(
        &self,
        ctx: &Ctx,
        pending: &Pending,
        (state, browser): (&PlainSecret, &SecretDigest),
    ) -> Result<(), Fault> {
        let plain = serde_json::to_vec(pending).map_err(|_| Fault::Sealed("a visit does not serialize"))?;
        let sealed = self.sealer.seal(PURPOSE, &plain, ctx.random.as_ref())?;
        let (state, browser, until) = (state.digest(), *browser.as_bytes(), pending.expires_at);
        self.database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move {
                    let whose = (&state, &SecretDigest::from_bytes(browser));
                    storage::federation_states::insert(w, whose, &sealed, until).await
                })
            })
            .await?;
        Ok(())
    }

    pub(super) async fn take_pending(
        &self,
        state: &str,
        browser: &SecretDigest,
    ) -> Result<Option<Pending>, Fault> {
        if state.len() != SECRET_LEN {
            return Ok(None);
        }
        let (state, browser) = (SecretDigest::of(state), *browser.as_bytes());
        let taken = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                storage::federation_states::take(w, &state, &SecretDigest::from_bytes(browser)).await
            })
        });
        let Some(sealed) = taken.await? else {
            return Ok(None);
        };
        let plain = self.sealer.open(PURPOSE, &sealed)?;
        serde_json::from_slice(&plain).map_err(|_| Fault::Sealed("a visit of another version"))
    }
}
