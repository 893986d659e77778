//! A private key made ready to sign.
//! Refuses keys that are not of the algorithm.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding,
};

use crate::{Algorithm, JoseError};

/// The key and how it is used.
pub(crate) enum Signer {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(rsa::KeyPair, &'static dyn RsaEncoding),
}

impl Signer {
    /// Reads a key in the DER form of PKCS#8; `None` when it is not one of the algorithm.
    pub(crate) fn from_der(algorithm: Algorithm, der: &[u8]) -> Option<Self> {
        let rsa = |encoding| Some(Self::Rsa(rsa::KeyPair::from_pkcs8(der).ok()?, encoding));
        match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
                .ok()
                .map(Self::Ec),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().map(Self::Ed),
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
        }
    }

    /// A signature in the form of RFC 7518 §3 or RFC 8037 §3.1.
    ///
    /// # Errors
    /// [`JoseError::Signing`] when the library fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, JoseError> {
        let random = SystemRandom::new();
        let signature = match self {
            Self::Ec(key) => key.sign(&random, message).map(|made| made.as_ref().to_vec()),
            Self::Ed(key) => key.try_sign(message).map(|made| made.as_ref().to_vec()),
            Self::Rsa(key, encoding) => {
                let mut made = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &random, message, &mut made).map(|()| made)
            }
        };
        signature.map_err(|error| JoseError::Signing(error.to_string()))
    }
}
