//! A public key made ready to verify the signatures of one algorithm.
//! Refuses points that are not on the curve; the sizes of RSA numbers are the reader's to check.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents,
};

use crate::Algorithm;

/// The numbers a public key is made of.
pub(crate) enum Numbers {
    /// A point of P-256.
    Ec { x: Vec<u8>, y: Vec<u8> },
    /// A point of Ed25519.
    Ed { x: Vec<u8> },
    /// A modulus and an exponent.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Numbers {
    /// What a key of these numbers could verify.
    pub(crate) const fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Ec { .. } => &[Algorithm::Es256],
            Self::Ed { .. } => &[Algorithm::EdDsa],
            Self::Rsa { .. } => &[Algorithm::Rs256, Algorithm::Ps256],
        }
    }
}

/// The key and how it is used.
pub(crate) struct Verifier(ParsedPublicKey);

impl Verifier {
    /// `None` when the numbers are no key of the algorithm.
    pub(crate) fn new(algorithm: Algorithm, numbers: &Numbers) -> Option<Self> {
        let rsa = |parameters: &'static RsaParameters| match numbers {
            Numbers::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(parameters)
                .ok(),
            Numbers::Ec { .. } | Numbers::Ed { .. } => None,
        };
        let key = match (algorithm, numbers) {
            (Algorithm::Es256, Numbers::Ec { x, y }) => {
                // SEC 1 §2.3.3: an uncompressed point.
                let point = [&[4], x.as_slice(), y].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()
            }
            (Algorithm::EdDsa, Numbers::Ed { x }) => ParsedPublicKey::new(&ED25519, x).ok(),
            (Algorithm::Rs256, _) => rsa(&RSA_PKCS1_2048_8192_SHA256),
            (Algorithm::Ps256, _) => rsa(&RSA_PSS_2048_8192_SHA256),
            (Algorithm::Es256 | Algorithm::EdDsa, _) => None,
        };
        key.map(Self)
    }

    /// Whether the signature of the message is this key's; it has the form of RFC 7518 §3 or RFC 8037 §3.1.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}
