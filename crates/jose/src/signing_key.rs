//! A private key of ours: made, stored, loaded, and used to sign.
//! Never shows its private part except as bytes for sealing.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::alg::ec::{EcCurve, EcKeyPair};
use josekit::jwk::alg::ed::{EdCurve, EdKeyPair};
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jwk::{Jwk, KeyPair};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::jwk::{PublicKey, thumbprint};
use crate::signer::Signer;
use crate::{Algorithm, JoseError};

const RSA_BITS: u32 = 2048;
const MAX_PRIVATE_BYTES: usize = 8 * 1024;
const CHECKSUM_BYTES: usize = 32;

/// A private key with its signer, built once; cheap to share behind an `Arc`.
pub struct SigningKey {
    algorithm: Algorithm,
    kid: String,
    public: Map<String, Value>,
    private: Zeroizing<Vec<u8>>,
    signer: Signer,
}

impl SigningKey {
    /// Makes a new key with the randomness of the cryptographic library; RSA takes tenths of a second.
    ///
    /// # Errors
    /// [`JoseError::Generation`] when the library fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, JoseError> {
        let pair: Result<Box<dyn KeyPair>, _> = match algorithm {
            Algorithm::Es256 => EcKeyPair::generate(EcCurve::P256).map(|pair| Box::new(pair) as _),
            Algorithm::Rs256 | Algorithm::Ps256 => {
                RsaKeyPair::generate(RSA_BITS).map(|pair| Box::new(pair) as _)
            }
            Algorithm::EdDsa => EdKeyPair::generate(EdCurve::Ed25519).map(|pair| Box::new(pair) as _),
        };
        let pair = pair.map_err(|error| JoseError::Generation(error.to_string()))?;
        Self::from_der(algorithm, &Zeroizing::new(pair.to_der_private_key()))
    }

    /// Loads what [`SigningKey::to_private_bytes`] gave, and nothing else: the checksum keeps damaged bytes away from
    /// the library, whose DER reader aborts the process on some of them.
    ///
    /// # Errors
    /// [`JoseError::InvalidKey`] when the bytes are damaged or not a key for the algorithm.
    pub fn from_private_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, JoseError> {
        let within = (CHECKSUM_BYTES + 1..=MAX_PRIVATE_BYTES).contains(&bytes.len());
        let split = bytes
            .len()
            .checked_sub(CHECKSUM_BYTES)
            .filter(|_| within)
            .ok_or(JoseError::InvalidKey)?;
        let (der, checksum) = bytes.split_at(split);
        if Sha256::digest(der)[..] != *checksum {
            return Err(JoseError::InvalidKey);
        }
        Self::from_der(algorithm, der)
    }

    /// Loads an RSA key of at least 2048 bits as others hand it out, PKCS#1 or PKCS#8 in PEM form: a key of the operator's own,
    /// not of strangers.
    ///
    /// # Errors
    /// [`JoseError::InvalidKey`] for anything else.
    pub fn from_rsa_pem(algorithm: Algorithm, pem: &str) -> Result<Self, JoseError> {
        let is_rsa = matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256);
        if !is_rsa || pem.len() > MAX_PRIVATE_BYTES {
            return Err(JoseError::InvalidKey);
        }
        let pair = RsaKeyPair::from_pem(pem).map_err(|_| JoseError::InvalidKey)?;
        Self::from_der(algorithm, &Zeroizing::new(pair.to_der_private_key()))
    }

    fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, JoseError> {
        let jwk = public_half(algorithm, der).ok_or(JoseError::InvalidKey)?;
        let signer = Signer::from_der(algorithm, der).ok_or(JoseError::InvalidKey)?;
        let mut public: Map<String, Value> = jwk.as_ref().clone();
        public.insert("alg".to_owned(), algorithm.as_str().into());
        let kid = thumbprint(&public, algorithm);
        public.insert("kid".to_owned(), kid.as_str().into());
        let key = PublicKey::read(&public).ok_or(JoseError::InvalidKey)?;
        let proof = signer.sign(kid.as_bytes()).map_err(|_| JoseError::InvalidKey)?;
        if !key.verifies(algorithm, kid.as_bytes(), &proof) {
            return Err(JoseError::InvalidKey);
        }
        // Reserved in full: growing would leave a copy of the key behind.
        let mut private = Zeroizing::new(Vec::with_capacity(der.len() + CHECKSUM_BYTES));
        private.extend_from_slice(der);
        private.extend_from_slice(&Sha256::digest(der));
        Ok(Self {
            algorithm,
            kid,
            public: key.jwk().clone(),
            private,
            signer,
        })
    }

    /// The private key, to be sealed before it is stored: DER-encoded PKCS#8 followed by its SHA-256.
    #[must_use]
    pub fn to_private_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.private.clone()
    }

    /// The key id: the RFC 7638 thumbprint, with the algorithm mixed in for PS256.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public half with `kid`, `alg` and `use`.
    #[must_use]
    pub fn public_jwk(&self) -> Map<String, Value> {
        self.public.clone()
    }

    /// Signs the claims as a compact JWS of that `typ`.
    ///
    /// # Errors
    /// [`JoseError::InvalidClaims`] unless the claims are an object whose times are integers.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, JoseError> {
        self.compact(&self.header(typ)?, claims)
    }

    /// Signs the claims as a JWS that brings its public key along, as clients prove possession (RFC 9449 §4.2).
    ///
    /// # Errors
    /// As [`SigningKey::sign`].
    pub fn prove(&self, typ: &str, claims: &impl Serialize) -> Result<String, JoseError> {
        let mut jwk = self.public.clone();
        jwk.retain(|name, _| !["kid", "use", "alg"].contains(&name.as_str()));
        let header = json!({"alg": self.algorithm.as_str(), "typ": typ, "jwk": jwk});
        self.compact(&header.to_string(), claims)
    }

    fn compact(&self, header: &str, claims: &impl Serialize) -> Result<String, JoseError> {
        let payload = serde_json::to_vec(claims).map_err(|_| JoseError::InvalidClaims)?;
        check_payload(&payload)?;
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.signer.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Nothing in it needs escaping: the name is fixed, the type is checked, the key id is base64url.
    fn header(&self, typ: &str) -> Result<String, JoseError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"+-./".contains(&b);
        if typ.is_empty() || !typ.bytes().all(plain) {
            return Err(JoseError::InvalidType);
        }
        Ok(format!(
            r#"{{"alg":"{}","typ":"{typ}","kid":"{}"}}"#,
            self.algorithm, self.kid
        ))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The times of a token; many clients read nothing but integers here.
#[derive(Deserialize)]
struct Times {
    #[serde(default, rename = "exp")]
    _exp: Option<i64>,
    #[serde(default, rename = "iat")]
    _iat: Option<i64>,
    #[serde(default, rename = "nbf")]
    _nbf: Option<i64>,
    #[serde(default, rename = "auth_time")]
    _auth_time: Option<i64>,
}

fn check_payload(payload: &[u8]) -> Result<(), JoseError> {
    let object = payload.first() == Some(&b'{');
    if object && serde_json::from_slice::<Times>(payload).is_ok() {
        Ok(())
    } else {
        Err(JoseError::InvalidClaims)
    }
}

fn public_half(algorithm: Algorithm, der: &[u8]) -> Option<Jwk> {
    let jwk = match algorithm {
        Algorithm::Es256 => EcKeyPair::from_der(der, Some(EcCurve::P256))
            .ok()?
            .to_jwk_public_key(),
        Algorithm::Rs256 | Algorithm::Ps256 => RsaKeyPair::from_der(der).ok()?.to_jwk_public_key(),
        Algorithm::EdDsa => EdKeyPair::from_der(der)
            .ok()
            .filter(|pair| pair.curve() == EdCurve::Ed25519)?
            .to_jwk_public_key(),
    };
    Some(jwk)
}
