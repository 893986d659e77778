//! Whether whoever sends a token holds the key it is bound to: by a DPoP proof (RFC 9449), or a certificate (RFC 8705).
//! It refuses a proof twice, and costs a token that is bound to nothing one look.

mod place;
mod shared;
mod taken;

pub use place::Place;
pub(crate) use taken::GENERATION;
pub use taken::TakenProofs;

use crate::admission::Question;
use crate::bearer::Credential;
use crate::clock::Clock;
use crate::config;
use crate::facts::Facts;
use crate::refusal::Refusal;
use crate::shared_store::SharedStore;
use jose::{Algorithm, verify_self_signed};
use oauth::bearer::Scheme;
use oauth::confirmation::{Confirmation, HolderError, thumbprint};
use oauth::dpop::{Expected, HEADER, NonceKey, NonceVerdict, PROOF_TYPE, Proof, ProofError};
use sha2::{Digest, Sha256};
use shared::{NotTaken, SharedProofs};
use std::sync::Arc;

/// What proofs may be signed with, as challenges say it.
pub const ALGORITHMS: &str = "ES256 EdDSA PS256 RS256";
/// Seconds for which one nonce is handed out; it is good for as long again.
const NONCE_WINDOW: u32 = 60;

/// Why it is not proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// What is proven does not go with the token.
    Holder(HolderError),
    /// The proof is no good; how.
    Proof(&'static str),
    /// The proof lacks a nonce of this proxy; here is one.
    Nonce(Box<str>),
    /// The route takes bound tokens only.
    Unbound(&'static str),
}

impl Unproven {
    const USED: Self = Self::Proof("the proof was used before");

    /// Stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Holder(_) | Self::Unbound(_) => "invalid_token",
            Self::Proof(_) => "invalid_dpop_proof",
            Self::Nonce(_) => "use_dpop_nonce",
        }
    }

    /// Sentence for people.
    #[must_use]
    pub const fn detail(&self) -> &'static str {
        match self {
            Self::Holder(HolderError::NoProof) => "the token is bound to a key, and no proof came with it",
            Self::Holder(HolderError::OtherKey) => "the proof is of another key than the token",
            Self::Holder(HolderError::NotBound) => "the token is not bound to a key",
            Self::Holder(HolderError::OtherCertificate) => "the token is bound to another certificate",
            Self::Proof(why) | Self::Unbound(why) => why,
            Self::Nonce(_) => "the proof must have the nonce in DPoP-Nonce",
        }
    }
}

/// What is needed to judge proofs.
pub struct Proofs {
    nonces: Option<NonceKey>,
    taken: TakenProofs,
    shared: Option<SharedProofs>,
}

impl Proofs {
    /// With nonces under the configured key, else under one of our own that nobody else has. Where the proofs that were taken
    /// are shared in a store, its nonces count, and our own only while it is away.
    ///
    /// # Errors
    /// When there is no randomness, or the key file cannot be read.
    pub fn new(settings: &config::Dpop, store: Option<Arc<SharedStore>>) -> Result<Self, String> {
        let nonces = settings.demand_nonce.then(|| nonce_key(settings)).transpose()?;
        Ok(Self {
            nonces,
            taken: TakenProofs::new(settings.max_proofs),
            shared: store.map(SharedProofs::new),
        })
    }

    /// Whether the sender of the credential may use a token of these facts.
    ///
    /// # Errors
    /// What is not proven.
    pub async fn check(
        &self,
        facts: &Facts,
        credential: Credential<'_>,
        question: Question<'_>,
        clock: &Clock,
    ) -> Result<(), Refusal> {
        let scheme = credential.scheme();
        let bound = match (&facts.confirmation, scheme) {
            (None, Scheme::Bearer) => return Ok(()),
            (None, Scheme::DPoP) => &Confirmation::default(),
            (Some(bound), _) => bound,
        };
        let held = Confirmation {
            jkt: match scheme {
                // Before anything is verified: no key could be the right one.
                Scheme::DPoP if bound.jkt.is_none() => return Err(holder(HolderError::NotBound)),
                // Boxed: a token that is bound to nothing should not carry the room for it.
                Scheme::DPoP => Some(Box::pin(self.proven(credential, question, clock)).await?),
                Scheme::Bearer => None,
            },
            certificate: question.peer.certificate.map(thumbprint),
        };
        bound.met_by(&held).map_err(holder)
    }

    /// The thumbprint of the key that the request's proof is of; the proof is used up.
    async fn proven(
        &self,
        credential: Credential<'_>,
        question: Question<'_>,
        clock: &Clock,
    ) -> Result<String, Refusal> {
        let (thumbprint, proof) = read(question)?;
        let target = question
            .place
            .target(question)
            .ok_or(invalid("the URL of the request is not clear"))?;
        let expected = Expected {
            method: question.method.as_str(),
            target: &target,
            access_token: Some(credential.expose()),
            now: clock.unix_seconds(),
        };
        proof.judge(&expected).map_err(|error| invalid(reason(error)))?;
        self.take(&thumbprint, &proof, clock).await?;
        Ok(thumbprint)
    }

    /// Judges the nonce, then takes the proof: here, and where proofs are shared.
    async fn take(&self, thumbprint: &str, proof: &Proof, clock: &Clock) -> Result<(), Refusal> {
        let shared = self.shared.as_ref();
        let shared = shared.and_then(|shared| Some((shared, shared.link()?)));
        let nonces = match &shared {
            Some((_, link)) => link.companion().nonces(),
            None => self.nonces.as_ref(),
        };
        check_nonce(nonces, proof.nonce.as_deref(), clock.unix_seconds())?;
        let digest = Sha256::digest(format!("{thumbprint}.{}", proof.jti)).into();
        match self.taken.take(&digest, clock.tick()) {
            Ok(true) => {}
            Ok(false) => return Err(Refusal::Unproven(Unproven::USED)),
            // Better none than one that could be used twice.
            Err(taken::Full) => return Err(Refusal::Unavailable("too many proofs at once")),
        }
        let Some((shared, link)) = shared else {
            return Ok(());
        };
        let own = || self.own_nonce(clock.unix_seconds());
        let taken = shared.take(&link, &digest).await;
        taken.map_err(|not: NotTaken| not.refusal(own))
    }

    fn own_nonce(&self, now: i64) -> Box<str> {
        self.nonces
            .as_ref()
            .map_or_else(Box::default, |key| key.issue(now).into())
    }
}

/// The request's one proof and the thumbprint of the key that signed it, before it is judged.
fn read(question: Question<'_>) -> Result<(String, Proof), Refusal> {
    let mut lines = question.headers.get_all(HEADER).iter();
    // RFC 9449 §4.3, 1.
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(invalid("exactly one DPoP proof is needed"));
    };
    let text = line
        .to_str()
        .map_err(|_| invalid("the proof is not a signed JWT"))?;
    let proven = verify_self_signed(text, PROOF_TYPE, &Algorithm::ALL)
        .map_err(|_| invalid("the proof is not a JWT signed with the key it names"))?;
    let proof = Proof::read(&proven.claims.into_map()).map_err(|error| invalid(reason(error)))?;
    Ok((proven.thumbprint, proof))
}

fn check_nonce(key: Option<&NonceKey>, nonce: Option<&str>, now: i64) -> Result<(), Refusal> {
    let Some(key) = key else { return Ok(()) };
    match nonce.map(|nonce| key.judge(nonce, now)) {
        Some(NonceVerdict::Current | NonceVerdict::Previous) => Ok(()),
        Some(NonceVerdict::Unknown) | None => Err(Refusal::Unproven(Unproven::Nonce(key.issue(now).into()))),
    }
}

const fn invalid(why: &'static str) -> Refusal {
    Refusal::Unproven(Unproven::Proof(why))
}

fn holder(error: HolderError) -> Refusal {
    Refusal::Unproven(Unproven::Holder(error))
}

fn nonce_key(settings: &config::Dpop) -> Result<NonceKey, String> {
    let key = match &settings.nonce_key_file {
        Some(path) => {
            let secret = config::Secret::read(path)
                .map_err(|reason| format!("dpop.nonce_key_file: {}: {reason}", path.display()))?;
            if secret.expose().len() < 32 {
                return Err("dpop.nonce_key_file: shorter than 32 characters".to_owned());
            }
            Sha256::digest(secret.expose()).into()
        }
        None => own_key()?,
    };
    Ok(NonceKey::new(key, NONCE_WINDOW))
}

/// Nonces under a secret that is kept elsewhere.
pub(crate) fn nonces_under(secret: &str) -> NonceKey {
    NonceKey::new(Sha256::digest(secret).into(), NONCE_WINDOW)
}

#[expect(
    clippy::disallowed_methods,
    reason = "keys of nonces are the one secret that the proxy makes itself"
)]
pub(crate) fn own_key() -> Result<[u8; 32], String> {
    let mut key = [0; 32];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| "no randomness".to_owned())?;
    Ok(key)
}

const fn reason(error: ProofError) -> &'static str {
    match error {
        ProofError::Malformed => "the proof lacks a claim or has a malformed one",
        ProofError::WrongMethod => "the proof is for another method",
        ProofError::WrongUrl => "the proof is for another URL",
        ProofError::TooOld => "the proof is too old",
        ProofError::TooNew => "the proof is from the future",
        ProofError::WrongToken => "the proof is for another access token",
    }
}
