//! Somebody's API key, which is used instead of a token.
//! Refuses to share its owner with anything else.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use tests::agent::Agent;

use super::house::{House, PASSWORD, text};

pub struct Key {
    pub value: String,
    pub owner: String,
    id: String,
    /// Its owner's sign-in.
    session: String,
}

impl Key {
    /// Registers an owner, and has them make a key for one permission.
    pub async fn make(house: &House, number: usize) -> Result<Self> {
        let owner = format!("owner{number}");
        Agent::new()?
            .register(&house.relay.origin(), &owner, PASSWORD)
            .await?;
        let asked = json!({"email": format!("{owner}@example.com"), "password": PASSWORD});
        let signed_in = house.v1(None, Method::POST, "/v1/auth/login", &asked).await?;
        let session = text(&signed_in, "token")?;
        let asked = json!({"name": "Bench", "scopes": ["orders:read"], "expires_in": "365d"});
        let made = house
            .v1(Some(&session), Method::POST, "/v1/auth/api-keys", &asked)
            .await?;
        Ok(Self {
            value: text(&made, "api_key")?,
            id: text(&made, "id")?,
            owner,
            session,
        })
    }

    pub async fn revoke(&self, house: &House) -> Result<()> {
        let path = format!("/v1/auth/api-keys/{}", self.id);
        self.ask(house, &path, &json!({})).await
    }

    /// Keys rest while the account waits to be erased.
    pub async fn leave(&self, house: &House) -> Result<()> {
        self.ask(house, "/v1/users/me", &json!({"password": PASSWORD}))
            .await
    }

    async fn ask(&self, house: &House, path: &str, body: &Value) -> Result<()> {
        house
            .v1(Some(&self.session), Method::DELETE, path, body)
            .await
            .map(drop)
    }
}
