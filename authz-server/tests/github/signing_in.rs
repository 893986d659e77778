//! Signing in for the console and for programs, and adding an account.

use domain::Caller;
use http::StatusCode;
use model::PlainSecret;
use model::user::User;
use totp_rs::{Algorithm, Builder, Secret};

use crate::app::App;
use crate::world::{CONSOLE, World, fragment, location, query};

const CLI: &str = "?cli=true&redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Fcb%3Fn%3D1";

async fn bearer(app: &App, token: &str) -> Option<User> {
    let caller = app.authority.identify(&app.ctx(), token).await.unwrap();
    caller.and_then(|caller| caller.user().cloned())
}

async fn turn_on_second_factor(app: &App, token: &str) {
    let (authority, ctx) = (&app.authority, app.ctx());
    let Some(Caller::Session { user, session, .. }) = authority.identify(&ctx, token).await.unwrap() else {
        panic!("a session")
    };
    let nothing = PlainSecret::new("");
    authority
        .set_up_totp(&ctx, (user.as_ref(), session.as_ref()), &nothing)
        .await
        .unwrap();
    let setup = authority
        .totp_setup(&ctx, user.as_ref(), "Lighthouse")
        .await
        .unwrap()
        .unwrap();
    let phone = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::try_from_base32(setup.secret.expose()).unwrap())
        .build()
        .unwrap();
    let code = phone.generate(u64::try_from(ctx.now.as_seconds()).unwrap());
    let confirmed = authority
        .confirm_totp(&ctx, (user.as_ref(), session.as_ref()), &code.to_string())
        .await;
    drop(confirmed.unwrap());
}

#[tokio::test]
async fn the_console_gets_a_pair_of_tokens_in_the_fragment() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let left = location(&browser.get("/api/auth/github").await);
    assert!(left.as_str().starts_with(world.github.web_url()));
    let asked = query(&left);
    assert!(asked.contains_key("state") && asked["code_challenge_method"] == "S256");
    assert!(!asked.contains_key("prompt"));
    let back = world.decide(&left, ("person", "octo")).await;
    let arrived = location(&browser.get(&back).await);
    assert!(
        arrived.as_str().starts_with(CONSOLE) && arrived.query().is_none(),
        "{arrived}"
    );
    let given = fragment(&arrived);
    assert!(bearer(&world.app, &given["token"]).await.is_some());
    let ctx = world.app.ctx();
    let next = world
        .app
        .authority
        .refresh_first_party(&ctx, &given["refreshToken"]);
    assert!(next.await.is_ok());
    let again = location(&browser.get(&back).await);
    assert_eq!(query(&again)["error"], "invalid_state");
}

#[tokio::test]
async fn another_account_is_asked_for_by_force() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let left = location(&browser.get("/api/auth/github?force=true").await);
    assert_eq!(query(&left)["prompt"], "select_account");
}

#[tokio::test]
async fn a_program_gets_one_token_where_it_waits() {
    let world = World::new().await;
    let arrived = location(&world.sign_in(&mut world.app.browser(), "octo", CLI).await);
    assert_eq!(
        (arrived.host_str(), arrived.port()),
        (Some("127.0.0.1"), Some(4711))
    );
    let given = query(&arrived);
    assert_eq!(
        (arrived.path(), given["n"].as_str(), given.len()),
        ("/cb", "1", 2)
    );
    assert!(arrived.fragment().is_none());
    world.app.clock.advance(std::time::Duration::from_secs(11 * 3600));
    assert!(bearer(&world.app, &given["token"]).await.is_some());
}

/// O03
#[tokio::test]
async fn tokens_go_nowhere_but_to_the_console_and_this_machine() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    for asked in [
        "?cli=true&redirect_uri=http://127.0.0.1:80@evil.test/",
        "?cli=true&redirect_uri=http://127.0.0.1:8000.evil.test/",
        "?cli=true&redirect_uri=https://evil.test/",
        "?cli=true",
        "?redirect_uri=http://127.0.0.1:4711/",
        "?cli=false&redirect_uri=http://127.0.0.1:4711/",
        "?cli=true&redirect_uri=http://127.0.0.1:4711/&redirect_uri=http://evil.test/",
    ] {
        let refused = location(&browser.get(&format!("/api/auth/github{asked}")).await);
        assert!(refused.as_str().starts_with(CONSOLE), "{asked}");
        assert_eq!(query(&refused)["error"], "invalid_request", "{asked}");
    }
    assert!(world.github.requests().is_empty());
}

/// S02: a visit comes back in the browser that began it, once, at the door it left by.
#[tokio::test]
async fn a_visit_of_another_browser_or_door_ends_at_the_console_without_tokens() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let left = location(&browser.get("/api/auth/github").await);
    let back = world.decide(&left, ("person", "octo")).await;
    let refused = location(&world.app.browser().get(&back).await);
    assert_eq!(query(&refused)["error"], "invalid_state");
    let other_door = back.replace("/api/auth/github/callback", "/login/with/github/callback");
    assert_eq!(browser.get(&other_door).await.status, StatusCode::BAD_REQUEST);
    let left = location(&browser.get("/api/auth/github").await);
    let back = world.decide(&left, ("deny", "1")).await;
    let denied = location(&browser.get(&back).await);
    assert_eq!(query(&denied)["error"], "access_denied");
    assert!(denied.fragment().is_none());
}

#[tokio::test]
async fn a_second_factor_is_asked_for_at_both() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let first = location(&world.sign_in(&mut browser, "octo", "").await);
    turn_on_second_factor(&world.app, &fragment(&first)["token"]).await;
    let console = location(&world.sign_in(&mut browser, "octo", "").await);
    let given = fragment(&console);
    assert_eq!(
        (query(&console)["error"].as_str(), given["error"].as_str()),
        ("mfa_required", "mfa_required")
    );
    assert!(given.contains_key("pending_token") && !given.contains_key("token"));
    let program = query(&location(&world.sign_in(&mut browser, "octo", CLI).await));
    assert_eq!(program["error"], "mfa_required");
    assert!(program.contains_key("pending_token") && !program.contains_key("token"));
    let ctx = world.app.ctx();
    let waits = world
        .app
        .authority
        .waits_for_second_factor(&ctx, &program["pending_token"]);
    assert!(waits.await.unwrap());
}

#[tokio::test]
async fn the_bearer_of_a_token_adds_an_account() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let arrived = location(&world.sign_in(&mut browser, "octo", "").await);
    let token = fragment(&arrived).remove("token").unwrap();
    let left = location(
        &browser
            .get(&format!("/api/auth/github/add-account?token={token}"))
            .await,
    );
    assert_eq!(query(&left)["prompt"], "select_account");
    let back = world.decide(&left, ("person", "hubot")).await;
    let linked = location(&browser.get(&back).await);
    assert_eq!(
        (query(&linked)["linked"].as_str(), linked.fragment()),
        ("github", None)
    );
    let user = bearer(&world.app, &token).await.unwrap().id;
    assert_eq!(world.app.authority.linked_accounts(user).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_token_for_one_download_adds_an_account_once() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let arrived = location(&world.sign_in(&mut browser, "octo", "").await);
    let token = fragment(&arrived).remove("token").unwrap();
    let (authority, ctx) = (&world.app.authority, world.app.ctx());
    let Some(Caller::Session { user, session, .. }) = authority.identify(&ctx, &token).await.unwrap() else {
        panic!("a session")
    };
    let whose = (user.id, session.id);
    let path = "/api/auth/github/add-account";
    let ticket = authority.create_download_token(&ctx, whose, Some(path.to_owned()));
    let start = format!("{path}?token={}", ticket.await.unwrap().secret.expose());
    let left = location(&browser.get(&start).await);
    let back = world.decide(&left, ("person", "hubot")).await;
    assert_eq!(query(&location(&browser.get(&back).await))["linked"], "github");
    assert_eq!(
        query(&location(&browser.get(&start).await))["error"],
        "unauthorized"
    );
    let elsewhere = authority.create_download_token(&ctx, whose, Some("/api/auth/export".to_owned()));
    let start = format!("{path}?token={}", elsewhere.await.unwrap().secret.expose());
    assert_eq!(
        query(&location(&browser.get(&start).await))["error"],
        "unauthorized"
    );
}

#[tokio::test]
async fn nothing_is_added_without_a_living_session() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    for query_text in ["", "?token=", "?token=nonsense"] {
        let refused = location(
            &browser
                .get(&format!("/api/auth/github/add-account{query_text}"))
                .await,
        );
        assert_eq!(query(&refused)["error"], "unauthorized", "{query_text}");
    }
    let arrived = location(&world.sign_in(&mut browser, "octo", "").await);
    let token = fragment(&arrived).remove("token").unwrap();
    let start = format!("/api/auth/github/add-account?token={token}");
    let left = location(&browser.get(&start).await);
    let user = bearer(&world.app, &token).await.unwrap();
    let ctx = world.app.ctx();
    let ended = world.app.authority.end_own_sessions(&ctx, &user, None);
    assert_eq!(ended.await.unwrap(), 1);
    let back = world.decide(&left, ("person", "hubot")).await;
    assert_eq!(
        query(&location(&browser.get(&back).await))["error"],
        "unauthorized"
    );
    assert_eq!(
        query(&location(&browser.get(&start).await))["error"],
        "unauthorized"
    );
    assert_eq!(
        world.app.authority.linked_accounts(user.id).await.unwrap().len(),
        1
    );
}

/// Somebody is led to the link of somebody else, who would get their account at GitHub.
#[tokio::test]
async fn a_link_made_for_another_person_is_refused_where_that_can_be_seen() {
    let world = World::new().await;
    let arrived = location(&world.sign_in(&mut world.app.browser(), "octo", "").await);
    let token = fragment(&arrived).remove("token").unwrap();
    let mut ada = world.app.browser();
    ada.register("ada").await;
    let refused = location(
        &ada.get(&format!("/api/auth/github/add-account?token={token}"))
            .await,
    );
    assert_eq!(query(&refused)["error"], "signed_in_as_another");
}
