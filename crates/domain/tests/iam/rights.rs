//! What binds a user counts from the next request on, and what cannot be read denies.

use model::Timestamp;
use policy::Decision;
use storage::{Database, StorageError};
use testkit::database::{TestDatabase, for_each_database};

use crate::houses::{House, group, user, verdict_at};
use crate::world::World;

const START: &str = "compute:StartServer";
const ALLOW: &str = r#"{"Sid": "Start", "Effect": "Allow", "Action": "compute:*", "Resource": "*"}"#;
const DENY: &str = r#"{"Sid": "Stop", "Effect": "Deny", "Action": "compute:Start*", "Resource": "*"}"#;

#[tokio::test]
async fn nobody_may_anything_by_default_and_a_deny_of_a_group_beats_what_a_user_has() {
    for_each_database(async |database| {
        let house = House::new(database).await;
        house.group("frozen").await;
        let bob = house.user("bob").await;
        assert_eq!(
            house.verdict(&bob, START).await.unwrap().decision,
            Decision::ImplicitDeny
        );
        let (allow, deny) = (
            house.policy("allow", ALLOW).await,
            house.policy("deny", DENY).await,
        );
        house.attach(user("bob"), &allow).await.unwrap();
        assert!(house.allows(&bob, START).await);
        house.attach(group("frozen"), &deny).await.unwrap();
        assert!(house.allows(&bob, START).await, "not in the group yet");
        let permit = house
            .may("iam:AddUserToGroup", "arn:authz:iam:::group/frozen")
            .await;
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        authority
            .add_to_group(&ctx, &permit, ("frozen", "bob"))
            .await
            .unwrap();
        let verdict = house.verdict(&bob, START).await.unwrap();
        assert_eq!(verdict.decision, Decision::ExplicitDeny);
        assert_eq!(
            verdict.explanation.text,
            "Denied by statement Stop of deny; a Deny beats every Allow."
        );
        assert!(house.allows(&bob, "compute:StopServer").await);
        authority
            .remove_from_group(&ctx, &permit, ("frozen", "bob"))
            .await
            .unwrap();
        assert!(house.allows(&bob, START).await);
    })
    .await;
}

/// P06
#[tokio::test]
async fn every_change_counts_from_the_next_request_on() {
    for_each_database(async |database| {
        let house = House::new(database).await;
        house.group("makers").await;
        let bob = house.user_in("bob", &["makers"]).await.unwrap();
        let id = house.policy("allow", ALLOW).await;
        assert!(!house.allows(&bob, START).await);
        house.attach(user("bob"), &id).await.unwrap();
        assert!(house.allows(&bob, START).await, "attached");
        house.detach(user("bob"), &id).await.unwrap();
        assert!(!house.allows(&bob, START).await, "detached");
        house.attach(group("makers"), &id).await.unwrap();
        assert!(house.allows(&bob, START).await, "attached to the group");
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let permit = house
            .may("iam:DeletePolicy", "arn:authz:iam:::policy/allow")
            .await;
        authority.delete_policy(&ctx, &permit, (&id, true)).await.unwrap();
        assert!(!house.allows(&bob, START).await, "the policy is gone");
        let again = house.policy("again", ALLOW).await;
        house.attach(group("makers"), &again).await.unwrap();
        assert!(house.allows(&bob, START).await);
        let permit = house.may("iam:DeleteGroup", "arn:authz:iam:::group/makers").await;
        authority.delete_group(&ctx, &permit, "makers").await.unwrap();
        assert!(!house.allows(&bob, START).await, "the group is gone");
    })
    .await;
}

/// P06
#[tokio::test]
async fn another_replica_denies_the_first_request_after_a_policy_was_detached() {
    let place = TestDatabase::postgres().await;
    let house = House::new(place.database().clone()).await;
    let other = World::new(Database::connect(place.config()).await.unwrap());
    let bob = house.user("bob").await;
    let id = house.policy("allow", ALLOW).await;
    let allowed_there = async || {
        let verdict = verdict_at(&other, &bob, START).await;
        verdict.is_some_and(|verdict| verdict.decision.is_allowed())
    };
    for _ in 0..3 {
        house.attach(user("bob"), &id).await.unwrap();
        assert!(allowed_there().await);
        house.detach(user("bob"), &id).await.unwrap();
        assert!(!allowed_there().await);
    }
}

/// A row that this program has not written.
async fn spoil(database: &Database, id: &str, document: &'static str) {
    let id = id.to_owned();
    let work = database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move {
            let id = id.parse().unwrap();
            let all = storage::iam_policies::list_all(w, "", 100).await?;
            let mut policy = all.into_iter().find(|policy| policy.id == id).unwrap();
            storage::iam_policies::delete(w, &policy.account_id, id).await?;
            policy.document = document.to_owned();
            policy.created_at = Timestamp::EPOCH;
            assert!(storage::iam_policies::insert(w, &policy).await?);
            Ok(())
        })
    });
    work.await.unwrap();
}

/// P05
#[tokio::test]
async fn a_policy_that_cannot_be_read_denies_everything_and_stops_nothing_else() {
    for document in [
        "",
        "{",
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Maybe"}]}"#,
        "\u{0}",
    ] {
        let place = TestDatabase::sqlite().await;
        let house = House::new(place.database().clone()).await;
        let (bob, eve) = (house.user("bob").await, house.user("eve").await);
        let (good, bad) = (
            house.policy("good", ALLOW).await,
            house.policy("bad", ALLOW).await,
        );
        spoil(place.database(), &bad, document).await;
        house.attach(user("bob"), &good).await.unwrap();
        house.attach(user("eve"), &good).await.unwrap();
        house.attach(user("bob"), &bad).await.unwrap();
        let verdict = house.verdict(&bob, START).await.unwrap();
        assert_eq!(verdict.decision, Decision::ExplicitDeny, "{document:?}");
        assert!(
            verdict.explanation.text.contains("bad cannot be read"),
            "{}",
            verdict.explanation.text
        );
        assert!(house.allows(&eve, START).await);
        let unreadable = domain::iam::unreadable_policies(place.database()).await.unwrap();
        assert_eq!(unreadable, std::slice::from_ref(&bad));
        house.detach(user("bob"), &bad).await.unwrap();
        assert!(house.allows(&bob, START).await);
    }
}

#[tokio::test]
async fn a_user_has_no_business_in_another_account() {
    for_each_database(async |database| {
        let house = House::new(database).await;
        let mut bob = house.user("bob").await;
        bob.account_id = "000000000000".parse().unwrap();
        assert!(house.verdict(&bob, START).await.is_none());
    })
    .await;
}
