//! Services ask for decisions: `POST /check` with an action and a resource, and AuthZEN.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on says so"
)]

#[path = "../app/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod app;
mod authzen;
mod check;
mod entitlements;
mod quantities;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::clients::NewClient;
use model::client::{ClientSettings, GrantType};
use oauth::client_auth::ClientAuthMethod;
use serde_json::{Value, json};

use app::json::Program;
use app::{App, PASSWORD};

/// An account with an IAM user `bob` who may read orders, and two services that ask.
pub struct Shop {
    pub app: App,
    /// Signed in as root.
    pub root: Program,
    pub token: String,
    pub account: String,
    pub policy: String,
    /// A proxy.
    pub gate: Program,
    /// A client like any other.
    pub stranger: Program,
}

impl Shop {
    pub async fn open() -> Self {
        Self::over(App::new().await).await
    }

    pub async fn over(app: App) -> Self {
        app.authority.keep_keys(&app.ctx()).await.unwrap();
        let body = json!({"email": "ada@example.org", "password": PASSWORD, "name": "Ada"});
        let reply = app.program().post("/auth/register", body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        let token = reply.text("/access_token").to_owned();
        let account = reply.text("/user/account_id").to_owned();
        let root = app.program().bearing(&token);
        let gate = service(&app, "gate", true).await;
        let stranger = service(&app, "stranger", false).await;
        let mut shop = Self {
            app,
            root,
            token,
            account,
            policy: String::new(),
            gate,
            stranger,
        };
        shop.employ_bob().await;
        shop
    }

    async fn employ_bob(&mut self) {
        let made = self
            .root
            .post("/auth/iam/users", json!({"username": "bob"}))
            .await;
        assert_eq!(made.status, 201, "{}", made.body);
        let statement = json!({"Sid": "Read", "Effect": "Allow", "Action": "orders:Read*",
            "Resource": "arn:authz:orders::*:order/*",
            "Condition": {"IpAddressIfExists": {"request:ip": "192.0.2.0/24"}}});
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        let body = json!({"name": "reader", "description": "Reads orders", "document": document});
        let made = self.root.post("/auth/iam/policies", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        self.policy = made.text("/id").to_owned();
        let done = self.root.put(&self.attachment(), json!({})).await;
        assert!(done.status.is_success(), "{}", done.body);
    }

    pub fn attachment(&self) -> String {
        format!("/auth/iam/users/bob/policies/{}", self.policy)
    }

    pub fn bob(&self) -> Value {
        json!({"type": "user", "id": format!("arn:authz:iam::{}:user/bob", self.account)})
    }

    pub fn order(&self, id: &str) -> String {
        format!("arn:authz:orders::{}:order/{id}", self.account)
    }
}

async fn service(app: &App, id: &str, proxy: bool) -> Program {
    let settings = ClientSettings {
        auth_method: ClientAuthMethod::ClientSecretBasic,
        grant_types: vec![GrantType::ClientCredentials],
        proxy,
        ..ClientSettings::default()
    };
    let new = NewClient {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        settings,
    };
    let made = app.authority.create_client(&app.ctx(), new).await.unwrap();
    let secret = made.secret.unwrap();
    let basic = BASE64_STANDARD.encode(format!("{id}:{}", secret.expose()));
    app.program().with("authorization", &format!("Basic {basic}"))
}
