//! Installations of the GitHub App: what is kept of them, on both databases, and that it goes.

use std::sync::Arc;

use async_trait::async_trait;
use domain::federation::{Callback, Finished, Providers, Purpose, Start};
use domain::github_app::{Delivery, GithubApp, GithubAppError, GithubError, PROVIDER, Returned, Taken};
use domain::people::SignedIn;
use domain::sealing::MasterKeys;
use model::github_app::{Installation, InstallationId, Repository, RepositorySelection};
use model::{PlainSecret, SecretDigest, SystemRandom, UserId};
use serde_json::json;
use storage::Database;
use testkit::database::for_each_database;
use url::Url;

use crate::federation::Corner;
use crate::world::World;

/// Shows installations 1 to 3 to everybody and signs nothing.
struct Hub;

#[async_trait]
impl GithubApp for Hub {
    fn install_url(&self, state: &str) -> Url {
        format!("https://hub.test/install?state={state}").parse().unwrap()
    }

    async fn find_visible(
        &self,
        _: &PlainSecret,
        id: InstallationId,
    ) -> Result<Option<Installation>, GithubError> {
        let account = Installation {
            id,
            account_id: 100 + id,
            account: format!("account-{id}"),
            selection: RepositorySelection::All,
            suspended_at: None,
        };
        Ok((1..=3).contains(&id).then_some(account))
    }

    async fn repositories(&self, id: InstallationId) -> Result<Vec<Repository>, GithubError> {
        let named = |number| Repository {
            id: number,
            full_name: format!("account-{id}/r{number}"),
            private: number % 2 == 1,
        };
        Ok((0..=id).map(named).collect())
    }

    async fn uninstall(&self, _: InstallationId) -> Result<(), GithubError> {
        Ok(())
    }

    fn is_genuine(&self, _: &[u8], signature: &str) -> bool {
        signature == "genuine"
    }
}

fn world(database: Database) -> World {
    let keys = MasterKeys::generate(&SystemRandom);
    let providers = Providers::new(vec![Arc::new(Corner::called(PROVIDER, Arc::default()))]);
    World::knowing(
        providers.with_github_app(Arc::new(Hub)),
        (database, &keys),
        |_| (),
    )
}

async fn come(world: &World, subject: &str) -> SignedIn {
    let browser = || SecretDigest::of(subject);
    let start = Start {
        provider: PROVIDER,
        callback: "/back",
        page: None,
        purpose: Purpose::SignIn { flow: None },
        choose_account: false,
        browser: browser(),
    };
    let url = world.authority.start_federation(&world.ctx(), start).await;
    let url = url.ok().unwrap();
    let (_, state) = url.query_pairs().next().unwrap();
    let back = Callback {
        provider: PROVIDER,
        callback: "/back",
        state: &state,
        code: Some(subject),
        error: None,
        issuer: None,
        browser: browser(),
        present: None,
    };
    match world.authority.finish_federation(&world.ctx(), back).await {
        Ok(Finished::SignedIn { sign_in, .. }) => sign_in.done().unwrap(),
        _ => panic!("not signed in"),
    }
}

async fn link(world: &World, user: UserId, id: InstallationId) -> bool {
    let back = Returned {
        state: None,
        installation: id,
        present: Some(user),
    };
    let linked = world
        .authority
        .finish_github_app_install(&world.ctx(), back)
        .await;
    linked.is_ok()
}

async fn tell(world: &World, name: &str, body: &serde_json::Value) -> Taken {
    let body = body.to_string();
    let delivery = Delivery {
        id: name,
        event: "installation",
        signature: "genuine",
        body: body.as_bytes(),
    };
    let taken = world.authority.take_github_event(&world.ctx(), delivery).await;
    taken.unwrap()
}

async fn ids(world: &World, user: UserId) -> Vec<(InstallationId, bool, usize)> {
    let all = world.authority.github_installations(user).await.unwrap();
    let told = all
        .iter()
        .map(|one| (one.installation.id, one.is_active(), one.repositories.len()));
    told.collect()
}

#[tokio::test]
async fn two_people_share_an_installation_and_choose_each_their_own() {
    for_each_database(async |database| {
        let world = world(database);
        let (ada, bob) = (come(&world, "101").await.user.id, come(&world, "7").await.user.id);
        for (user, id) in [(ada, 1), (ada, 2), (bob, 1), (ada, 1)] {
            assert!(link(&world, user, id).await);
        }
        assert!(!link(&world, ada, 4).await);
        let (authority, ctx) = (&world.authority, world.ctx());
        authority
            .activate_github_installation(&ctx, ada, 2)
            .await
            .unwrap();
        assert_eq!(ids(&world, ada).await, [(1, false, 2), (2, true, 3)]);
        assert_eq!(ids(&world, bob).await, [(1, true, 2)]);
        assert_eq!(authority.sync_github_repositories(&ctx, ada).await.unwrap(), 3);
        let foreign = authority.uninstall_github_app(&ctx, bob, 1).await;
        assert!(matches!(foreign, Err(GithubAppError::NotAllowed)));
        authority.uninstall_github_app(&ctx, ada, 1).await.unwrap();
        assert!(ids(&world, bob).await.is_empty());
        assert_eq!(world.count_audit("github_app.installed").await, 3);
    })
    .await;
}

#[tokio::test]
async fn events_are_applied_once_each() {
    for_each_database(async |database| {
        let world = world(database);
        let ada = come(&world, "9").await.user.id;
        let installed = json!({
            "action": "created", "sender": { "id": 9 },
            "installation": { "id": 1, "account": { "id": 50, "login": "acme" }, "repository_selection": "selected" },
            "repositories": [{ "id": 1, "full_name": "acme/one", "private": true }],
        });
        assert_eq!(tell(&world, "a", &installed).await, Taken::Applied);
        assert_eq!(tell(&world, "a", &installed).await, Taken::Again);
        assert_eq!(tell(&world, "b", &installed).await, Taken::Again);
        assert!(link(&world, ada, 1).await);
        let gone = json!({ "action": "deleted", "installation": { "id": 1 } });
        assert_eq!(tell(&world, "c", &gone).await, Taken::Applied);
        assert_eq!(tell(&world, "d", &installed).await, Taken::Again);
        assert!(ids(&world, ada).await.is_empty());
        let other = json!({ "action": "new_permissions_accepted", "installation": { "id": 1 } });
        assert_eq!(tell(&world, "e", &other).await, Taken::Ignored);
        world.advance(100 * 24 * 60 * 60);
        world.authority.forget_expired(&world.ctx()).await.unwrap();
        assert_eq!(tell(&world, "a", &gone).await, Taken::Applied);
    })
    .await;
}

/// Whoever installed it may end it, and an erased account leaves no installation that only it had.
#[tokio::test]
async fn an_erased_account_leaves_what_others_have() {
    for_each_database(async |database| {
        let world = world(database);
        let (ada, bob) = (come(&world, "101").await, come(&world, "7").await);
        for (user, id) in [(ada.user.id, 1), (ada.user.id, 2), (bob.user.id, 2)] {
            assert!(link(&world, user, id).await);
        }
        let exported = world.authority.export_account(&world.ctx(), &ada.user).await;
        assert_eq!(
            exported.unwrap()["github_installations"][0]["account"],
            "account-1"
        );
        let (authority, nothing) = (&world.authority, PlainSecret::new(""));
        let asked = authority
            .request_deletion(&world.ctx(), (&ada.user, &ada.session), &nothing)
            .await;
        asked.unwrap();
        world.advance(15 * 24 * 60 * 60);
        while authority.run_due_jobs().await.unwrap() > 0 {}
        assert!(ids(&world, ada.user.id).await.is_empty());
        assert_eq!(ids(&world, bob.user.id).await, [(2, true, 3)]);
        let mut reader = authority.database.read().await.unwrap();
        let left = storage::github_repositories::list(&mut reader, 1).await.unwrap();
        assert!(left.is_empty());
    })
    .await;
}
