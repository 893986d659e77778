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

/// The address of the page that replaces the only key.
fn replacement(body: &str) -> String {
    let (_, rest) = body.split_once("href=\"/account/keys/replace?key=").unwrap();
    format!("/account/keys/replace?key={}", &rest[..rest.find('"').unwrap()])
}

/// K03, S11: a page asks first, for the password too; the new key is shown once, and the old one goes on for a while.
#[tokio::test]
async fn a_key_is_replaced_after_it_was_confirmed() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    let old = key_in(&make(&mut ada, "databases:read").await.body);
    let path = replacement(&ada.get(PAGE).await.body);
    let asked = ada.get(&path).await;
    assert!(asked.has_page("page-account-key-replace") && asked.body.contains(&old[..11]));
    let fields = |password, overlap| {
        [
            ("overlap", overlap),
            ("current-password", password),
            ("decision", "replace"),
        ]
    };
    for (password, overlap, words) in [
        ("wrong", "24h", "not your password"),
        (PASSWORD, "1y", "hours or days"),
    ] {
        let refused = ada.fill_form(&path, &path, &fields(password, overlap)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.body.contains(words), "{words}");
    }
    let made = ada.fill_form(&path, &path, &fields(PASSWORD, "24h")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let new = key_in(&made.body);
    let works = async |key: &str| {
        let headers = [("x-api-key", key)];
        app.browser().get_with("/check", &headers).await.status == StatusCode::OK
    };
    assert!(new != old && works(&new).await && works(&old).await);
    let list = ada.get(PAGE).await.body;
    assert!(!list.contains(&new) && list.contains("Replaced"));
    app.clock.advance(std::time::Duration::from_secs(24 * 60 * 60));
    assert!(works(&new).await && !works(&old).await);
}

/// Nobody replaces a key of somebody else, one twice, or without the form.
#[tokio::test]
async fn a_strange_a_replaced_and_a_forged_replacement_are_refused() {
    let app = App::new().await;
    let (mut ada, mut bob) = (app.browser(), app.browser());
    ada.register("ada").await;
    bob.register("bob").await;
    make(&mut ada, "databases:read").await;
    let path = replacement(&ada.get(PAGE).await.body);
    for path in [
        path.as_str(),
        "/account/keys/replace",
        "/account/keys/replace?key=x",
    ] {
        assert_eq!(bob.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let fields = [
        ("overlap", "1h"),
        ("current-password", PASSWORD),
        ("decision", "replace"),
    ];
    let forged = ada.post(&path, &fields).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(app.browser().get(&path).await.status, StatusCode::SEE_OTHER);
    let made = ada.fill_form(&path, &path, &fields).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(ada.get(&path).await.status, StatusCode::CONFLICT);
}

/// A name that is in use is named at its field.
#[tokio::test]
async fn a_second_key_of_the_same_name_is_refused() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    make(&mut ada, "databases:read").await;
    let again = make(&mut ada, "databases:read").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("has this name"));
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
