//! Whoever may report keys found in public: their public keys, fetched and remembered, and their signatures.
//! Refuses keys of another curve, and to fetch more than once a minute however many unknown keys are named.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::{Clock, Timestamp};
use serde::Deserialize;

use super::federation::{Outside, OutsideError};

/// A set is asked for again after this time, so that withdrawn keys go.
const KEPT: Duration = Duration::from_secs(60 * 60);
const BETWEEN: Duration = Duration::from_secs(60);
const MOST_KEYS: usize = 100;
/// `SubjectPublicKeyInfo` of a point on P-256 (RFC 5480 §2), up to the point.
const P256_HEADER: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Cheap to clone.
#[derive(Clone)]
pub struct LeakReporters(Arc<Inner>);

struct Inner {
    url: String,
    outside: Outside,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Vec<(String, Vec<u8>)>,
    fetched_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Document {
    public_keys: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    key_identifier: String,
    key: String,
}

impl LeakReporters {
    /// Fetches nothing yet.
    pub fn new(url: &str, outside: Outside, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            url: url.to_owned(),
            outside,
            clock,
            known: Mutex::default(),
        }))
    }

    /// Whether the named key has signed this body. `signature` is base64 of an ASN.1 ECDSA signature.
    ///
    /// # Errors
    /// When the keys can't be had.
    pub async fn has_signed(&self, name: &str, signature: &str, body: &[u8]) -> Result<bool, OutsideError> {
        let Ok(signature) = STANDARD.decode(signature) else {
            return Ok(false);
        };
        if let Some(due) = self.must_ask(name) {
            self.fetch(due).await?;
        }
        let key = self.find(name);
        Ok(key.is_some_and(|point| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
                .verify(body, &signature)
                .is_ok()
        }))
    }

    fn find(&self, name: &str) -> Option<Vec<u8>> {
        let known = self.lock();
        let found = known.keys.iter().find(|(known, _)| known == name);
        found.map(|(_, point)| point.clone())
    }

    /// The moment of asking, if the set is old or does not have the key, and nobody has asked just now.
    fn must_ask(&self, name: &str) -> Option<Timestamp> {
        let now = self.0.clock.now();
        let mut known = self.lock();
        let old = known.fetched_at.is_none_or(|at| now >= at.plus(KEPT));
        let missing = !known.keys.iter().any(|(known, _)| known == name);
        let recently = known.asked_at.is_some_and(|at| now < at.plus(BETWEEN));
        if recently || !(old || missing) {
            return None;
        }
        known.asked_at = Some(now);
        Some(now)
    }

    async fn fetch(&self, now: Timestamp) -> Result<(), OutsideError> {
        let request = http::Request::get(&self.0.url)
            .header(http::header::ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|_| OutsideError::new("the address of the reporters' keys is unusable"))?;
        let answer = self.0.outside.clone().send(request).await?;
        let document = serde_json::from_slice::<Document>(answer.body())
            .ok()
            .filter(|_| answer.status().is_success())
            .ok_or_else(|| OutsideError::new("the reporters' keys can't be read"))?;
        let listed = document.public_keys.into_iter().take(MOST_KEYS);
        let keys = listed.filter_map(|listed| Some((listed.key_identifier, point(&listed.key)?)));
        let keys = keys.collect();
        let mut known = self.lock();
        known.keys = keys;
        known.fetched_at = Some(now);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The point of a P-256 key in PEM (RFC 7468 §13).
fn point(pem: &str) -> Option<Vec<u8>> {
    let body = pem
        .trim()
        .strip_prefix("-----BEGIN PUBLIC KEY-----")?
        .strip_suffix("-----END PUBLIC KEY-----")?;
    let text: String = body.split_whitespace().collect();
    let der = STANDARD.decode(text).ok()?;
    let point = der.strip_prefix(&P256_HEADER)?;
    (point.len() == 65 && point[0] == 4).then(|| point.to_vec())
}
