//! Limits that two servers count together in a real Redis, as callers meet them.
//! Time stands still at the servers; the store has its own, in which an hour is long.

use std::sync::Arc;
use std::time::Duration;

use authz_server::config::{LimitsConfig, Rate};
use authz_server::http::rate_limit::Together;
use domain::api_keys::NewApiKey;
use model::api_key::{KeyKind, KeyName};
use model::user::Role;
use oauth::permission::PermissionSet;
use redis_process::RedisServer;
use serde_json::json;
use shared_limits::{Observer, Settings, Shared, Store};

use crate::app::json::Reply;
use crate::app::{App, PASSWORD};

struct Nobody;

impl Observer for Nobody {
    fn connected(&self, _: bool) {}

    fn counted_alone(&self) {}
}

async fn eventually(condition: impl Fn() -> bool) {
    let reached = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), reached).await;
    in_time.expect("the condition comes true");
}

/// A server, and the counters it shares.
struct Replica {
    app: App,
    together: Together,
}

impl Replica {
    async fn start(redis: &RedisServer) -> Self {
        let settings = Settings {
            url: redis.url(),
            authority: None,
            prefix: "authz-server".to_owned(),
            replicas: 2,
            timeout: Duration::from_secs(10),
        };
        let store: Arc<Store> = Arc::new(Store::new(&settings, (), Arc::new(Nobody)).unwrap());
        let kept = Arc::clone(&store);
        tokio::spawn(async move { kept.keep().await });
        let together = Together::new(Shared::new(&settings, store, Arc::new(Nobody)));
        let limits = LimitsConfig {
            standard: Rate::new(6, 3600),
            v1: Rate::new(100, 3600),
            authentication: Rate::new(100, 3600),
            ..LimitsConfig::default()
        };
        let app = App::counting(&limits, together.clone()).await;
        eventually(|| together.is_connected()).await;
        Self { app, together }
    }

    async fn me(&self) -> Reply {
        self.app.program().get("/auth/me").await
    }
}

async fn passed(replicas: &[&Replica], count: usize) -> usize {
    let ask = |turn: usize| async move { replicas[turn % replicas.len()].me().await.status.as_u16() };
    let statuses = futures::future::join_all((0..count).map(ask)).await;
    assert!(
        statuses.iter().all(|status| [401, 429].contains(status)),
        "{statuses:?}"
    );
    statuses.iter().filter(|status| **status == 401).count()
}

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn requests_at_two_servers_count_together() {
    let redis = RedisServer::start().await;
    let (one, other) = (Replica::start(&redis).await, Replica::start(&redis).await);
    let first = one.me().await;
    assert_eq!(first.header("ratelimit-policy"), "\"standard\";q=6;w=3600");
    assert_eq!(first.header("x-ratelimit-remaining"), "5");
    assert_eq!(other.me().await.header("x-ratelimit-remaining"), "4");
    assert_eq!(passed(&[&one, &other], 100).await, 4);
    let refused = other.me().await;
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    let wait = refused.header("retry-after");
    let told = format!("\"standard\";r=0;t={wait}");
    assert_eq!(refused.header("ratelimit"), told);
}

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_each_counts_its_share_and_then_together_again() {
    let mut redis = RedisServer::start().await;
    let (one, other) = (Replica::start(&redis).await, Replica::start(&redis).await);
    assert_eq!(passed(&[&one], 20).await, 6);
    redis.stop();
    assert_eq!(passed(&[&one], 20).await, 3);
    assert_eq!(passed(&[&other], 20).await, 3, "not more than twice the limit");
    assert!(!one.together.is_connected() && !other.together.is_connected());
    assert_eq!(
        one.me().await.header("x-ratelimit-limit"),
        "3",
        "what holds now is told"
    );
    redis.start_again().await;
    eventually(|| one.together.is_connected() && other.together.is_connected()).await;
    assert_eq!(passed(&[&one, &other], 40).await, 6);
}

/// A request counts on the key and on the surface, or on neither; the key has one budget at all doors.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_and_a_surface_count_in_one_go() {
    let redis = RedisServer::start().await;
    let replica = Replica::start(&redis).await;
    let app = &replica.app;
    let owner = app.admin("root@example.org", Role::Admin).await;
    let permissions = PermissionSet::from_list(["databases:read"]).unwrap();
    let mut new = NewApiKey::new(KeyKind::Api, KeyName::parse("one").unwrap(), permissions);
    new.rate_limit = Some(8);
    let made = app.authority.create_api_key(&app.ctx(), &owner, new).await;
    let key = app.program().with("x-api-key", made.unwrap().1.expose());
    for left in ["5", "4", "3", "2", "1", "0"] {
        let reply = key.get("/auth/me").await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("x-ratelimit-remaining")),
            (403, left)
        );
    }
    for _ in 0..5 {
        let refused = key.get("/auth/me").await;
        assert_eq!(refused.header("ratelimit-policy"), "\"standard\";q=6;w=3600");
        assert_eq!(refused.status, 429);
    }
    let seventh = key.get("/check").await;
    assert_eq!(seventh.header("ratelimit-policy"), "\"key\";q=8;w=60");
    assert_eq!(
        (seventh.status.as_u16(), seventh.header("x-ratelimit-remaining")),
        (200, "1")
    );
    assert_eq!(key.get("/v1/auth/me").await.status, 403);
    assert_eq!(key.get("/v1/auth/me").await.status, 429);
    assert_eq!(key.get("/check").await.text("/error"), "rate_limited");
}

/// A01: whoever comes with something good for the first time takes nothing from the address; garbage does.
#[tokio::test(flavor = "multi_thread")]
async fn good_credentials_cost_the_address_nothing() {
    let redis = RedisServer::start().await;
    let replica = Replica::start(&redis).await;
    let app = &replica.app;
    for turn in 0..9 {
        let address = format!("192.0.2.{turn}");
        let body = json!({"email": format!("user{turn}@example.org"), "password": PASSWORD});
        let token = app.program_at(&address).post("/auth/register", body).await;
        let token = app.program().bearing(token.text("/access_token"));
        assert_eq!(token.get("/auth/me").await.status, 200, "{turn}");
    }
    for _ in 0..6 {
        let garbage = app.program().with("x-api-key", "garbage");
        assert_eq!(garbage.get("/auth/me").await.status, 401);
    }
    assert_eq!(
        app.program()
            .with("x-api-key", "garbage")
            .get("/auth/me")
            .await
            .status,
        429
    );
}

/// C02
#[tokio::test(flavor = "multi_thread")]
async fn the_store_learns_no_names_and_forgets_by_itself() {
    let redis = RedisServer::start().await;
    let replica = Replica::start(&redis).await;
    assert_eq!(passed(&[&replica], 1).await, 1);
    let mut connection = redis.connection();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut connection).unwrap();
    assert_eq!(keys.len(), 1);
    let digest = keys[0].strip_prefix("authz-server:").unwrap();
    assert!(digest.len() == 24 && !keys[0].contains("192.0.2"), "{keys:?}");
    let left: i64 = redis::cmd("PTTL").arg(&keys[0]).query(&mut connection).unwrap();
    assert!((1..=7_200_000).contains(&left), "{left}");
}
