//! Linked accounts after they are linked: in use, let go of, and their tokens.

use std::time::Duration;

use domain::federation::UpstreamTokenError;
use github_double::{Endpoint, Fault};
use http::StatusCode;

use super::{LINKED, World, csrf_of};
use crate::mail::newest_link;

#[tokio::test]
async fn one_user_has_two_accounts_of_which_one_is_in_use() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    world.come_back(&mut browser, "octo").await;
    world.link(&mut browser, "hubot").await;
    let email = "octo@example.com";
    let before = world.subjects(email).await;
    assert_eq!((before[0].1, before[1].1), (true, false));
    let second = before[1].0.clone();
    world.change(&mut browser, "activate", &second).await;
    let after = world.subjects(email).await;
    assert_eq!((after[0].1, after[1].1), (false, true));

    world.change(&mut browser, "remove", &second).await;
    assert_eq!(world.subjects(email).await, [(before[0].0.clone(), true)]);
}

#[tokio::test]
async fn an_account_that_signs_in_one_user_is_not_linked_to_another() {
    let world = World::new().await;
    let (mut octo, mut ada) = (world.app.browser(), world.app.browser());
    world.come_back(&mut octo, "octo").await;
    ada.register("ada").await;
    let refused = world.link(&mut ada, "octo").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(world.subjects("ada@example.org").await.is_empty());
}

#[tokio::test]
async fn linking_ends_with_the_session_that_began_it() {
    let world = World::new().await;
    let mut ada = world.app.browser();
    ada.register("ada").await;
    let action = format!("{LINKED}/github");
    let csrf = csrf_of(&ada.get(LINKED).await, &action);
    let left = ada.post(&action, &[("csrf", &csrf)]).await;
    let back = world
        .decide(&left.header("location").parse().unwrap(), ("person", "octo"))
        .await;
    ada.cookies.remove("session");
    assert_eq!(ada.get(&back).await.status, StatusCode::UNAUTHORIZED);
    assert!(world.subjects("ada@example.org").await.is_empty());
    assert_eq!(
        ada.get(LINKED).await.header("location"),
        "/login?flow=account-linked"
    );
}

#[tokio::test]
async fn the_only_way_in_stays() {
    let world = World::new().await;
    let mut browser = world.app.browser();
    world.come_back(&mut browser, "octo").await;
    let subject = world.subjects("octo@example.com").await[0].0.clone();
    let refused = world.change(&mut browser, "remove", &subject).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("only way"), "{}", refused.body);
    world.work().await;
    assert_eq!(world.revoked(), 0);
}

#[tokio::test]
async fn an_account_that_is_let_go_loses_its_token_at_github_as_soon_as_that_answers() {
    let world = World::new().await;
    let mut ada = world.app.browser();
    ada.register("ada").await;
    world.link(&mut ada, "octo").await;
    let subject = world.subjects("ada@example.org").await[0].0.clone();
    let outage = Fault::Status { status: 503 };
    world.github.fault(Endpoint::DeleteToken, outage, Some(1));
    world.change(&mut ada, "remove", &subject).await;
    assert!(world.subjects("ada@example.org").await.is_empty());
    world.work().await;
    assert_eq!(world.revoked(), 0);
    world.app.clock.advance(Duration::from_secs(3600));
    world.work().await;
    assert_eq!(world.revoked(), 1);
}

#[tokio::test]
async fn a_token_is_refreshed_when_it_has_expired_and_given_back_in_the_end() {
    let world = World::with_expiring_tokens().await;
    let mut ada = world.app.browser();
    ada.register("ada").await;
    world.link(&mut ada, "octo").await;
    let (authority, user) = (&world.app.authority, world.user("ada@example.org").await.id);
    let subject = world.subjects("ada@example.org").await[0].0.clone();
    let whose = ("github", subject.as_str());
    let token = || async {
        authority
            .upstream_access_token(&world.app.ctx(), user, whose)
            .await
    };
    let first = token().await.ok().unwrap();
    assert_eq!(token().await.ok().unwrap().expose(), first.expose());
    let nine_hours = Duration::from_secs(9 * 3600);
    world.app.clock.advance(nine_hours);
    world.github.advance(nine_hours);
    let second = token().await.ok().unwrap();
    assert_ne!(second.expose(), first.expose());
    assert_eq!(token().await.ok().unwrap().expose(), second.expose());

    // Expired again: unlinking refreshes it once more, to end it with its family.
    world.app.clock.advance(nine_hours);
    world.github.advance(nine_hours);
    ada.log_in("ada", crate::app::PASSWORD).await;
    world.change(&mut ada, "remove", &subject).await;
    world.work().await;
    assert_eq!(world.revoked(), 1);
    assert!(matches!(token().await, Err(UpstreamTokenError::NotFound)));
}

#[tokio::test]
async fn a_token_that_github_has_ended_is_not_handed_out() {
    let world = World::with_expiring_tokens().await;
    let mut browser = world.app.browser();
    world.come_back(&mut browser, "octo").await;
    let user = world.user("octo@example.com").await.id;
    let subject = world.subjects("octo@example.com").await[0].0.clone();
    world
        .github
        .revoke_authorization("octo", "Iv1.lighthouse")
        .unwrap();
    world.app.clock.advance(Duration::from_secs(9 * 3600));
    let ctx = world.app.ctx();
    for _ in 0..2 {
        let token = world
            .app
            .authority
            .upstream_access_token(&ctx, user, ("github", subject.as_str()));
        assert!(matches!(token.await, Err(UpstreamTokenError::Ended)));
    }
}

/// Somebody made an account with an address that was not theirs and linked their GitHub to it. When the owner of the
/// mailbox comes, nothing of that is left.
#[tokio::test]
async fn the_owner_of_a_mailbox_does_not_share_the_account_with_who_made_it() {
    let world = World::new().await;
    let mut thief = world.app.browser();
    thief.register("ada").await;
    world.link(&mut thief, "hubot").await;
    world.work().await;
    let mut owner = world.app.browser();
    owner.fill("/login/mail", &[("email", "ada@example.org")]).await;
    let path = newest_link(&world.app, "/login/link").await;
    let (_, token) = path.split_once("token=").unwrap();
    let signed_in = owner.fill(&path, &[("token", token)]).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER, "{}", signed_in.body);
    assert!(world.subjects("ada@example.org").await.is_empty());
    assert!(!thief.is_signed_in().await);
}
