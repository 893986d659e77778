//! Reports for the audit log: of requests that change something, of somebody known, once at least and under one name.

use crate::support::{World, eventually};
use serde_json::{Value, json};

const ROUTES: &str = r#"
[[routes]]
name = "orders"
match = { path = "/orders/**" }
upstream = "echo"
require = { scopes = ["orders:read"], audience = "https://api" }
audit = true

[[routes]]
name = "admin"
match = { path = "/admin/**" }
upstream = "echo"
require = { scopes = ["admin"], audience = "https://api" }
audit = true

[[routes]]
name = "rest"
match = { path = "/x/**" }
upstream = "echo"
require = { audience = "https://api" }
"#;

impl World {
    async fn send_with(&self, method: &str, path: &str, token: &str) -> u16 {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", &*bearer), ("user-agent", "curl/8.11.0")];
        self.send(0, method, path, &headers).await.status
    }
}

fn entries(batches: &[Value]) -> Vec<Value> {
    let lists = batches
        .iter()
        .map(|batch| batch["entries"].as_array().unwrap().clone());
    lists.flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_something_is_reported_also_when_it_is_refused() {
    let world = World::with(ROUTES, "").await;
    let token = world.authority.opaque(&json!({}));
    assert_eq!(world.send_with("GET", "/orders/1", &token).await, 200);
    assert_eq!(
        world.send_with("DELETE", "/orders/./1?secret=x", &token).await,
        200
    );
    assert_eq!(world.send_with("POST", "/admin/users", &token).await, 403);
    assert_eq!(world.send_with("POST", "/x/1", &token).await, 200);
    assert_eq!(world.send_with("POST", "/orders/2", "unknown").await, 401);
    let authority = world.authority.clone();
    world.proxy.drain().await;
    let found = entries(&authority.reports());
    let told = |entry: &Value| {
        let status = entry["status"].as_u64().unwrap();
        format!(
            "{} {} {} {status}",
            entry["service"].as_str().unwrap(),
            entry["method"].as_str().unwrap(),
            entry["path"].as_str().unwrap()
        )
    };
    let lines: Vec<String> = found.iter().map(told).collect();
    assert_eq!(
        lines,
        ["orders DELETE /orders/1 200", "admin POST /admin/users 403"]
    );
    assert_eq!(
        (&found[0]["sub"], &found[0]["client_id"]),
        (&json!("usr_alice"), &json!("shop"))
    );
    assert_eq!(
        (&found[0]["user_agent"], &found[0]["ip"]),
        (&json!("curl/8.11.0"), &json!("127.0.0.1"))
    );
    assert!(found[1]["decision_id"].as_str().unwrap().starts_with("dec_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_answer_is_lost_comes_again_under_its_name() {
    let world = World::with(ROUTES, "").await;
    let token = world.authority.opaque(&json!({}));
    world.authority.lose_answers_to_reports(2);
    assert_eq!(world.send_with("DELETE", "/orders/1", &token).await, 200);
    eventually(|| world.authority.reports().len() == 3).await;
    let batches = world.authority.reports();
    assert!(batches.iter().all(|batch| *batch == batches[0]));
    let name = batches[0]["batch"].as_str().unwrap();
    assert!((8..=64).contains(&name.len()));
}
