//! What is left of the books when their owner is gone, and what the owner gets of them before.

use model::billing::MovementKind;
use testkit::database::for_each_database;

use super::{Books, debit};

const DAY: u64 = 86_400;

#[tokio::test]
async fn an_erased_owner_leaves_the_books_and_nothing_personal_in_them() {
    for_each_database(async |database| {
        let books = Books::open(database, 1).await;
        books.top_up(0, "pay_1", 1000).await;
        let usage = debit(&books.accounts[0], (MovementKind::Usage, "1", 30), None);
        books.post(usage).await.unwrap();
        let world = &books.world;
        let owner = world.log_in("owner0", crate::world::PASSWORD).await.unwrap().user;
        let exported = world
            .authority
            .export_account(&world.ctx(), &owner)
            .await
            .unwrap();
        let transactions = exported["billing"]["transactions"].as_array().unwrap();
        assert_eq!(transactions.len(), 2);
        assert_eq!(transactions[0]["wallet_change"], -30);
        assert_eq!(exported["billing"]["balance"], 970);
        let by = model::audit::Actor::Operator;
        let ctx = world.ctx();
        world.authority.delete_user(&ctx, owner.id, by).await.unwrap();
        world.advance(60 * DAY);
        world.work_off().await;
        assert_eq!(world.count_audit("user.erased").await, 1);
        assert_eq!(books.balance(0).await, 970);
        assert_eq!(books.entries(0).await.len(), 2);
        assert_eq!(books.findings().await, Vec::<String>::new());
    })
    .await;
}
