//! Keys with a figure of their own, at every door of the server.

use std::time::Duration;

use authz_server::config::{LimitsConfig, Rate};
use domain::api_keys::NewApiKey;
use domain::clients::NewClient;
use model::api_key::{KeyKind, KeyName};
use model::client::{ClientSettings, GrantType};
use model::user::{Role, User};
use oauth::client_auth::ClientAuthMethod;
use oauth::permission::PermissionSet;
use serde_json::Value;

use crate::app::App;
use crate::app::json::{Program, Reply};

/// Somebody with keys, some of which may be used so often only.
struct Owner {
    app: App,
    user: User,
}

impl Owner {
    async fn limited(limits: &LimitsConfig) -> Self {
        let app = App::limited(limits).await;
        let user = app.admin("root@example.org", Role::Admin).await;
        Self { app, user }
    }

    async fn key(&self, name: &str, rate_limit: Option<u32>) -> String {
        let permissions = PermissionSet::from_list(["databases:read"]).unwrap();
        let mut new = NewApiKey::new(KeyKind::Api, KeyName::parse(name).unwrap(), permissions);
        new.rate_limit = rate_limit;
        let authority = &self.app.authority;
        let made = authority.create_api_key(&self.app.ctx(), &self.user, new).await;
        made.unwrap().1.expose().to_owned()
    }

    fn with(&self, key: &str) -> Program {
        self.app.program().with("x-api-key", key)
    }
}

fn figures(reply: &Reply) -> (u16, &str, &str) {
    let field = |name| reply.header(name);
    (
        reply.status.as_u16(),
        field("ratelimit-policy"),
        field("x-ratelimit-remaining"),
    )
}

const OWN: &str = "\"key\";q=3;w=60";

/// One budget for all surfaces and `/check`; another key of the same person has its own.
#[tokio::test]
async fn a_key_is_used_as_often_as_it_may_wherever_it_is_used() {
    let owner = Owner::limited(&LimitsConfig::default()).await;
    let (text, other) = (owner.key("one", Some(3)).await, owner.key("other", Some(3)).await);
    let key = owner.with(&text);
    for (path, status, left) in [
        ("/auth/me", 403, "2"),
        ("/api/session", 403, "1"),
        ("/check", 200, "0"),
    ] {
        let reply = key.get(path).await;
        assert_eq!(figures(&reply), (status, OWN, left), "{path}");
    }
    for path in ["/v1/auth/me", "/api/auth/me", "/auth/me"] {
        let refused = key.get(path).await;
        assert_eq!(figures(&refused), (429, OWN, "0"), "{path}");
        assert_eq!(refused.header("retry-after"), "60");
        assert_eq!(refused.body["error"]["details"]["retry_after"], 60);
    }
    let check = key.get("/check").await;
    assert_eq!(figures(&check), (429, OWN, "0"));
    assert_eq!(
        (check.header("retry-after"), check.text("/error")),
        ("60", "rate_limited")
    );
    assert_eq!(owner.with(&other).get("/check").await.status, 200);
    owner.app.clock.advance(Duration::from_secs(60));
    assert_eq!(key.get("/v1/auth/me").await.header("x-ratelimit-remaining"), "2");
}

/// What is told is the limit that is nearer to its end; what one of them refuses does not count on the other.
#[tokio::test]
async fn the_nearer_limit_is_told_and_a_refusal_counts_nowhere() {
    let tight = LimitsConfig {
        standard: Rate::per_minute(2),
        ..LimitsConfig::default()
    };
    let owner = Owner::limited(&tight).await;
    let key = owner.with(&owner.key("one", Some(3)).await);
    let standard = "\"standard\";q=2;w=60";
    for left in ["1", "0"] {
        assert_eq!(figures(&key.get("/auth/me").await), (403, standard, left));
    }
    for _ in 0..5 {
        assert_eq!(figures(&key.get("/auth/me").await), (429, standard, "0"));
    }
    assert_eq!(
        figures(&key.get("/v1/auth/me").await),
        (403, OWN, "0"),
        "the third use"
    );
    assert_eq!(figures(&key.get("/v1/auth/me").await), (429, OWN, "0"));
    // None of the refused ones has used up what the owner has on this surface.
    let other = owner.with(&owner.key("free", None).await);
    let told = other.get("/v1/auth/me").await;
    assert_eq!(told.header("x-ratelimit-remaining"), "98");
    assert_eq!(other.get("/check").await.header("ratelimit-policy"), "");
}

/// A token got in exchange is no way around the figure.
#[tokio::test]
async fn what_a_key_was_exchanged_for_counts_as_the_key() {
    let owner = Owner::limited(&LimitsConfig::default()).await;
    let text = owner.key("one", Some(3)).await;
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", text.as_str()),
        ("subject_token_type", "urn:authz:token-type:api-key"),
    ];
    let answer = owner.app.browser().post("/oauth2/token", &fields).await;
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    let token = owner
        .app
        .program()
        .bearing(answer["access_token"].as_str().unwrap());
    assert_eq!(figures(&token.get("/check").await), (200, OWN, "2"));
    assert_eq!(figures(&owner.with(&text).get("/check").await), (200, OWN, "1"));
    assert_eq!(figures(&token.get("/auth/me").await), (403, OWN, "0"));
    assert_eq!(token.get("/check").await.status, 429);
}

/// A service that asks is told in the answer, as of every other reason; only what would be allowed counts.
#[tokio::test]
async fn a_service_is_told_that_the_key_is_used_up() {
    let owner = Owner::limited(&LimitsConfig::default()).await;
    let text = owner.key("one", Some(2)).await;
    let settings = ClientSettings {
        auth_method: ClientAuthMethod::ClientSecretPost,
        grant_types: vec![GrantType::ClientCredentials],
        proxy: true,
        ..ClientSettings::default()
    };
    let new = NewClient {
        id: "billing".parse().unwrap(),
        name: "Billing".to_owned(),
        settings,
    };
    let made = owner
        .app
        .authority
        .create_client(&owner.app.ctx(), new)
        .await
        .unwrap();
    let secret = made.secret.unwrap();
    let check = async |scope: &str| {
        let fields = [
            ("client_id", "billing"),
            ("client_secret", secret.expose()),
            ("token", text.as_str()),
            ("scope", scope),
        ];
        let answer = owner.app.browser().post("/check", &fields).await;
        serde_json::from_str::<Value>(&answer.body).unwrap()
    };
    for _ in 0..5 {
        assert_eq!(check("databases:write").await["reason"], "missing_scope");
    }
    for _ in 0..2 {
        assert_eq!(check("databases:read").await["allowed"], true);
    }
    let refused = check("databases:read").await;
    assert_eq!(
        (&refused["active"], &refused["allowed"]),
        (&true.into(), &false.into())
    );
    assert_eq!(
        (&refused["reason"], &refused["retry_after"]),
        (&"rate_limited".into(), &60.into())
    );
}
