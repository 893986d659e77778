//! Who is told what of a wallet that runs low.

use domain::billing::{AutopayChange, AutopayError, BillingNews};
use model::billing::{Currency, Money};
use model::team::{Membership, MembershipId, TeamRole};
use model::user::User;
use model::{SystemRandom, UserId};
use storage::StorageError;
use testkit::database::for_each_database;

use super::till::{Till, person};

async fn hire(till: &Till, user: UserId, role: TeamRole) {
    let membership = Membership {
        id: MembershipId::random(&SystemRandom),
        account_id: till.account.clone(),
        user_id: user,
        role,
        invited_by: None,
        created_at: till.world.now(),
    };
    let work = till.authority().database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { storage::memberships::insert(w, &membership).await })
    });
    assert!(work.await.unwrap());
}

async fn hired(till: &Till, name: &str, role: TeamRole) -> User {
    let user = person(&till.world, name).await;
    hire(till, user.id, role).await;
    user
}

#[tokio::test]
async fn each_crossing_is_told_once_to_those_who_look_after_the_bills() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let grace = hired(&till, "grace", TeamRole::Billing).await;
        hired(&till, "bob", TeamRole::Admin).await;
        // Nobody has confirmed this one's address.
        let eve = till.world.register("eve").await.user;
        hire(&till, eve.id, TeamRole::Billing).await;
        till.world.work_off().await;

        till.add(15_000).await;
        till.add(-6_000).await;
        till.add(-500).await;
        let mut told = till.letters().await;
        told.sort_by(|one, other| one.0.cmp(&other.0));
        let to: Vec<_> = told.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(to, [till.ada.email.as_str(), grace.email.as_str()]);
        let expected = BillingNews::LowBalance {
            balance: Money::new(9_000, Currency::INR),
            limit: Money::new(10_000, Currency::INR),
        };
        assert!(told.iter().all(|(_, news)| *news == expected));

        till.add(5_000).await;
        till.add(-5_000).await;
        assert_eq!(till.letters().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_account_chooses_its_own_figure_also_without_a_mandate() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let limit = |limit| AutopayChange {
            low_balance: Some(limit),
            ..AutopayChange::default()
        };
        for wrong in [-1, i64::MAX] {
            let refused = till.change(limit(wrong)).await;
            assert!(matches!(refused, Err(AutopayError::LowBalance)));
        }
        assert_eq!(till.change(limit(50)).await.unwrap().low_balance, 50);
        till.add(20_000).await;
        till.add(-19_900).await;
        assert_eq!(till.letters().await, []);
        till.add(-51).await;
        assert_eq!(till.letters().await.len(), 1);
    })
    .await;
}
