//! Where somebody is signed in.

use http::{StatusCode, header};

use crate::app::{App, Browser, PASSWORD};

const PATH: &str = "/account/sessions";
const FIREFOX: (&str, &str) = (
    "user-agent",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
);

async fn log_in_with(browser: &mut Browser, agent: (&str, &str)) {
    let csrf = browser.get("/login").await.csrf();
    let fields = [("username", "ada"), ("password", PASSWORD), ("csrf", &csrf)];
    let answer = browser.post_with("/login", &fields, &[agent]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

async fn sessions(browser: &mut Browser) -> Vec<String> {
    let page = browser.get(PATH).await.body;
    let ids = page.split("name=\"session\" value=\"").skip(1);
    ids.map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_list_tells_devices_apart_and_one_of_them_is_signed_out() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    let mut fox = app.browser_at("192.0.2.77");
    log_in_with(&mut fox, FIREFOX).await;
    let page = ada.get(PATH).await;
    for words in ["This browser", "Firefox on Linux", "192.0.2.77"] {
        assert!(page.body.contains(words), "{words}");
    }
    let others = sessions(&mut ada).await;
    assert_eq!(others.len(), 1);
    let ended = ada
        .fill(PATH, &[("decision", "one"), ("session", &others[0])])
        .await;
    assert_eq!(ended.header(header::LOCATION), "/account/sessions?done=session");
    assert!(!fox.is_signed_in().await && ada.is_signed_in().await);
}

/// S08: a session of somebody else is not found, and lives on.
#[tokio::test]
async fn a_session_of_somebody_else_does_not_exist() {
    let app = App::new().await;
    let mut bob = app.browser();
    bob.register("bob").await;
    let user = app.authority.find_user("bob").await.unwrap().unwrap();
    let foreign = app.authority.list_sessions(&app.ctx(), &user).await.unwrap()[0].id;
    let mut ada = app.browser();
    ada.register("ada").await;
    for id in [
        foreign.to_string(),
        "ses_00000000000000000000000000".to_owned(),
        "x".to_owned(),
    ] {
        let answer = ada.fill(PATH, &[("decision", "one"), ("session", &id)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
    }
    assert!(bob.is_signed_in().await);
}

/// S08: all others end, or all of them.
#[tokio::test]
async fn others_end_and_then_all() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    let mut elsewhere = app.browser();
    elsewhere.log_in("ada", PASSWORD).await;
    let answer = ada.fill(PATH, &[("decision", "others")]).await;
    assert_eq!(answer.header(header::LOCATION), "/account/sessions?done=sessions");
    assert!(ada.is_signed_in().await && !elsewhere.is_signed_in().await);
    elsewhere.log_in("ada", PASSWORD).await;
    let answer = ada.fill(PATH, &[("decision", "all")]).await;
    assert_eq!(answer.header(header::LOCATION), "/login");
    assert!(!ada.is_signed_in().await && !elsewhere.is_signed_in().await);
}
