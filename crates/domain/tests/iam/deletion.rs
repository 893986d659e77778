//! The end of a user, of a group, and of the account they are in: all of it or nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::iam::{IamError, Named};
use model::{Ctx, Random, SystemRandom};
use storage::{Database, StorageError};
use testkit::database::for_each_database;

use crate::houses::{House, user};

const ALLOW: &str = r#"{"Effect": "Allow", "Action": "compute:*", "Resource": "*"}"#;

/// A user with a policy, in a group that has one.
async fn furnished(database: Database) -> House {
    let house = House::new(database).await;
    house.group("makers").await;
    house.user_in("bob", &["makers"]).await.unwrap();
    let id = house.policy("allow", ALLOW).await;
    house.attach(user("bob"), &id).await.unwrap();
    house
}

#[tokio::test]
async fn a_deleted_user_leaves_nothing_behind_but_a_free_name() {
    for_each_database(async |database| {
        let house = furnished(database).await;
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let permit = house.may("iam:DeleteUser", "arn:authz:iam:::user/bob").await;
        let bob = authority.iam_user_named(&permit, "bob").await.unwrap();
        authority.delete_iam_user(&ctx, &permit, "bob").await.unwrap();
        assert!(house.verdict(&bob, "compute:Start").await.is_none());
        let again = authority.delete_iam_user(&ctx, &permit, "bob").await;
        assert!(matches!(again, Err(IamError::Unknown(Named::User))));
        let (_, members) = authority.read_group(&permit, "makers").await.unwrap();
        assert!(members.is_empty());
        let new = house.user("bob").await;
        assert_ne!(new.id, bob.id);
        assert!(
            !house.allows(&new, "compute:Start").await,
            "nothing of before comes back"
        );
        assert_eq!(house.world.count_audit("iam.user_deleted").await, 1);
    })
    .await;
}

/// Randomness that fails when it is asked the so-manieth time: each audit row within a write asks once.
struct Failing {
    asked: AtomicUsize,
    at: usize,
}

impl Random for Failing {
    fn fill(&self, bytes: &mut [u8]) {
        assert!(
            self.asked.fetch_add(1, Ordering::Relaxed) < self.at,
            "it fails here"
        );
        SystemRandom.fill(bytes);
    }
}

/// P08: wherever the write stops, the user has all that they had.
#[tokio::test]
async fn a_deletion_that_fails_in_the_middle_has_done_nothing() {
    for_each_database(async |database| {
        let house = furnished(database).await;
        let authority = &house.world.authority;
        let permit = house.may("iam:DeleteUser", "arn:authz:iam:::user/bob").await;
        let bob = authority.iam_user_named(&permit, "bob").await.unwrap();
        let mut failures = 0;
        loop {
            let random = Failing {
                asked: AtomicUsize::new(0),
                at: failures,
            };
            let ctx = Ctx {
                random: Arc::new(random),
                ..house.world.ctx()
            };
            if authority.delete_iam_user(&ctx, &permit, "bob").await.is_ok() {
                break;
            }
            failures += 1;
            let card = authority.read_iam_user(&permit, "bob").await.unwrap();
            assert_eq!(card.groups, ["makers"], "{failures}");
            assert!(card.user.disabled_at.is_none());
            assert!(house.allows(&bob, "compute:Start").await, "{failures}");
        }
        assert!(failures > 0);
        assert!(authority.read_iam_user(&permit, "bob").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn with_the_root_user_goes_everything_of_the_account() {
    for_each_database(async |database| {
        let house = furnished(database.clone()).await;
        let permit = house.may("iam:ListUsers", "arn:authz:iam:::user/*").await;
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let root = house.root.user().unwrap().id;
        let by = model::audit::Actor::Operator;
        authority.delete_user(&ctx, root, by).await.unwrap();
        house.world.clock.advance(authority.settings.deletion_grace);
        house.world.work_off().await;
        let users = authority.list_iam_users(&permit, (10, 0)).await.unwrap();
        let groups = authority.list_groups(&permit, (10, 0)).await.unwrap();
        assert_eq!((users.total, groups.total), (0, 0));
        let left = database.read().await.unwrap();
        let mut left = left;
        let policies: Result<_, StorageError> = storage::iam_policies::list_all(&mut left, "", 10).await;
        assert!(policies.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_root_user_takes_along_what_the_account_has_written() {
    for_each_database(async |database| {
        let house = furnished(database).await;
        let root = house.root.user().unwrap();
        let taken = house
            .world
            .authority
            .export_account(&house.world.ctx(), root)
            .await;
        let iam = &taken.unwrap()["iam"];
        assert_eq!(iam["account_id"], house.account.as_str());
        assert_eq!(iam["users"][0]["username"], "bob");
        assert_eq!(iam["users"][0]["groups"][0], "makers");
        assert_eq!(iam["groups"][0]["name"], "makers");
        assert_eq!(iam["policies"][0]["id"], iam["users"][0]["policies"][0]);
    })
    .await;
}
