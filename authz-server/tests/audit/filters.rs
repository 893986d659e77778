//! Filters and cursors of the list.

use serde_json::json;

use crate::app::App;
use crate::{listed, logs, make_key, root};

#[tokio::test]
async fn each_filter_finds_its_entries_only() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    make_key(&ada, "Deploy").await;
    ada.post("/v1/auth/api-keys", json!({})).await;
    let me = logs(&ada, "?q=DEPLOY").await[0]["actor"]
        .as_str()
        .unwrap()
        .to_owned();
    for (query, count) in [
        ("?service=v1".to_owned(), 2),
        ("?service=compute".to_owned(), 0),
        ("?method=post&q=api-keys".to_owned(), 2),
        ("?method=DELETE".to_owned(), 0),
        ("?status=201".to_owned(), 2),
        (format!("?actor={me}"), 3),
        ("?actor=ADA".to_owned(), 2),
        ("?q=api_key.created".to_owned(), 1),
        ("?since=2999-01-01T00:00:00Z".to_owned(), 0),
        ("?until=2999-01-01T00:00:00Z&limit=2".to_owned(), 2),
    ] {
        assert_eq!(logs(&ada, &query).await.len(), count, "{query}");
    }
}

/// T04
#[tokio::test]
async fn neither_sql_nor_patterns_nor_other_accounts_can_be_asked_for() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    let eve = root(&app, "eve@example.org").await;
    make_key(&ada, "100% sure").await;
    let mine = logs(&eve, "").await;
    for query in [
        "?q=%27+OR+1%3D1+--",
        "?q=.*",
        "?q=%25",
        "?q=_____",
        "?q=!",
        "?q=ada%40example.org",
        "?service=%27+OR+%27%27%3D%27",
        "?actor=%25",
        "?account=000000000000&account_id=1&q=sure",
    ] {
        assert!(logs(&eve, query).await.is_empty(), "{query}");
    }
    assert!(mine.iter().all(|entry| entry["path"] != "/v1/auth/api-keys"));
    assert_eq!(logs(&ada, "?q=100%25+SURE").await.len(), 1);
    for query in [
        "?q=%00",
        "?q=a%0Ab",
        "?actor=%00",
        "?q=a&q=b",
        &format!("?q={}", "x".repeat(201)),
    ] {
        let reply = eve.get(&format!("/auth/audit-logs{query}")).await;
        assert_eq!(reply.status, 400, "{query}");
    }
}

/// T06
#[tokio::test]
async fn cursors_lead_through_the_log_and_nobody_can_make_one() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    let eve = root(&app, "eve@example.org").await;
    for name in ["one", "two", "three"] {
        make_key(&ada, name).await;
    }
    let (mut query, mut seen, mut first_link) = ("?limit=2".to_owned(), Vec::new(), String::new());
    loop {
        let reply = listed(&ada, &query).await;
        seen.extend(
            reply
                .body
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["seq"].clone()),
        );
        let link = reply.header("link");
        let Some((target, _)) = link.trim_start_matches('<').split_once('>') else {
            break;
        };
        query = target.trim_start_matches("/auth/audit-logs").to_owned();
        first_link.get_or_insert_with_first(&query);
    }
    assert_eq!(seen, [4, 3, 2, 1].map(|seq| json!(seq)));
    let reply = eve.get(&format!("/auth/audit-logs{first_link}")).await;
    assert_eq!(reply.status, 400);
    for query in [
        "before=3",
        "before=-1",
        "before=AAAAAAAAAAM",
        "before=1e18",
        "limit=0",
        "limit=65536",
        "limit=-1",
        "status=7",
        "since=now",
    ] {
        let reply = ada.get(&format!("/auth/audit-logs?{query}")).await;
        assert_eq!(reply.refusal(), (400, "invalid_request"), "{query}");
    }
}

/// Keeps the first text it is given.
trait First {
    fn get_or_insert_with_first(&mut self, text: &str);
}

impl First for String {
    fn get_or_insert_with_first(&mut self, text: &str) {
        if self.is_empty() {
            text.clone_into(self);
        }
    }
}
