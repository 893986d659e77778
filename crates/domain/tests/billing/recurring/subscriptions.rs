//! Subscriptions: what the gateway tells of them, in every order, and what that gives.

use domain::billing::gateway::{Event, Payment, SubscriptionStatus as S};
use domain::billing::{BillingNews, SubscriptionError, SubscriptionWish};
use model::billing::Subscription;
use testkit::database::for_each_database;

use super::till::{Till, period_payment};

const DAY: u64 = 86_400;

async fn subscribe(till: &Till) -> Result<Subscription, SubscriptionError> {
    let ctx = till.world.ctx();
    till.authority().subscribe(&ctx, till.by(), ("pro", 2)).await
}

async fn command(till: &Till, id: &str, wish: SubscriptionWish) -> Result<Subscription, SubscriptionError> {
    let ctx = till.world.ctx();
    till.authority()
        .command_subscription(&ctx, till.by(), (id, wish))
        .await
}

async fn now(till: &Till, id: &str) -> Subscription {
    let found = till.authority().find_subscription(&till.account, id).await;
    found.unwrap().unwrap()
}

/// That a period was paid for: thirty days from now.
fn charged(till: &Till, id: &str, count: u32) -> Event {
    let (start, end) = (
        till.world.now(),
        till.world.now().plus(std::time::Duration::from_secs(30 * DAY)),
    );
    let mut event = till.subscription_event((id, S::Active), |one| {
        one.paid_count = count;
        one.current_start = Some(start);
        one.current_end = Some(end);
    });
    event.payment = Some(period_payment(&format!("pay_period_{count}"), 99_800));
    event
}

async fn active(till: &Till) -> String {
    let id = subscribe(till).await.unwrap().id;
    till.world.advance(60);
    till.tell(charged(till, &id, 1)).await;
    assert_eq!(now(till, &id).await.status, S::Active);
    id
}

async fn count_paid(till: &Till) -> usize {
    till.world.count_audit("billing.subscription_paid").await
}

#[tokio::test]
async fn an_account_has_one_subscription_that_lives_and_is_told_which() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let ctx = till.world.ctx();
        for (plan, quantity) in [("none", 1), ("free", 1), ("pro", 0), ("pro", u32::MAX)] {
            let refused = till
                .authority()
                .subscribe(&ctx, till.by(), (plan, quantity))
                .await;
            assert!(refused.is_err(), "{plan} {quantity}");
        }
        let first = subscribe(&till).await.unwrap();
        assert_eq!((first.status, first.quantity), (S::Created, 2));
        let second = subscribe(&till).await;
        assert!(matches!(second, Err(SubscriptionError::Exists { id }) if id == first.id));
        let cancel = SubscriptionWish::Cancel { at_period_end: true };
        // Nothing is paid for: it ends at once.
        let ended = command(&till, &first.id, cancel).await.unwrap();
        assert_eq!(ended.status, S::Cancelled);
        assert!(subscribe(&till).await.is_ok());
        assert_eq!(till.gateway.count("create_plan"), 1);
    })
    .await;
}

#[tokio::test]
async fn two_that_subscribe_at_once_have_one_subscription() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let (one, other) = tokio::join!(subscribe(&till), subscribe(&till));
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
        till.work_off().await;
        let books = till.gateway.books();
        let living = books
            .subscriptions
            .values()
            .filter(|one| one.status == S::Created);
        assert_eq!(living.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_checkouts_answer_makes_it_active_and_books_its_payment_once() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let id = subscribe(&till).await.unwrap().id;
        till.world.advance(60);
        let event = charged(&till, &id, 1);
        let payment = event.payment.clone().unwrap();
        till.gateway.books().payments.push(payment.clone());
        let ctx = till.world.ctx();
        let confirm = async |signature: &str| {
            let told = (id.as_str(), payment.id.as_str(), signature);
            till.authority()
                .confirm_subscription(&ctx, &till.account, told)
                .await
        };
        assert!(matches!(
            confirm("nonsense").await,
            Err(SubscriptionError::Forged)
        ));
        let signature = format!("{}|{id}", payment.id);
        assert_eq!(confirm(&signature).await.unwrap().status, S::Active);
        confirm(&signature).await.unwrap();
        till.tell(event.clone()).await;
        till.tell(event).await;
        assert_eq!((count_paid(&till).await, till.balance().await), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn events_in_every_order_end_alike() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let id = subscribe(&till).await.unwrap().id;
        let mut story = Vec::new();
        for status in [S::Authenticated, S::Active, S::Pending, S::Active, S::Cancelled] {
            till.world.advance(DAY);
            story.push(match status {
                S::Active => charged(&till, &id, u32::try_from(story.len()).unwrap()),
                other => till.subscription_event((&id, other), |_| ()),
            });
        }
        let end = async |order: &[usize]| {
            for place in order {
                till.tell(story[*place].clone()).await;
            }
            let end = now(&till, &id).await;
            (
                end.status,
                end.paid_until,
                end.paid_count,
                count_paid(&till).await,
            )
        };
        let paid_until = story[3].subscription.as_ref().unwrap().current_end;
        // The last comes first, and everything again.
        let ended = end(&[4, 2, 0, 3, 1, 4, 3, 2, 1, 0]).await;
        assert_eq!(ended, (S::Cancelled, paid_until, 3, 2));
    })
    .await;
}

#[tokio::test]
async fn failed_payments_are_told_of_until_they_are_made_good() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let id = active(&till).await;
        let mut told = Vec::new();
        for status in [S::Pending, S::Pending, S::Halted] {
            till.world.advance(DAY);
            till.tell(till.subscription_event((&id, status), |_| ())).await;
            told.extend(till.work_off().await);
        }
        assert!(matches!(
            told.as_slice(),
            [
                BillingNews::SubscriptionPending { .. },
                BillingNews::SubscriptionHalted { .. }
            ]
        ));
        till.world.advance(DAY);
        till.tell(charged(&till, &id, 2)).await;
        assert_eq!(now(&till, &id).await.status, S::Active);
    })
    .await;
}

#[tokio::test]
async fn what_the_gateway_did_not_tell_is_asked_for() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let id = subscribe(&till).await.unwrap().id;
        let lost = charged(&till, &id, 1);
        let payment = Payment {
            invoice: Some(format!("inv_{id}")),
            ..lost.payment.clone().unwrap()
        };
        till.gateway.books().payments.push(payment);
        till.world.advance(11 * 60);
        assert_eq!(till.look_after().await, 1);
        let found = now(&till, &id).await;
        let end = lost.subscription.unwrap().current_end;
        assert_eq!((found.status, found.paid_until), (S::Active, end));
        assert_eq!(count_paid(&till).await, 1);
        assert_eq!(till.look_after().await, 0);
        till.subscription_event((&id, S::Halted), |_| ());
        till.world.advance(DAY);
        till.look_after().await;
        assert_eq!(now(&till, &id).await.status, S::Halted);
    })
    .await;
}

/// Of two things told of one second, the gateway's answer counts.
#[tokio::test]
async fn doubtful_news_are_asked_about_at_once() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let id = active(&till).await;
        till.world.advance(60);
        let paused = till.subscription_event((&id, S::Paused), |_| ());
        let resumed = till.subscription_event((&id, S::Active), |_| ());
        till.tell(resumed).await;
        till.tell(paused).await;
        till.look_after().await;
        assert_eq!(now(&till, &id).await.status, S::Active);
    })
    .await;
}

#[tokio::test]
async fn its_owner_changes_pauses_resumes_and_cancels() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let id = active(&till).await;
        let change = SubscriptionWish::Change {
            plan: Some("team".to_owned()),
            quantity: Some(3),
            at_period_end: false,
        };
        let changed = command(&till, &id, change).await.unwrap();
        assert_eq!((changed.plan.as_str(), changed.quantity), ("team", 3));
        let resume = command(&till, &id, SubscriptionWish::Resume).await;
        assert!(matches!(resume, Err(SubscriptionError::NotNow(_))));
        let paused = command(&till, &id, SubscriptionWish::Pause).await.unwrap();
        assert_eq!(paused.status, S::Paused);
        let resumed = command(&till, &id, SubscriptionWish::Resume).await.unwrap();
        assert_eq!(resumed.status, S::Active);

        let cancel = SubscriptionWish::Cancel { at_period_end: true };
        let ending = command(&till, &id, cancel).await.unwrap();
        assert_eq!((ending.status, ending.cancel_at_end), (S::Active, true));
        till.world.advance(30 * DAY);
        till.tell(till.subscription_event((&id, S::Cancelled), |_| ()))
            .await;
        assert!(matches!(
            till.work_off().await.as_slice(),
            [BillingNews::SubscriptionEnded { until: None, .. }]
        ));
    })
    .await;
}

#[tokio::test]
async fn another_accounts_subscription_is_not_there() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let id = active(&till).await;
        let eve = super::till::person(&till.world, "eve").await;
        let ctx = till.world.ctx();
        let account = till.authority().account_number(&ctx, eve.id).await.unwrap();
        let by = (&account, model::audit::Actor::User(eve.id));
        let wish = (id.as_str(), SubscriptionWish::Pause);
        let refused = till.authority().command_subscription(&ctx, by, wish).await;
        assert!(matches!(refused, Err(SubscriptionError::NotFound)));
    })
    .await;
}

async fn plan(till: &Till) -> String {
    let ctx = till.world.ctx();
    till.authority().plan_of(&ctx, till.ada.id).await.unwrap()
}

#[tokio::test]
async fn the_licence_follows_what_was_paid_for() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        assert_eq!(plan(&till).await, "free");
        let id = active(&till).await;
        assert_eq!(plan(&till).await, "pro");
        // The renewal fails: the plan is kept for a while, and then lost.
        till.world.advance(30 * DAY);
        till.tell(till.subscription_event((&id, S::Pending), |_| ()))
            .await;
        assert_eq!(plan(&till).await, "pro");
        till.world.advance(7 * DAY);
        assert_eq!(plan(&till).await, "free");
        till.tell(till.subscription_event((&id, S::Halted), |_| ())).await;
        assert_eq!(plan(&till).await, "free");
        till.tell(charged(&till, &id, 2)).await;
        till.world.advance(60);
        till.look_after().await;
        assert_eq!(plan(&till).await, "pro");

        // What is cancelled at once stays until the end of what was paid for.
        let cancel = SubscriptionWish::Cancel { at_period_end: false };
        command(&till, &id, cancel).await.unwrap();
        assert_eq!(plan(&till).await, "pro");
        till.world.advance(30 * DAY);
        assert_eq!(plan(&till).await, "free");
    })
    .await;
}
