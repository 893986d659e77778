//! The dashboard and the alerts in `docs/observability` speak of figures that a running proxy has.
//! Figures of the authorization server are looked for in its own tests.

use crate::support::{ROUTES, RedisServer, World, eventually};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const DASHBOARD: &str = include_str!("../../../docs/observability/dashboard.json");
const ALERTS: &str = include_str!("../../../docs/observability/alerts.yml");

/// Words of an expression that are names of the proxy's figures.
fn figures(expression: &str) -> impl Iterator<Item = &str> {
    expression
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("proxy_"))
}

fn of_dashboard() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(
        panels
            .iter()
            .all(|panel| panel["gridPos"]["w"].is_u64() && panel["title"].is_string())
    );
    let targets = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().unwrap());
    targets
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect()
}

fn of_alerts() -> Vec<String> {
    let alerts: Value = serde_yaml::from_str(ALERTS).unwrap();
    let groups = alerts["groups"].as_array().unwrap();
    let rules: Vec<_> = groups
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap())
        .collect();
    for rule in &rules {
        for key in ["alert", "expr", "for"] {
            assert!(rule[key].is_string(), "{key} in {rule}");
        }
        assert!(
            rule["labels"]["severity"].is_string() && rule["annotations"]["summary"].is_string(),
            "{rule}"
        );
    }
    rules
        .iter()
        .map(|rule| rule["expr"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_dashboard_and_the_alerts_is_exported() {
    let redis = RedisServer::start().await;
    let shared = format!("[shared_limits]\nurl = \"{}\"\nreplicas = 1\n", redis.url());
    let world = World::with(ROUTES, &shared).await;
    let token = world.authority.opaque(&json!({}));
    assert_eq!(world.get_with("/orders/1", &token).await.status, 200);
    assert_eq!(world.get("/orders/1", &[]).await.status, 401);
    let (_, text) = world.admin("/metrics").await;
    let exported: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();
    let expressions = [of_dashboard(), of_alerts()].concat();
    let wanted: BTreeSet<_> = expressions
        .iter()
        .flat_map(|expression| figures(expression))
        .collect();
    let missing: Vec<_> = wanted.difference(&exported).collect();
    assert!(wanted.len() > 15 && missing.is_empty(), "{missing:?}");
}

/// A rule that fires where the store is away must find nothing where there is none.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_proxy_with_a_shared_store_tells_whether_it_is_there() {
    const FIGURE: &str = "proxy_shared_limits_connected";
    let alone = World::start().await;
    assert!(!alone.admin("/metrics").await.1.contains(FIGURE));
    let mut redis = RedisServer::start().await;
    let shared = format!("[shared_limits]\nurl = \"{}\"\nreplicas = 1\n", redis.url());
    let world = World::with(ROUTES, &shared).await;
    eventually(|| world.has_store()).await;
    assert!(world.admin("/metrics").await.1.contains(&format!("{FIGURE} 1")));
    redis.stop();
    eventually(|| !world.has_store()).await;
    assert!(world.admin("/metrics").await.1.contains(&format!("{FIGURE} 0")));
}

/// A figure that strangers could multiply would be a way to fill the memory of whoever collects it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_callers_send_becomes_a_label() {
    let world = World::start().await;
    for word in ["mallory", "eve", "trudy"] {
        world
            .send(
                0,
                "GET",
                &format!("/{word}?{word}"),
                &[("x-request-id", word), ("host", word)],
            )
            .await;
        world
            .send(0, "PROPFIND", &format!("/orders/{word}"), &[("user-agent", word)])
            .await;
        world.get_with("/orders/1", word).await;
    }
    let (_, text) = world.admin("/metrics").await;
    assert!(!text.contains("mallory") && !text.contains("PROPFIND"), "{text}");
}

/// Prometheus itself reads the rules, and tries them on made-up figures.
#[test]
fn the_alerts_are_rules_that_do_what_they_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/observability");
    for words in [
        ["check", "rules", "alerts.yml"],
        ["test", "rules", "alerts.test.yml"],
    ] {
        let run = std::process::Command::new("promtool")
            .args(words)
            .current_dir(folder)
            .output()
            .expect("promtool is there: scripts/setup installs it");
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{said}");
    }
}
