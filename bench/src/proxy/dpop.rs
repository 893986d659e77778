//! A bound token that the proxy knows, with a new proof in each request (RFC 9449): what the proof costs.
//! Proofs are made before anything is measured, and none is sent twice.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use jose::{Algorithm, SigningKey};
use oauth::dpop::{HEADER, NONCE_HEADER, PROOF_TYPE, access_token_hash};
use serde_json::json;

use super::fresh::count;
use super::tokens::PATH;
use crate::connection::{Answer, Connection, get, post_form};
use crate::cpu::counted;
use crate::load::{Rate, expect, once};
use crate::report::Report;
use crate::server::basic;
use crate::world::World;

pub async fn measure(report: &mut Report, world: &World, bare: Rate) -> Result<()> {
    for kind in ["opaque", "jwt"] {
        let client = Client::new()?;
        let token = client.token(world, kind).await?;
        let nonce = client.nonce(world, &token).await?;
        let requests = (0..count())
            .map(|number| client.request(&token, &number.to_string(), Some(&nonce)))
            .collect::<Result<Vec<_>>>()?;
        // The token is known when the first proof has passed.
        let known = client.request(&token, "first", Some(&nonce))?;
        once(world.proxy.address(), vec![known], 200).await?;
        let run = once(world.proxy.address(), requests, 200);
        let rate = counted(world.proxy_id, run).await?;
        let what = format!("proxy, cached, {kind}, DPoP, 1 token, every proof new");
        report.beside(&what, rate, "bare pingora", bare, "");
    }
    Ok(())
}

/// Whoever holds the key.
struct Client(SigningKey);

impl Client {
    fn new() -> Result<Self> {
        Ok(Self(SigningKey::generate(Algorithm::Es256)?))
    }

    fn proof(&self, request: (&str, &str), number: &str, more: &[(&str, &str)]) -> Result<String> {
        let (method, url) = request;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut claims = json!({"jti": number, "htm": method, "htu": url, "iat": now});
        for (name, value) in more {
            claims[*name] = json!(value);
        }
        Ok(self.0.prove(PROOF_TYPE, &claims)?)
    }

    /// A token that is bound to the key; a demanded nonce is used in a second attempt.
    async fn token(&self, world: &World, kind: &str) -> Result<String> {
        let url = format!("{}/oauth2/token", world.server.issuer());
        let mut connection = Connection::open(world.server.address()).await?;
        let mut more = Vec::new();
        let first = self
            .ask(&mut connection, kind, &self.proof(("POST", &url), "1", &more)?)
            .await?;
        let nonce = first.header(NONCE_HEADER).map(str::to_owned);
        let answer = match (first.status, &nonce) {
            (400, Some(nonce)) => {
                more.push(("nonce", nonce.as_str()));
                let proof = self.proof(("POST", &url), "2", &more)?;
                self.ask(&mut connection, kind, &proof).await?
            }
            _ => first,
        };
        expect(&answer, 200)?;
        let body: serde_json::Value = serde_json::from_slice(&answer.body)?;
        if body["token_type"] != "DPoP" {
            bail!("the token is not bound: {}", body["token_type"]);
        }
        Ok(body["access_token"].as_str().context("no token")?.to_owned())
    }

    async fn ask(&self, connection: &mut Connection, kind: &str, proof: &str) -> Result<Answer> {
        let headers = format!("{}{HEADER}: {proof}\r\n", basic(kind));
        let form = "grant_type=client_credentials&scope=orders%3Aread";
        connection.send(&post_form("/oauth2/token", &headers, form)).await
    }

    /// The nonce that the proxy tells whoever has none.
    async fn nonce(&self, world: &World, token: &str) -> Result<String> {
        let mut connection = Connection::open(world.proxy.address()).await?;
        let answer = connection.send(&self.request(token, "none", None)?).await?;
        expect(&answer, 401)?;
        Ok(answer.header(NONCE_HEADER).context("no nonce")?.to_owned())
    }

    /// A request to the proxy with a proof of its own; its host is the one that `get` names.
    fn request(&self, token: &str, number: &str, nonce: Option<&str>) -> Result<Vec<u8>> {
        let url = format!("http://127.0.0.1{PATH}");
        let hash = access_token_hash(token);
        let mut more = vec![("ath", hash.as_str())];
        more.extend(nonce.map(|nonce| ("nonce", nonce)));
        let proof = self.proof(("GET", &url), number, &more)?;
        let headers = format!("Authorization: DPoP {token}\r\n{HEADER}: {proof}\r\n");
        Ok(get(PATH, &headers))
    }
}
