//! To GitHub and back: who gets in, and who does not.

use std::time::Duration;

use github_double::{Email, Endpoint, Fault};
use http::StatusCode;

use super::{LINKED, START, World, callback};

#[tokio::test]
async fn a_stranger_signs_up_and_signs_in_again_whatever_they_are_called_by_then() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let arrived = world.come_back(&mut browser, "octo").await;
    assert_eq!(
        (arrived.status, arrived.header("location")),
        (StatusCode::SEE_OTHER, "/")
    );
    assert!(browser.is_signed_in().await);
    let user = world.user("octo@example.com").await;
    assert_eq!(user.profile.name.as_deref(), Some("Octo Cat"));
    assert!(user.email_verified_at.is_some() && user.password.is_none());

    world.github.rename_person("octo", "squid").unwrap();
    let other = Email::primary("squid@example.com");
    world.github.set_emails("squid", [other]).unwrap();
    let mut elsewhere = world.app.browser();
    world.come_back(&mut elsewhere, "squid").await;
    assert!(elsewhere.is_signed_in().await);
    let page = elsewhere.get("/").await;
    assert!(page.body.contains("octo@example.com"), "{}", page.body);
    assert_eq!(world.subjects("octo@example.com").await.len(), 1);
}

#[tokio::test]
async fn what_is_asked_at_github_is_bound_to_this_visit() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let page = browser.get("/login").await;
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self' http:;")
    );
    let at = world.leave(&mut browser, "").await;
    let asked: std::collections::BTreeMap<_, _> = at.query_pairs().into_owned().collect();
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["redirect_uri"], callback().as_str());
    assert_eq!(asked["scope"], "read:user user:email");
    assert_eq!((asked["state"].len(), asked["code_challenge"].len()), (43, 43));
    let again = world.leave(&mut browser, "").await;
    assert_ne!(at.query(), again.query());
}

#[tokio::test]
async fn a_sign_in_elsewhere_carries_the_flow_on() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let at = world.leave(&mut browser, "AZaz09-_").await;
    let back = world.decide(&at, ("person", "octo")).await;
    let on = browser.get(&back).await;
    assert_eq!(on.header("location"), "/oauth2/authorize/resume?flow=AZaz09-_");

    let at = world.leave(&mut browser, "AZaz09-_").await;
    let back = world.decide(&at, ("deny", "1")).await;
    let denied = browser.get(&back).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert!(denied.has_page("page-login-with-failed"));
    assert!(denied.body.contains("/login?flow=AZaz09-_"), "{}", denied.body);
}

#[tokio::test]
async fn an_answer_works_once_in_the_browser_and_at_the_door_it_was_asked_from() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let at = world.leave(&mut browser, "").await;
    let back = world.decide(&at, ("person", "octo")).await;

    let mut other = world.app.browser();
    other.get("/login").await;
    let stolen = other.get(&back).await;
    assert_eq!(stolen.status, StatusCode::BAD_REQUEST);
    assert!(!other.is_signed_in().await);
    for wrong in [
        format!("{START}/callback?code=x&state=nonsense"),
        format!("{START}/callback?code=x"),
        format!("{back}&state=again"),
    ] {
        assert_eq!(
            browser.get(&wrong).await.status,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    let elsewhere = back.replace("/github/", "/elsewhere/");
    assert_eq!(
        browser.clone().get(&elsewhere).await.status,
        StatusCode::NOT_FOUND
    );
    // Whoever tried had no part in it, but its own browser has used it up now.
    assert_eq!(browser.get(&back).await.status, StatusCode::BAD_REQUEST);

    let at = world.leave(&mut browser, "").await;
    let back = world.decide(&at, ("person", "octo")).await;
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    let replayed = browser.get(&back).await;
    assert_eq!(replayed.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_visit_lasts_ten_minutes() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let at = world.leave(&mut browser, "AZaz09-_").await;
    let back = world.decide(&at, ("person", "octo")).await;
    world.app.clock.advance(Duration::from_secs(10 * 60));
    let late = browser.get(&back).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    assert!(late.body.contains("/login?flow=AZaz09-_"), "{}", late.body);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn an_answer_that_names_another_issuer_is_not_redeemed() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let at = world.leave(&mut browser, "").await;
    let back = world.decide(&at, ("person", "octo")).await;
    let mixed = browser.get(&format!("{back}&iss=https://evil.test")).await;
    assert_eq!(mixed.status, StatusCode::BAD_GATEWAY);
    let seen = world.github.requests();
    assert!(
        seen.iter()
            .all(|request| request.endpoint != Some(Endpoint::AccessToken))
    );
}

#[tokio::test]
async fn a_github_that_is_down_slow_or_talks_nonsense_is_told_and_can_be_tried_again() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    for (endpoint, fault) in [
        (Endpoint::AccessToken, Fault::Status { status: 500 }),
        (Endpoint::AccessToken, Fault::slow(Duration::from_secs(30))),
        (Endpoint::AccessToken, Fault::BrokenJson),
        (Endpoint::User, Fault::Status { status: 502 }),
        (Endpoint::User, Fault::Close),
        (Endpoint::UserEmails, Fault::RateLimit { reset_in: 60 }),
    ] {
        world.github.fault(endpoint, fault, Some(1));
        let failed = world.come_back(&mut browser, "octo").await;
        assert_eq!(failed.status, StatusCode::BAD_GATEWAY, "{endpoint:?} {fault:?}");
        assert!(failed.has_page("page-login-with-failed"));
        assert!(failed.body.contains("href=\"/login\""), "{}", failed.body);
        world.github.clear_faults();
    }
    assert!(!browser.is_signed_in().await);
    world.come_back(&mut browser, "octo").await;
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn an_address_alone_gives_nobody_an_account() {
    let world = World::new().await;
    let mut owner = world.app.browser();
    owner.register("octo").await;
    let ours = "octo@example.org";
    world.github.set_emails("octo", [Email::primary(ours)]).unwrap();
    let mut stranger = world.app.browser();
    let refused = world.come_back(&mut stranger, "octo").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("Sign in to it first"), "{}", refused.body);
    assert!(!stranger.is_signed_in().await);
    assert!(world.subjects(ours).await.is_empty());

    // Not even in the owner's own browser while the address is not proven here.
    let refused = world.come_back(&mut owner, "octo").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let linked = world.link(&mut owner, "octo").await;
    assert_eq!(linked.header("location"), LINKED);
    assert_eq!(world.subjects(ours).await.len(), 1);
    world.come_back(&mut stranger, "octo").await;
    assert!(stranger.is_signed_in().await);
}

#[tokio::test]
async fn an_address_that_github_has_not_verified_makes_no_account() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    let refused = world.come_back(&mut browser, "shy").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("Confirm it there"), "{}", refused.body);
    world.github.set_emails("shy", []).unwrap();
    let refused = world.come_back(&mut browser, "shy").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn closed_registration_is_closed_here_too() {
    let world = World::with(|settings| settings.registration.open = false).await;
    let mut browser = world.app.browser();
    let refused = world.come_back(&mut browser, "octo").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.body.contains("Registration is closed"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn a_disabled_user_stays_outside() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    world.come_back(&mut browser, "octo").await;
    let user = world.user("octo@example.com").await;
    let now = model::Clock::now(&world.app.clock);
    let disabled = world
        .app
        .authority
        .database
        .write::<_, storage::StorageError, _>(move |w| {
            Box::pin(async move { storage::users::disable(w, user.id, now).await })
        });
    assert!(disabled.await.unwrap());
    let refused = world.come_back(&mut browser, "octo").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("disabled"), "{}", refused.body);
}
