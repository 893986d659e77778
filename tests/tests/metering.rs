//! What an account's plan gives and what it uses: the real proxy counts, the real server keeps the books.
//! A request that passes is on the books once, whatever happens to either program.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::demo::{Demo, EDGE};
use tests::server::Setup;

const PLANS: &str = r#"
[accounts]
default_plan = "small"

[[plans]]
id = "small"
name = "Small"
features = [{ name = "calls", limit = 25 }]

[[plans]]
id = "large"
name = "Large"
amount = 100000
features = [{ name = "calls", limit = 100000 }]
"#;

const ROUTES: &str = r#"
[[routes]]
name = "metered"
match = { path = "/metered/**" }
upstream = "service"
require = { entitlement = "calls" }
meter = "calls"
"#;

struct Shop {
    demo: Demo,
    root: String,
    account: String,
}

impl Shop {
    /// `usage`: the section of the proxy.
    async fn open(setup: Setup, usage: &str) -> Self {
        let routes = format!("{usage}\n{ROUTES}");
        let demo = Demo::with_routes(setup.with(PLANS), &routes).await.unwrap();
        let (root, account) = demo.register("ada@example.org").await.unwrap();
        Self { demo, root, account }
    }

    async fn call(&self) -> u16 {
        self.demo.call(&self.root, "/metered/1").await.unwrap()
    }

    /// How many of so many calls at once pass.
    async fn calls(&self, count: usize) -> usize {
        let calls = (0..count).map(|_| self.call());
        let answers = futures::future::join_all(calls).await;
        answers.iter().filter(|status| **status == 200).count()
    }

    /// What the server says of the plan.
    async fn entitlement(&self) -> Value {
        let form = [("token", self.root.as_str()), ("entitlement", "calls")];
        let answer = self.demo.post(EDGE, "/check", &form).await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["entitlement"].clone()
    }

    async fn used(&self) -> u64 {
        self.entitlement().await["used"].as_u64().unwrap()
    }

    async fn booked(&self, wanted: u64) {
        let began = Instant::now();
        while self.used().await != wanted {
            let used = self.used().await;
            assert!(began.elapsed() < Duration::from_secs(20), "{used}, not {wanted}");
        }
    }

    /// How long it took until calls are answered so.
    async fn until(&self, status: u16) -> Duration {
        let began = Instant::now();
        while self.call().await != status {
            assert!(began.elapsed() < Duration::from_secs(20), "never {status}");
        }
        began.elapsed()
    }

    /// An operator binds the account to a plan.
    async fn bind(&self, plan: &str) {
        let url = self
            .demo
            .server
            .url(&format!("/v1/admin/licenses/{}", self.account));
        let request = self.demo.http.patch(url).json(&json!({"plan": plan}));
        let answer = request
            .header(
                "x-api-key",
                self.demo.operator_key("admin:licenses:write").unwrap(),
            )
            .send()
            .await
            .unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{status} {}", answer.text().await.unwrap());
    }
}

/// As many as the plan gives, however many come at once; then 403, and a larger plan counts within moments.
#[tokio::test]
async fn a_plan_is_used_up_exactly_and_a_larger_one_lets_pass_again() {
    for setup in [Setup::sqlite(), Setup::postgres()] {
        let shop = Shop::open(setup, "").await;
        let (other, _) = shop.demo.register("bob@example.org").await.unwrap();
        assert_eq!(shop.calls(60).await, 25);
        shop.booked(25).await;
        let url = shop.demo.proxy.url("/metered/1");
        let refused = shop
            .demo
            .http
            .get(url)
            .bearer_auth(&shop.root)
            .send()
            .await
            .unwrap();
        assert_eq!(refused.status(), 403);
        let body: Value = refused.json().await.unwrap();
        assert_eq!(body["code"], "entitlement_exceeded", "{body}");
        assert_eq!(
            (&body["details"]["limit"], &body["details"]["used"]),
            (&json!(25), &json!(25))
        );
        assert_eq!(
            shop.demo.call(&other, "/metered/1").await.unwrap(),
            200,
            "another account's"
        );
        shop.bind("large").await;
        let took = shop.until(200).await;
        assert!(took < Duration::from_secs(3), "{took:?}");
        let passed = 1 + shop.calls(40).await;
        assert_eq!(passed, 41);
        shop.booked(66).await;
    }
}

/// SIGKILL: what was on the books stays, and at most what was counted since the last report is lost.
#[tokio::test]
async fn a_proxy_that_is_killed_loses_an_interval_at_most() {
    let mut shop = Shop::open(Setup::sqlite(), "[usage]\ninterval = \"100ms\"").await;
    assert_eq!(shop.calls(10).await, 10);
    shop.booked(10).await;
    assert_eq!(shop.calls(5).await, 5);
    shop.demo.proxy.kill_hard().unwrap();
    let used = shop.used().await;
    assert!((10..=15).contains(&used), "{used}");
}

/// SIGTERM: everything is on the books before the process ends.
#[tokio::test]
async fn a_proxy_that_is_stopped_loses_nothing() {
    let mut shop = Shop::open(Setup::sqlite(), "[usage]\ninterval = \"60s\"").await;
    assert_eq!(shop.calls(17).await, 17);
    assert_eq!(shop.used().await, 0);
    assert!(shop.demo.proxy.stop().await.unwrap().success());
    assert_eq!(shop.used().await, 17);
}

/// A server that is killed and comes back finds everything that was counted meanwhile, once.
#[tokio::test]
async fn use_waits_for_a_server_that_is_away() {
    let mut shop = Shop::open(Setup::sqlite(), "[usage]\ninterval = \"50ms\"").await;
    assert_eq!(shop.calls(3).await, 3);
    shop.booked(3).await;
    assert_eq!(shop.calls(4).await, 4);
    shop.demo.server.kill_hard().unwrap();
    shop.demo.server.restart().await.unwrap();
    shop.booked(7).await;
    shop.until(200).await;
}

/// A new binary takes over: the old process and the new one report their own.
#[tokio::test]
async fn an_upgrade_loses_nothing() {
    let sections = "[runtime]\nupgrade_socket = \"upgrade.sock\"\n[usage]\ninterval = \"60s\"";
    let mut shop = Shop::open(Setup::sqlite(), sections).await;
    assert_eq!(shop.calls(6).await, 6);
    let mut old = shop.demo.proxy.upgrade().await.unwrap();
    assert_eq!(shop.calls(5).await, 5);
    assert!(old.ended(Duration::from_secs(30)).await.unwrap().success());
    // Kept-alive connections had one more answer of the old process.
    assert!((6..=11).contains(&shop.used().await));
    assert!(shop.demo.proxy.stop().await.unwrap().success());
    assert_eq!(shop.used().await, 11);
}
