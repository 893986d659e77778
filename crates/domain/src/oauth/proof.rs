//! A DPoP proof, taken once (RFC 9449 §4.3, §8, §11.1).
//! Refuses a second use at any replica: what was taken is in the database until it is too old anyhow.

use jose::Algorithm;
use model::{Ctx, SecretDigest, Timestamp};
use oauth::dpop::{Expected, NonceKey, NonceVerdict, PROOF_TYPE, Proof, ProofError, REMEMBERED, Target};

use crate::authority::Authority;
use crate::fault::Fault;

const NONCE_PURPOSE: &str = "dpop-nonce";
/// Seconds for which one nonce is handed out; it is good for as long again.
const NONCE_WINDOW: u32 = 60;

/// A proof as presented, and the request it came with.
#[derive(Clone, Copy)]
pub struct PresentedProof<'a> {
    pub text: &'a str,
    pub method: &'a str,
    /// As the client knows it.
    pub url: &'a str,
    /// The access token beside it, at a protected resource.
    pub access_token: Option<&'a str>,
}

/// Why a proof is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ProofRefusal {
    /// No JWS, a key that is not one, or a wrong signature.
    #[error("the proof is not a JWT signed with the key it names")]
    Signature,
    #[error(transparent)]
    Claims(#[from] ProofError),
    /// It lacks our nonce, or has an old one.
    #[error("the proof must have a nonce of this server")]
    Nonce,
    #[error("the proof was used before")]
    Replayed,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Authority {
    /// Takes a proof; answers the thumbprint of the key that it proves possession of.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub async fn take_proof(&self, ctx: &Ctx, presented: PresentedProof<'_>) -> Result<String, ProofRefusal> {
        let proven = jose::verify_self_signed(presented.text, PROOF_TYPE, &Algorithm::ALL)
            .map_err(|_| ProofRefusal::Signature)?;
        let proof = Proof::read(&proven.claims.into_map())?;
        let target = Target::parse(presented.url).map_err(|_| ProofError::WrongUrl)?;
        proof.judge(&Expected {
            method: presented.method,
            target: &target,
            access_token: presented.access_token,
            now: ctx.now.as_seconds(),
        })?;
        self.check_nonce(ctx, proof.nonce.as_deref())?;
        let digest = SecretDigest::of(&format!("{}.{}", proven.thumbprint, proof.jti));
        if self.consume_proof(ctx.now, digest).await? {
            Ok(proven.thumbprint)
        } else {
            Err(ProofRefusal::Replayed)
        }
    }

    /// The nonce to hand out now, where proofs must have one.
    pub fn dpop_nonce(&self, ctx: &Ctx) -> Option<String> {
        let demanded = self.settings.tokens.demand_dpop_nonce;
        demanded.then(|| self.nonce_key().issue(ctx.now.as_seconds()))
    }

    fn check_nonce(&self, ctx: &Ctx, nonce: Option<&str>) -> Result<(), ProofRefusal> {
        if !self.settings.tokens.demand_dpop_nonce {
            return Ok(());
        }
        let verdict = nonce.map(|nonce| self.nonce_key().judge(nonce, ctx.now.as_seconds()));
        match verdict {
            Some(NonceVerdict::Current | NonceVerdict::Previous) => Ok(()),
            Some(NonceVerdict::Unknown) | None => Err(ProofRefusal::Nonce),
        }
    }

    /// The same at every replica.
    fn nonce_key(&self) -> NonceKey {
        NonceKey::new(*self.sealer.derive(NONCE_PURPOSE), NONCE_WINDOW)
    }

    async fn consume_proof(&self, now: Timestamp, digest: SecretDigest) -> Result<bool, Fault> {
        let forgettable = Timestamp::from_seconds(now.as_seconds().saturating_add(REMEMBERED));
        let fresh = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move { Ok(storage::dpop_proofs::consume(w, &digest, forgettable).await?) })
        });
        fresh.await
    }
}
