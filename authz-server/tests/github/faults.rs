//! GitHub is slow, out of order, at its limit, or has ended what it gave.

use std::time::Duration;

use domain::github_app::GithubAppError;
use github_double::{Endpoint, Fault};

use crate::world::World;

/// Somebody with an active installation, whose token is known.
async fn settled() -> (World, model::UserId, u64) {
    let world = World::new().await;
    let octo = world.user("octo").await;
    let id = world.install("octo");
    world.link(octo, id).await.unwrap();
    world.github.forget_requests();
    (world, octo, u64::try_from(id).unwrap())
}

#[tokio::test]
async fn what_github_does_not_answer_well_changes_nothing() {
    let (world, octo, _) = settled().await;
    for fault in [
        Fault::slow(Duration::from_secs(2)),
        Fault::Status { status: 500 },
        Fault::BrokenJson,
        Fault::Close,
    ] {
        world
            .github
            .fault(Endpoint::InstallationRepositories, fault, Some(1));
        let failed = world.sync(octo).await;
        assert!(
            matches!(failed, Err(GithubAppError::Unavailable(_))),
            "{fault:?} {failed:?}"
        );
        assert_eq!(world.installations(octo).await[0].repositories.len(), 3);
    }
    assert_eq!(world.sync(octo).await.unwrap(), 3);
}

#[tokio::test]
async fn a_limit_is_told_and_kept_to() {
    let (world, octo, _) = settled().await;
    for (fault, seconds) in [
        (Fault::SecondaryRateLimit { retry_after: 120 }, 120),
        (Fault::RateLimit { reset_in: 300 }, 300),
    ] {
        world
            .github
            .fault(Endpoint::InstallationRepositories, fault, Some(1));
        for _ in 0..3 {
            let refused = world.sync(octo).await;
            let Err(GithubAppError::Limited { retry_after }) = refused else {
                panic!("{refused:?}")
            };
            let near = Duration::from_secs(seconds - 5)..=Duration::from_secs(seconds + 5);
            assert!(near.contains(&retry_after), "{retry_after:?}");
        }
        assert_eq!(world.count(Endpoint::InstallationRepositories), 1);
        let later = Duration::from_secs(seconds + 5);
        world.app.clock.advance(later);
        world.github.advance(later);
        assert_eq!(world.sync(octo).await.unwrap(), 3);
        world.github.forget_requests();
    }
}

#[tokio::test]
async fn a_token_that_ended_early_is_made_anew_once() {
    let (world, octo, id) = settled().await;
    world.github.suspend(id).unwrap();
    let refused = world.sync(octo).await;
    assert!(matches!(refused, Err(GithubAppError::Suspended)), "{refused:?}");
    world.github.unsuspend(id).unwrap();
    assert_eq!(world.sync(octo).await.unwrap(), 3);
    world.github.fault(
        Endpoint::InstallationRepositories,
        Fault::Status { status: 401 },
        None,
    );
    world.github.forget_requests();
    assert!(matches!(
        world.sync(octo).await,
        Err(GithubAppError::Unavailable(_))
    ));
    assert_eq!(world.count(Endpoint::InstallationRepositories), 2);
}

#[tokio::test]
async fn who_takes_back_the_authorization_has_to_sign_in_again() {
    let (world, octo, _) = settled().await;
    world
        .github
        .revoke_authorization("octo", "Iv1.lighthouse")
        .unwrap();
    let refused = world.sync(octo).await;
    assert!(
        matches!(refused, Err(GithubAppError::AccountEnded)),
        "{refused:?}"
    );
    assert_eq!(world.count(Endpoint::InstallationRepositories), 0);
}

#[tokio::test]
async fn an_installation_that_is_gone_at_github_is_gone_here() {
    let (world, octo, id) = settled().await;
    world.github.uninstall(id).unwrap();
    assert!(matches!(world.sync(octo).await, Err(GithubAppError::NotFound)));
    assert!(world.installations(octo).await.is_empty());
}
