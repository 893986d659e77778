//! The world of the demo, on ports of its own: server, proxy and a sample service with the demo's own configuration.
//! What the demo shows and what the tests try is the same.

use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::proxy::{Proxy, Secret, Setup as ProxySetup};
use crate::sample_service::SampleService;
use crate::server::{Server, Setup};

const OPERATOR: &str = "operator@example.com";
const SERVER: &str = include_str!("../../demo/authz.toml");
/// The demo's routes.
pub const ROUTES: &str = include_str!("../../demo/routes.toml");
/// The website: id and secret.
pub const SHOP: (&str, &str) = ("shop", "demo-only-secret-of-the-shop-0123456789");
/// The same with opaque access tokens, for client credentials only.
pub const OPAQUE: (&str, &str) = ("shop-opaque", "demo-only-secret-of-the-shop-0123456789");
/// The proxy.
pub const EDGE: (&str, &str) = ("edge", "demo-only-secret-of-the-edge-0123456789");
/// Where the website takes codes.
pub const CALLBACK: &str = "http://127.0.0.1:9000/callback";
/// A password that is accepted.
pub const PASSWORD: &str = "five purple umbrellas on a tuesday";

/// Running programs, killed when dropped.
pub struct Demo {
    /// The authorization server.
    pub server: Server,
    /// The proxy in front of the service.
    pub proxy: Proxy,
    /// A client without redirects.
    pub http: reqwest::Client,
    _service: SampleService,
}

/// The demo's configuration without its fixed addresses.
pub fn sections() -> String {
    let start = SERVER.find("[brand]").unwrap_or_default();
    SERVER[start..].to_owned()
}

impl Demo {
    /// On SQLite.
    pub async fn start() -> Result<Self> {
        Self::with(Setup::sqlite()).await
    }

    /// On the database of `setup`, to which the demo's sections are added.
    pub async fn with(setup: Setup) -> Result<Self> {
        Self::with_routes(setup, "").await
    }

    /// The same with more `[[routes]]` after the demo's own.
    pub async fn with_routes(setup: Setup, routes: &str) -> Result<Self> {
        Self::in_front_of(Server::start(setup.with(&sections())).await?, routes).await
    }

    /// The first, where the server has a name, as passkeys want it.
    pub async fn named(setup: Setup) -> Result<Self> {
        Self::in_front_of(Server::start_named(setup.with(&sections())).await?, "").await
    }

    async fn in_front_of(server: Server, routes: &str) -> Result<Self> {
        let secret = Secret::Text(EDGE.1.to_owned());
        Self::assemble(server, EDGE.0, secret, routes).await
    }

    /// A proxy that is the client `id`, and a service, around a server that runs already.
    pub async fn around(server: Server, id: &str, secret: Secret) -> Result<Self> {
        Self::assemble(server, id, secret, "").await
    }

    async fn assemble(server: Server, id: &str, secret: Secret, routes: &str) -> Result<Self> {
        let service = SampleService::start().await?;
        let proxy = ProxySetup {
            issuer: server.issuer(),
            client_id: id.to_owned(),
            client_secret: secret,
            upstream: service.address(),
            sections: format!("{ROUTES}\n{routes}"),
        };
        // Debug builds that share few processors with a whole suite take longer than the default now and then.
        let patience = ("PROXY_AUTHORIZATION_SERVER__TIMEOUT".to_owned(), "10s".to_owned());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            server,
            proxy: Proxy::start_with(vec![patience], proxy).await?,
            http,
            _service: service,
        })
    }

    /// Sends JSON to the server, as the bearer of a token unless that is empty, and reads the answer to its success.
    ///
    /// # Errors
    /// When it isn't one.
    pub async fn send(&self, method: &str, path: &str, token: &str, body: &Value) -> Result<Value> {
        let mut request = self.http.request(method.parse()?, self.server.url(path));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let answer = request.json(body).send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        anyhow::ensure!(status.is_success(), "{method} {path}: {status} {body}");
        Ok(body)
    }

    /// Somebody with an account of their own: an access token, and the account's number.
    ///
    /// # Errors
    /// When they are not taken.
    pub async fn register(&self, email: &str) -> Result<(String, String)> {
        let body = json!({"email": email, "password": PASSWORD, "name": "Ada"});
        let owner = self.send("POST", "/auth/register", "", &body).await?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("no text");
        Ok((text(&owner["access_token"])?, text(&owner["user"]["account_id"])?))
    }

    /// A key of an administrator of the server, made at the command line.
    pub fn operator_key(&self, scopes: &str) -> Result<String> {
        let user = [
            "users",
            "create",
            "--email",
            OPERATOR,
            "--username",
            "operator",
            "--admin",
            "--password-stdin",
        ];
        let mut command = self.server.command(&user);
        let mut running = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        if let Some(mut input) = running.stdin.take() {
            input.write_all(PASSWORD.as_bytes())?;
        }
        anyhow::ensure!(running.wait()?.success(), "no operator was made");
        let key = [
            "service-keys",
            "create",
            "--owner",
            OPERATOR,
            "--name",
            "tests",
            "--scopes",
            scopes,
        ];
        let said = self.server.run(&key)?;
        let key = said
            .lines()
            .find_map(|line| line.strip_prefix("key (shown this once): "));
        Ok(key.context("no key")?.to_owned())
    }

    /// A token request of a client; the answer's JSON when it succeeds.
    pub async fn token(&self, client: (&str, &str), form: &[(&str, &str)]) -> Result<Value> {
        let answer = self.post(client, "/oauth2/token", form).await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        anyhow::ensure!(status.is_success(), "{status} {body}");
        Ok(body)
    }

    /// An access token by client credentials.
    pub async fn client_credentials(&self, client: (&str, &str)) -> Result<String> {
        let tokens = self
            .token(client, &[("grant_type", "client_credentials")])
            .await?;
        Ok(tokens["access_token"].as_str().context("no token")?.to_owned())
    }

    /// A form posted to the server by a client, authenticated when it has a secret.
    pub async fn post(
        &self,
        (id, secret): (&str, &str),
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<reqwest::Response> {
        let request = self.http.post(self.server.url(path));
        let request = match secret {
            // RFC 6749 §2.3.1: a public client only says who it is.
            "" => request.form(&[form, &[("client_id", id)]].concat()),
            secret => request.basic_auth(id, Some(secret)).form(form),
        };
        Ok(request.send().await?)
    }

    /// Whether introspection calls the token active.
    pub async fn is_active(&self, client: (&str, &str), token: &str) -> Result<bool> {
        let state: Value = self
            .post(client, "/oauth2/introspect", &[("token", token)])
            .await?
            .json()
            .await?;
        Ok(state["active"] == true)
    }

    /// The status of a call through the proxy.
    pub async fn call(&self, token: &str, path: &str) -> Result<u16> {
        Ok(self
            .http
            .get(self.proxy.url(path))
            .bearer_auth(token)
            .send()
            .await?
            .status()
            .as_u16())
    }

    /// Calls until the proxy refuses with 401, at most 2000 times; how many calls it still let through.
    pub async fn refused_after(&self, token: &str) -> Result<usize> {
        for let_through in 0..2000 {
            if self.call(token, "/orders/1").await? == 401 {
                return Ok(let_through);
            }
        }
        anyhow::bail!("the proxy goes on letting the token through")
    }
}
