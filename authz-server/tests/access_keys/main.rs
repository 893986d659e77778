//! Access keys of IAM users, and what programs get for the requests they sign with them.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[path = "../app/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod app;
mod exchange;
mod keys;
mod secret;
mod signed;

use domain::clients::NewClient;
use http::Method;
use model::client::{ClientSettings, GrantType};
use oauth::client_auth::ClientAuthMethod;
use serde_json::{Value, json};
use testkit::signer::{Outgoing, Signer};

use app::json::{Program, Reply};
use app::{App, PASSWORD};

pub const EXCHANGE: &str = "/auth/iam/exchange-credentials";
pub const KEYS: &str = "/auth/iam/users/ci/access-keys";

/// An account with an IAM user `ci`.
pub struct Ground {
    pub app: App,
    pub root: Program,
    introspector: String,
}

impl Ground {
    pub async fn new() -> Self {
        let app = App::new().await;
        let body = json!({"email": "ada@example.org", "password": PASSWORD});
        let reply = app.program().post("/auth/register", body).await;
        let root = app.program().bearing(reply.text("/access_token"));
        let made = root.post("/auth/iam/users", json!({"username": "ci"})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let introspector = introspector(&app).await;
        Self {
            app,
            root,
            introspector,
        }
    }

    /// Another key of `ci`.
    pub async fn key(&self) -> Signer {
        let made = self.root.post(KEYS, json!({})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        Signer::new(made.text("/access_key_id"), made.text("/secret_access_key"))
    }

    /// A signed exchange, dated now.
    pub fn signed(&self, signer: &Signer, body: &str) -> Outgoing {
        signer.sign(plain(body), self.app.ctx().now)
    }

    pub async fn send(&self, request: &Outgoing) -> Reply {
        let mut program = self.app.program();
        for (name, value) in &request.headers {
            program = program.with(name, value);
        }
        let body = Some(request.body.clone()).filter(|body| !body.is_empty());
        program.send(Method::POST, &request.target, body).await
    }

    pub async fn is_active(&self, token: &str) -> bool {
        let fields = [
            ("client_id", "proxy"),
            ("client_secret", self.introspector.as_str()),
            ("token", token),
        ];
        let answer = self.app.browser().post("/oauth2/introspect", &fields).await;
        let said: Value = serde_json::from_str(&answer.body).unwrap();
        said["active"].as_bool().unwrap()
    }
}

pub fn plain(body: &str) -> Outgoing {
    Outgoing::post("auth.example", EXCHANGE, body)
}

/// The claims of a JWT.
pub fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn introspector(app: &App) -> String {
    let settings = ClientSettings {
        auth_method: ClientAuthMethod::ClientSecretPost,
        grant_types: vec![GrantType::ClientCredentials],
        proxy: true,
        ..ClientSettings::default()
    };
    let new = NewClient {
        id: "proxy".parse().unwrap(),
        name: "proxy".to_owned(),
        settings,
    };
    let made = app.authority.create_client(&app.ctx(), new).await.unwrap();
    made.secret.unwrap().expose().to_owned()
}
