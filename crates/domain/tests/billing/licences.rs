//! Licences: given, replaced, ended by hand, by subscriptions and by the clock, on SQLite and PostgreSQL.

use domain::licences::{LicenceError, NewLicence};
use model::audit::Actor;
use model::billing::{Binding, LicenceSource, LicenceStatus};
use model::{Timestamp, billing::Reason};
use storage::StorageError;
use testkit::database::{for_each_database, shut_log};

use super::usage::Town;

impl Town {
    fn binding(&self, status: LicenceStatus, source: LicenceSource) -> Binding {
        Binding {
            account: self.account.clone(),
            plan: "pro".to_owned(),
            seats: 3,
            status,
            valid_until: None,
            source,
        }
    }

    async fn bind(&self, binding: Binding) {
        let (authority, ctx) = (self.authority().clone(), self.world.ctx());
        let work = self.authority().database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { authority.bind_licence(w, &ctx, &binding).await })
        });
        work.await.unwrap();
    }

    async fn plan(&self) -> String {
        let held = self
            .authority()
            .licence_of(&self.world.ctx(), &self.account)
            .await;
        held.unwrap().plan.id
    }

    async fn give(&self, until: Option<Timestamp>) -> Result<(), LicenceError> {
        let new = NewLicence {
            plan: Some("pro".to_owned()),
            seats: None,
            valid_until: Some(until),
        };
        let ctx = self.world.ctx();
        let given = self
            .authority()
            .give_licence(&ctx, (&self.account, new), Actor::Operator);
        given.await.map(drop)
    }
}

fn subscription(id: &str) -> LicenceSource {
    LicenceSource::Subscription(id.to_owned())
}

#[tokio::test]
async fn a_licence_gives_its_plan_until_the_clock_ends_it_and_that_is_told_once() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        assert_eq!(town.plan().await, "free");
        let until = town.world.now().plus(std::time::Duration::from_secs(60));
        town.give(Some(until)).await.unwrap();
        assert_eq!(town.plan().await, "pro");
        let before = town.words_about_account().await;
        let tell = async || {
            town.authority()
                .tell_ended_licences(&town.world.ctx())
                .await
                .unwrap()
        };
        assert_eq!(tell().await, 0);
        town.world.advance(60);
        assert_eq!(town.plan().await, "free", "without any job");
        assert_eq!((tell().await, tell().await), (1, 0));
        assert_eq!(town.words_about_account().await, before + 1);
        assert_eq!(town.world.count_audit("licence.expired").await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_subscription_ends_only_what_it_has_bound() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        town.bind(town.binding(LicenceStatus::Active, subscription("sub_1")))
            .await;
        let words = town.words_about_account().await;
        town.bind(town.binding(LicenceStatus::Active, subscription("sub_1")))
            .await;
        assert_eq!(
            town.words_about_account().await,
            words,
            "the same again changes nothing"
        );
        town.bind(town.binding(LicenceStatus::Cancelled, subscription("sub_2")))
            .await;
        assert_eq!(town.plan().await, "pro");
        town.bind(town.binding(LicenceStatus::PastDue, subscription("sub_1")))
            .await;
        assert_eq!(town.plan().await, "pro", "while the payment is tried again");
        town.bind(town.binding(LicenceStatus::Cancelled, subscription("sub_1")))
            .await;
        assert_eq!(town.plan().await, "free");
        let history = town
            .authority()
            .licence_history(&town.account, &Actor::Operator)
            .await
            .unwrap();
        let living = history.iter().filter(|(_, replaced)| replaced.is_none()).count();
        assert_eq!((history.len(), living), (3, 1));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_given_is_refused_and_an_end_by_hand_holds() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        assert!(matches!(
            town.give(Some(town.world.now())).await,
            Err(LicenceError::Past)
        ));
        let end = async |by| {
            town.authority()
                .end_licence(&town.world.ctx(), &town.account, by)
                .await
        };
        assert!(matches!(end(Actor::Operator).await, Err(LicenceError::Nothing)));
        town.give(None).await.unwrap();
        assert!(matches!(
            end(Actor::Anonymous).await,
            Err(LicenceError::NotAdministrator)
        ));
        assert_eq!(end(Actor::Operator).await.unwrap().plan.id, "free");
        let unknown = NewLicence {
            plan: Some("gold".to_owned()),
            ..NewLicence::default()
        };
        let asked = (&town.account, unknown);
        let given = town
            .authority()
            .give_licence(&town.world.ctx(), asked, Actor::Operator)
            .await;
        assert!(matches!(given, Err(LicenceError::UnknownPlan)));
        let nobody = "000000000001".parse().unwrap();
        let asked = (&nobody, NewLicence::default());
        let given = town
            .authority()
            .give_licence(&town.world.ctx(), asked, Actor::Operator)
            .await;
        assert!(matches!(given, Err(LicenceError::UnknownAccount)));
    })
    .await;
}

/// C10: in one write with what tells of it, or not at all.
#[tokio::test]
async fn a_licence_that_cannot_be_told_of_is_neither_given_nor_ended() {
    for_each_database(async |database| {
        let town = Town::open(database.clone()).await;
        let ended = async || {
            let (ctx, authority) = (town.world.ctx(), town.authority());
            let ended = authority.end_licence(&ctx, &town.account, Actor::Operator);
            ended.await.is_ok()
        };
        shut_log(&database, true).await;
        assert!(town.give(None).await.is_err());
        assert_eq!(town.plan().await, "free");
        shut_log(&database, false).await;
        town.give(None).await.unwrap();
        shut_log(&database, true).await;
        assert!(!ended().await);
        assert_eq!(town.plan().await, "pro");
        shut_log(&database, false).await;
        assert!(ended().await);
        assert_eq!(town.plan().await, "free");
    })
    .await;
}

#[tokio::test]
async fn features_are_granted_by_name_and_seats_by_the_licence() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        assert_eq!(
            town.entitlement("no-such-feature").await.reason,
            Some(Reason::NotInPlan)
        );
        let seats = town.entitlement("seats").await;
        assert_eq!((seats.used, seats.limit, seats.granted), (1, Some(2), true));
        assert_eq!(town.entitlement("api_keys").await.limit, Some(1));
        town.bind(town.binding(LicenceStatus::Active, subscription("sub_1")))
            .await;
        assert_eq!(
            town.entitlement("seats").await.limit,
            Some(3),
            "as many as were bought"
        );
        assert_eq!(town.entitlement("calls").await.limit, None);
        assert_eq!(town.entitlement("messages").await.reason, Some(Reason::NotInPlan));
    })
    .await;
}

/// Of two who bind at once one is the living one, and the other is in the history.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_bind_at_once_leave_one_living_licence() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        let all = (0..20)
            .map(|n| town.bind(town.binding(LicenceStatus::Active, subscription(&format!("sub_{n}")))));
        futures::future::join_all(all).await;
        let history = town
            .authority()
            .licence_history(&town.account, &Actor::Operator)
            .await
            .unwrap();
        let living = history.iter().filter(|(_, replaced)| replaced.is_none()).count();
        assert_eq!((history.len(), living), (20, 1));
    })
    .await;
}
