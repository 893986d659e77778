//! Somebody with a key, at a proxy: tokens bound to it, and proofs of it.
//! Refuses nothing: a proof may be made as wrong as a test wants it.

use super::{Reply, World};
use jose::{Algorithm, SigningKey};
use oauth::dpop::access_token_hash;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub const NO_NONCE: &str = "[dpop]\ndemand_nonce = false\n";
pub const EITHER: &str = r#"
[[routes]]
name = "either"
match = { path = "/either" }
upstream = "echo"
require = { audience = "https://api", sender = "any" }
"#;

pub struct KeyHolder {
    pub world: World,
    pub key: Arc<SigningKey>,
    proofs: Arc<AtomicUsize>,
}

impl KeyHolder {
    pub async fn with(routes: &str, settings: &str) -> Self {
        Self {
            world: World::with(routes, settings).await,
            key: Arc::new(SigningKey::generate(Algorithm::Es256).unwrap()),
            proofs: Arc::default(),
        }
    }

    /// The same one at another proxy of the same authorization server.
    pub async fn beside(&self, routes: &str, settings: &str) -> Self {
        Self {
            world: self.world.beside(routes, settings).await,
            key: Arc::clone(&self.key),
            proofs: Arc::clone(&self.proofs),
        }
    }

    pub fn token(&self) -> String {
        self.world.authority.jwt(&json!({"cnf": {"jkt": self.key.kid()}}))
    }

    /// One that also survives a clock that was moved: the authorization server knows it.
    pub fn opaque(&self) -> String {
        let cnf = json!({"cnf": {"jkt": self.key.kid()}, "token_type": "DPoP"});
        self.world.authority.opaque(&cnf)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.world.address())
    }

    /// A fresh proof for `GET /orders/1` that is fine but for `change`.
    pub fn proof(&self, token: &str, change: &Value) -> String {
        let number = self.proofs.fetch_add(1, Ordering::SeqCst);
        let mut claims = json!({"jti": format!("proof-{number}"), "htm": "GET", "htu": self.url("/orders/1"),
            "iat": self.world.clock.unix_seconds(), "ath": access_token_hash(token)});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.key.prove("dpop+jwt", &claims).unwrap()
    }

    pub async fn get(&self, path: &str, scheme: &str, token: &str, proofs: &[&str]) -> Reply {
        let credential = format!("{scheme} {token}");
        let mut headers = vec![("authorization", credential.as_str())];
        headers.extend(proofs.iter().map(|proof| ("dpop", *proof)));
        self.world.get(path, &headers).await
    }

    pub async fn order(&self, token: &str, proof: &str) -> Reply {
        self.get("/orders/1", "DPoP", token, &[proof]).await
    }
}
