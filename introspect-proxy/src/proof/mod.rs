//! Whether whoever sends a token holds the key it is bound to: by a DPoP proof (RFC 9449), or a certificate (RFC 8705).
//! It refuses a proof twice, and costs a token that is bound to nothing one look.

mod place;
mod taken;

pub use place::Place;
pub use taken::TakenProofs;

use crate::admission::Question;
use crate::bearer::Credential;
use crate::clock::Clock;
use crate::config;
use crate::facts::Facts;
use crate::refusal::Refusal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::{Algorithm, verify_self_signed};
use oauth::bearer::Scheme;
use oauth::confirmation::{Confirmation, HolderError};
use oauth::dpop::{Expected, HEADER, NonceKey, NonceVerdict, PROOF_TYPE, Proof, ProofError};
use sha2::{Digest, Sha256};

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
}

impl Proofs {
    /// With nonces under the configured key, else under one of our own that nobody else has.
    ///
    /// # Errors
    /// When there is no randomness, or the key file cannot be read.
    pub fn new(settings: &config::Dpop) -> Result<Self, String> {
        let nonces = settings.demand_nonce.then(|| nonce_key(settings)).transpose()?;
        Ok(Self {
            nonces,
            taken: TakenProofs::new(settings.max_proofs),
        })
    }

    /// Whether the sender of the credential may use a token of these facts.
    ///
    /// # Errors
    /// What is not proven.
    pub fn check(
        &self,
        facts: &Facts,
        credential: Credential<'_>,
        question: Question<'_>,
        clock: &Clock,
    ) -> Result<(), Refusal> {
        match (&facts.confirmation, credential.scheme()) {
            (None, Scheme::Bearer) => Ok(()),
            (bound, scheme) => {
                let unbound = Confirmation::default();
                let bound = bound.as_deref().unwrap_or(&unbound);
                let held = Confirmation {
                    jkt: match scheme {
                        // Before anything is verified: no key could be the right one.
                        Scheme::DPoP if bound.jkt.is_none() => return Err(holder(HolderError::NotBound)),
                        Scheme::DPoP => Some(self.proven(credential, question, clock)?),
                        Scheme::Bearer => None,
                    },
                    certificate: question.peer.certificate.map(thumbprint),
                };
                bound.met_by(&held).map_err(holder)
            }
        }
    }

    /// The thumbprint of the key that the request's proof is of; the proof is used up.
    fn proven(
        &self,
        credential: Credential<'_>,
        question: Question<'_>,
        clock: &Clock,
    ) -> Result<String, Refusal> {
        let invalid = |why| Refusal::Unproven(Unproven::Proof(why));
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
        let target = question
            .place
            .target(question)
            .ok_or(invalid("the URL of the request is not clear"))?;
        let now = clock.unix_seconds();
        let expected = Expected {
            method: question.method.as_str(),
            target: &target,
            access_token: Some(credential.expose()),
            now,
        };
        proof.judge(&expected).map_err(|error| invalid(reason(error)))?;
        self.check_nonce(proof.nonce.as_deref(), now)?;
        let digest = Sha256::digest(format!("{}.{}", proven.thumbprint, proof.jti));
        match self.taken.take(&digest.into(), clock.tick()) {
            Ok(true) => Ok(proven.thumbprint),
            Ok(false) => Err(invalid("the proof was used before")),
            // Better none than one that could be used twice.
            Err(taken::Full) => Err(Refusal::Unavailable("too many proofs at once")),
        }
    }

    fn check_nonce(&self, nonce: Option<&str>, now: i64) -> Result<(), Refusal> {
        let Some(key) = &self.nonces else { return Ok(()) };
        match nonce.map(|nonce| key.judge(nonce, now)) {
            Some(NonceVerdict::Current | NonceVerdict::Previous) => Ok(()),
            Some(NonceVerdict::Unknown) | None => {
                Err(Refusal::Unproven(Unproven::Nonce(key.issue(now).into())))
            }
        }
    }
}

/// RFC 8705 §3.1
fn thumbprint(digest: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(digest)
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

#[expect(
    clippy::disallowed_methods,
    reason = "the one secret that the proxy makes itself, once per process"
)]
fn own_key() -> Result<[u8; 32], String> {
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
