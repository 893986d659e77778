//! Accounts that end: nothing more is collected from their owners.

use domain::billing::gateway::SubscriptionStatus;
use model::PlainSecret;
use testkit::database::for_each_database;

use super::till::Till;
use crate::world::PASSWORD;

const DAY: u64 = 86_400;

#[tokio::test]
async fn an_account_that_leaves_collects_nothing_and_ends_everything_at_the_gateway() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        till.add(20_000).await;
        till.active().await;
        let ctx = till.world.ctx();
        let subscription = till.authority().subscribe(&ctx, till.by(), ("pro", 1)).await;
        let id = subscription.unwrap().id;
        let signed_in = till.world.log_in("ada", PASSWORD).await.unwrap();
        let (user, session) = (&signed_in.user, &signed_in.session);
        let password = PlainSecret::new(PASSWORD);
        let asked = till
            .authority()
            .request_deletion(&ctx, (user, session), &password)
            .await;
        asked.unwrap();

        till.add(-19_900).await;
        till.work_off().await;
        assert_eq!(till.gateway.count("collect"), 0);

        // The gateway is away when the account goes.
        till.gateway.books().is_down = true;
        till.world.advance(14 * DAY + 1);
        till.work_off().await;
        assert_eq!(till.status().await, "none");
        till.gateway.books().is_down = false;
        till.world.advance(60);
        till.work_off().await;
        assert_eq!(till.gateway.count("delete_token"), 2);
        let books = till.gateway.books();
        assert_eq!(books.subscriptions[&id].status, SubscriptionStatus::Cancelled);
    })
    .await;
}

#[tokio::test]
async fn what_is_known_of_payments_is_in_the_export_without_tokens() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        till.active().await;
        let ctx = till.world.ctx();
        till.authority()
            .subscribe(&ctx, till.by(), ("pro", 1))
            .await
            .unwrap();
        let export = till.authority().export_account(&ctx, &till.ada).await.unwrap();
        let told = &export["recurring_payments"];
        assert_eq!(told["mandates"][0]["status"], "active");
        assert_eq!(told["subscriptions"][0]["plan"], "pro");
        assert!(!export.to_string().contains("token_1"));
    })
    .await;
}
