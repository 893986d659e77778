//! Streams that are open when policies or plans change: the real proxy asks the real server again, and closes what is refused.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use reqwest::Response;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tests::demo::{Demo, PASSWORD};
use tests::server::Setup;
use tokio::net::TcpListener;

const PLANS: &str = r#"
[accounts]
default_plan = "large"

[[plans]]
id = "small"
name = "Small"

[[plans]]
id = "large"
name = "Large"
features = [{ name = "exports" }]
"#;

/// A service whose only answer never ends.
async fn endless() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let pieces = || async {
        let pieces = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b"data: 1\n\n")), ()))
        });
        let head = [("content-type", "text/event-stream")];
        (head, Body::from_stream(pieces))
    };
    let router = Router::new().fallback(get(pieces));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address.to_string()
}

struct Shop {
    demo: Demo,
    root: String,
    account: String,
}

impl Shop {
    async fn open(setup: Setup) -> Self {
        let routes = format!(
            r#"
[log]
format = "json"
access = true

[[upstreams]]
name = "endless"
addresses = ["{}"]

[[routes]]
name = "policed"
match = {{ path = "/policed/{{id}}" }}
upstream = "endless"
require = {{ action = "orders:Read", resource = "arn:authz:orders:::order/{{id}}" }}

[[routes]]
name = "planned"
match = {{ path = "/planned/**" }}
upstream = "endless"
require = {{ entitlement = "exports" }}
"#,
            endless().await
        );
        let demo = Demo::with_routes(setup.with(PLANS), &routes).await.unwrap();
        let (root, account) = demo.register("ada@example.org").await.unwrap();
        Self { demo, root, account }
    }

    async fn change(&self, method: &str, path: &str, body: &Value) -> Value {
        self.demo.send(method, path, &self.root, body).await.unwrap()
    }

    /// An IAM user of the account, signed in, who may read order 7, and the way to take that away.
    async fn reader(&self, name: &str) -> (String, String) {
        let user = json!({"username": name, "password": PASSWORD, "console_access": true});
        self.change("POST", "/auth/iam/users", &user).await;
        let statement =
            json!({"Effect": "Allow", "Action": "orders:Read", "Resource": "arn:authz:orders::*:order/7"});
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        let policy = json!({"name": format!("for-{name}"), "description": "", "document": document});
        let policy = self.change("POST", "/auth/iam/policies", &policy).await;
        let attachment = format!(
            "/auth/iam/users/{name}/policies/{}",
            policy["id"].as_str().unwrap()
        );
        self.change("PUT", &attachment, &json!({})).await;
        let body = json!({"account_id": self.account, "username": name, "password": PASSWORD});
        let signed = self
            .demo
            .send("POST", "/auth/iam-login", "", &body)
            .await
            .unwrap();
        (signed["access_token"].as_str().unwrap().to_owned(), attachment)
    }

    async fn stream(&self, token: &str, path: &str) -> Response {
        let request = self.demo.http.get(self.demo.proxy.url(path)).bearer_auth(token);
        let mut stream = request.send().await.unwrap();
        assert_eq!(stream.status(), 200, "{path}");
        goes_on(&mut stream).await;
        stream
    }

    /// The lines of the access log about exchanges that were ended, with their reasons.
    fn ended(&mut self) -> Vec<(String, String)> {
        let log = self.demo.proxy.log().unwrap();
        let lines = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let own = lines.filter(|line| line["target"] == "access" && line["ended"] != "");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        own.map(|line| (text(&line["route"]), text(&line["ended"])))
            .collect()
    }
}

async fn goes_on(stream: &mut Response) {
    assert!(stream.chunk().await.unwrap().is_some());
}

/// How long it takes until the stream breaks off.
async fn is_cut(mut stream: Response) -> Duration {
    let began = Instant::now();
    while let Ok(Some(_)) = stream.chunk().await {
        assert!(began.elapsed() < Duration::from_secs(10), "it is never cut");
    }
    began.elapsed()
}

/// P06, C10: detached from one, the stream of the other goes on.
#[tokio::test]
async fn a_detached_policy_ends_the_streams_that_it_let_in() {
    for setup in [Setup::sqlite(), Setup::postgres()] {
        let mut shop = Shop::open(setup).await;
        let (bob, attachment) = shop.reader("bob").await;
        let (carol, _) = shop.reader("carol").await;
        let mut spared = shop.stream(&carol, "/policed/7").await;
        let doomed = shop.stream(&bob, "/policed/7").await;
        shop.change("DELETE", &attachment, &json!({})).await;
        let took = is_cut(doomed).await;
        assert!(took < Duration::from_secs(3), "{took:?}");
        for _ in 0..20 {
            goes_on(&mut spared).await;
        }
        assert_eq!(shop.ended(), [("policed".to_owned(), "forbidden".to_owned())]);
    }
}

/// Whenever the change comes, before, while or after the stream opens: none stays open.
#[tokio::test]
async fn a_change_that_races_the_opening_leaves_no_stream() {
    let shop = Shop::open(Setup::sqlite()).await;
    for round in 0..12 {
        let (token, attachment) = shop.reader(&format!("user{round}")).await;
        let body = json!({});
        let opening = shop
            .demo
            .http
            .get(shop.demo.proxy.url("/policed/7"))
            .bearer_auth(&token)
            .send();
        let (opened, _) = tokio::join!(opening, shop.change("DELETE", &attachment, &body));
        let opened = opened.unwrap();
        if opened.status() == 200 {
            let took = is_cut(opened).await;
            assert!(took < Duration::from_secs(3), "{took:?}");
        } else {
            assert_eq!(opened.status(), 403);
        }
    }
}

/// An operator binds the account to a plan without the feature.
#[tokio::test]
async fn a_smaller_plan_ends_the_streams_of_the_account() {
    let mut shop = Shop::open(Setup::sqlite()).await;
    let (first, second) = (
        shop.stream(&shop.root, "/planned/1").await,
        shop.stream(&shop.root, "/planned/2").await,
    );
    let operator = shop.demo.operator_key("admin:licenses:write").unwrap();
    let url = shop
        .demo
        .server
        .url(&format!("/v1/admin/licenses/{}", shop.account));
    let bound = shop.demo.http.patch(url).json(&json!({"plan": "small"}));
    let bound = bound.header("x-api-key", operator).send().await.unwrap();
    assert!(bound.status().is_success());
    for stream in [first, second] {
        let took = is_cut(stream).await;
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
    let reason = ("planned".to_owned(), "entitlement_exceeded".to_owned());
    assert_eq!(shop.ended(), [reason.clone(), reason]);
}
