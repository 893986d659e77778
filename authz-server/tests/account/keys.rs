//! `/account/keys`: made once, shown once, taken away.

use http::StatusCode;

use crate::app::{App, Browser, PASSWORD};

const PAGE: &str = "/account/keys";

async fn make(browser: &mut Browser, scopes: &str) -> crate::app::Answer {
    let fields = [
        ("name", "Pipeline <b>"),
        ("scopes", scopes),
        ("expires-in", "90d"),
        ("current-password", PASSWORD),
        ("decision", "create"),
    ];
    browser.fill(PAGE, &fields).await
}

fn key_in(body: &str) -> String {
    let start = body.find("ch_live_").expect("a key");
    let rest = &body[start..];
    rest[..rest.find('<').unwrap()].trim().to_owned()
}

/// K03, S04: the text is on one page once; lists show how it begins.
#[tokio::test]
async fn a_key_is_shown_once_and_can_be_taken_away() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    let made = make(&mut ada, "databases:read  databases:write").await;
    assert_eq!(made.status, StatusCode::CREATED);
    let key = key_in(&made.body);
    assert_eq!(key.len(), "ch_live_".len() + 49);
    let list = ada.get(PAGE).await;
    assert!(list.has_page("page-account-keys") && !list.body.contains(&key));
    assert!(list.body.contains(&key[..11]) && list.body.contains("databases:write"));
    assert!(!list.body.contains("<b>"));
    let headers = [("x-api-key", key.as_str())];
    let check = app
        .browser()
        .get_with("/check?scope=databases:read", &headers)
        .await;
    assert_eq!(check.status, StatusCode::OK, "{}", check.body);
    let (_, id) = list.body.split_once("name=\"key\" value=\"").unwrap();
    let id = id[..id.find('"').unwrap()].to_owned();
    let gone = ada.fill(PAGE, &[("key", &id), ("decision", "one")]).await;
    assert_eq!(gone.header("location"), "/account/keys?done=key");
    let check = app.browser().get_with("/check", &headers).await;
    assert_eq!(check.status, StatusCode::UNAUTHORIZED);
}

/// K04, K05, S11: not without the password, not more than its maker has, not by strangers.
#[tokio::test]
async fn a_bad_wish_is_named() {
    let app = App::new().await;
    let mut ada = app.browser();
    assert_eq!(ada.get(PAGE).await.status, StatusCode::SEE_OTHER);
    ada.register("ada").await;
    for (scopes, words) in [
        ("", "At least one permission is needed"),
        ("databases:read nonsense", "nonsense"),
        ("admin:users:read", "Only administrators"),
        ("compute.usr_other:read", "somebody else"),
    ] {
        let refused = make(&mut ada, scopes).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{scopes}");
        assert!(refused.body.contains(words), "{scopes}");
    }
    let fields = [
        ("name", "x"),
        ("scopes", "a:b"),
        ("expires-in", "30d"),
        ("current-password", "wrong"),
        ("decision", "create"),
    ];
    let refused = ada.fill(PAGE, &fields).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(ada.get(PAGE).await.body.contains("You have no API keys"));
}
