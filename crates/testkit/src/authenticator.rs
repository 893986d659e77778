//! An authenticator in software: makes passkeys and answers with them as a browser would (WebAuthn §6, attestation `none`).
//! It obeys whoever holds it: counter, flags, origin and handle can be set to what no honest one would say.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Random;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// One passkey and where it is used.
pub struct SoftPasskey {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    /// What it says its user is.
    pub handle: Option<Vec<u8>>,
    /// The site whose page asks.
    pub origin: String,
    /// Counts each use; an authenticator that always says zero does not count.
    pub counter: u32,
    /// Whether the user has shown a finger or a PIN.
    pub verifies: bool,
}

impl SoftPasskey {
    /// Makes a passkey as `options` of `navigator.credentials.create` say; with it, the answer as JSON.
    ///
    /// # Panics
    /// When these are no such options.
    pub fn create(options: &str, origin: &str) -> (Self, String) {
        let options: Value = serde_json::from_str(options).unwrap();
        let mut id = vec![0; 16];
        model::SystemRandom.fill(&mut id);
        let passkey = Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id,
            handle: Some(decode(&options["user"]["id"])),
            origin: origin.to_owned(),
            counter: 0,
            verifies: true,
        };
        let rp_id = options["rp"]["id"].as_str().unwrap();
        let mut data = passkey.authenticator_data(rp_id, ATTESTED);
        // No model, then the id and the public key.
        data.extend([0; 16]);
        data.extend(u16::try_from(passkey.id.len()).unwrap().to_be_bytes());
        data.extend(&passkey.id);
        data.extend(passkey.cose_key());
        let response = json!({
            "attestationObject": URL_SAFE_NO_PAD.encode(attestation(&data)),
            "clientDataJSON": passkey.client_data("webauthn.create", &options["challenge"]),
        });
        let answer = passkey.answer(&response);
        (passkey, answer)
    }

    /// Answers `options` of `navigator.credentials.get`, and counts.
    ///
    /// # Panics
    /// When these are no such options.
    pub fn get(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.authenticator_data(options["rpId"].as_str().unwrap(), 0);
        let client_data = self.client_data("webauthn.get", &options["challenge"]);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(URL_SAFE_NO_PAD.decode(&client_data).unwrap()));
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.answer(&json!({
            "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "clientDataJSON": client_data,
            "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
            "userHandle": self.handle.as_ref().map(|handle| URL_SAFE_NO_PAD.encode(handle)),
        }))
    }

    fn answer(&self, response: &Value) -> String {
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    /// WebAuthn §6.1
    fn authenticator_data(&self, rp_id: &str, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = Sha256::digest(rp_id).to_vec();
        data.push(PRESENT | verified | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// RFC 9053 §7.1.1, as CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    fn cose_key(&self) -> Vec<u8> {
        // An uncompressed point: a mark, x and y.
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32];
        key.extend(x);
        key.extend([0x22, 0x58, 32]);
        key.extend(y);
        key
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> String {
        let data = json!({
            "type": kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": false,
        });
        URL_SAFE_NO_PAD.encode(data.to_string())
    }
}

fn decode(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

/// As CBOR: {"fmt": "none", "attStmt": {}, "authData": data}
fn attestation(data: &[u8]) -> Vec<u8> {
    let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
    object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    object.extend(data);
    object
}
