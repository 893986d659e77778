//! The programs under test: a server behind a relay, proxies that know it by the relay's address, an upstream.
//! Whoever ends something talks to the server without the relay, unless that takes a browser.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tests::proxy::{Proxy, Secret, Setup as ProxySetup};
use tests::relay::Relay;
use tests::server::{Server, Setup};

use crate::world::{ORDERS, Reference, SECRET};

pub const PASSWORD: &str = "five purple umbrellas on a tuesday";
pub const CALLBACK: &str = "http://127.0.0.1:9000/callback";

/// Limits that a benchmark would hit are out of the way.
const SETTINGS: &str = r#"
[registration]
attempts = 10000

[throttle]
attempts = 100

[limits]
v1 = "10000/min"
v1_authentication = "10000/min"

[mail]
mailbox_attempts = 100
address_attempts = 10000

[[clients]]
id = "jwt"
name = "JWT"
secret = "bench-secret-bench-secret-0123456789"
grant_types = ["authorization_code", "refresh_token", "client_credentials"]
redirect_uris = ["http://127.0.0.1:9000/callback"]
scopes = ["openid", "offline_access", "orders:read"]
resources = ["https://api.example.com"]

[[clients]]
id = "opaque"
name = "Opaque"
secret = "bench-secret-bench-secret-0123456789"
grant_types = ["authorization_code", "refresh_token", "client_credentials"]
redirect_uris = ["http://127.0.0.1:9000/callback"]
scopes = ["openid", "offline_access", "orders:read"]
resources = ["https://api.example.com"]
access_token_format = "opaque"
"#;

const ROUTES: &str = r#"
[limits]
lookups_per_address = "1000000/s"

[[routes]]
name = "orders"
match = { path = "/orders/**" }
upstream = "service"
require = { scopes = ["orders:read"] }
"#;

pub struct House {
    pub server: Server,
    pub relay: Relay,
    pub proxies: Vec<Proxy>,
    http: reqwest::Client,
    upstream: Reference,
}

impl House {
    pub async fn start(proxies: usize, lease: Duration) -> Result<Self> {
        let relay = Relay::start().await?;
        let setup = Setup::sqlite()
            .with(&format!("{SETTINGS}{ORDERS}"))
            .env("AUTHZ_SERVER__ISSUER", &relay.origin());
        let server = Server::start(setup).await?;
        relay.lead_to(server.address())?;
        let upstream = Reference::start("upstream", None)?;
        let mut house = Self {
            server,
            relay,
            proxies: Vec::new(),
            http: reqwest::Client::builder().no_proxy().build()?,
            upstream,
        };
        for _ in 0..proxies {
            house.proxies.push(house.proxy(lease).await?);
        }
        Ok(house)
    }

    async fn proxy(&self, lease: Duration) -> Result<Proxy> {
        let lease = format!("[revocations]\nlease = \"{}ms\"\n", lease.as_millis());
        // One thread each: many share the machine.
        let threads = "[runtime]\nthreads = 1\n";
        let setup = ProxySetup {
            issuer: self.relay.origin(),
            client_id: "edge".to_owned(),
            client_secret: Secret::Text(SECRET.to_owned()),
            upstream: self.upstream.address,
            sections: format!("{lease}{threads}{ROUTES}"),
        };
        Proxy::start(setup).await
    }

    /// A page for browsers.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.relay.origin())
    }

    /// A form posted by a client.
    pub async fn post(&self, client: &str, path: &str, form: &[(&str, &str)]) -> Result<reqwest::Response> {
        let request = self.http.post(self.server.url(path));
        Ok(request.basic_auth(client, Some(SECRET)).form(form).send().await?)
    }

    /// The answer of the token endpoint.
    pub async fn tokens(&self, client: &str, form: &[(&str, &str)]) -> Result<Value> {
        self.tokens_of(client, SECRET, form).await
    }

    /// The same to a client with a secret of its own.
    pub async fn tokens_of(&self, client: &str, secret: &str, form: &[(&str, &str)]) -> Result<Value> {
        let request = self.http.post(self.server.url("/oauth2/token"));
        let answer = request.basic_auth(client, Some(secret)).form(form).send().await?;
        let (status, body) = (answer.status(), answer.json::<Value>().await?);
        ensure!(status.is_success(), "{status} {body}");
        Ok(body)
    }

    pub async fn client_credentials(&self, client: &str) -> Result<String> {
        let tokens = self
            .tokens(client, &[("grant_type", "client_credentials")])
            .await?;
        text(&tokens, "access_token")
    }

    /// An answer of the JSON surface `/v1`, with a token or without.
    pub async fn v1(
        &self,
        token: Option<&str>,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> Result<Value> {
        let request = self.http.request(method, self.server.url(path)).json(body);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await?;
        let (status, body) = (answer.status(), answer.json::<Value>().await?);
        ensure!(status.is_success(), "{path}: {status} {body}");
        Ok(body)
    }

    pub async fn revoke(&self, client: &str, token: &str) -> Result<()> {
        let answer = self.post(client, "/oauth2/revoke", &[("token", token)]).await?;
        ensure!(answer.status() == 200, "{}", answer.status());
        Ok(())
    }

    /// A subcommand of the server, off the threads that measure.
    pub async fn command(&self, words: &[&str]) -> Result<String> {
        let mut command = self.server.command(words);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let (said, failed) = (
            String::from_utf8(output.stdout)?,
            String::from_utf8_lossy(&output.stderr),
        );
        ensure!(output.status.success(), "{words:?}: {failed}");
        Ok(said)
    }
}

/// A member of an object.
pub fn text(body: &Value, name: &str) -> Result<String> {
    let found = body[name].as_str();
    Ok(found.with_context(|| format!("no {name} in {body}"))?.to_owned())
}
