//! One-time things used by many at once, thousands of times, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

use std::sync::Arc;

use domain::oauth::token::TokenError;
use futures::future::join_all;
use oauth::error::ErrorCode;
use oauth::secret::SecretText;
use testkit::database::for_each_database;

use shop::{Shop, refresh_token, refusal};

#[expect(dead_code, reason = "shared with other tests")]
#[path = "../bench/shop.rs"]
mod shop;
#[expect(dead_code, reason = "shared with other tests")]
#[path = "../people/world.rs"]
mod world;

const ROUNDS: usize = 400;
const RACERS: usize = 20;

async fn race<T: Send + 'static>(
    shop: &Arc<Shop>,
    racers: usize,
    run: impl AsyncFn(Arc<Shop>) -> T,
) -> Vec<T> {
    join_all((0..racers).map(|_| run(shop.clone()))).await
}

/// O06: 400 rounds of 20 racers on each database.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_redeemed_by_many_has_one_winner_and_a_dead_family() {
    for_each_database(async |database| {
        let shop = Arc::new(Shop::open(database).await);
        for _ in 0..ROUNDS {
            let code = shop.code(&shop.shop, "").await;
            let results = race(&shop, RACERS, async |shop| shop.redeem(&shop.shop, &code).await).await;
            let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
            assert_eq!((won.len(), lost.len()), (1, RACERS - 1));
            assert!(
                lost.into_iter()
                    .all(|result| refusal(result) == Some(ErrorCode::InvalidGrant))
            );
            let tokens = won.into_iter().next().and_then(Result::ok).unwrap();
            assert!(!shop.is_active(&shop.shop, &tokens.access_token).await);
            let refreshed = shop.refresh(&shop.shop, refresh_token(&tokens)).await;
            assert_eq!(refusal(refreshed), Some(ErrorCode::InvalidGrant));
        }
    })
    .await;
}

/// O14: chains of 100 rotations, each asked for by 64 at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_refresh_token_used_by_64_at_once_has_one_successor_and_no_error() {
    for_each_database(async |database| {
        let shop = Arc::new(Shop::open(database).await);
        let mut current: SecretText = refresh_token(&shop.tokens(&shop.shop, "").await).clone();
        for round in 0..100 {
            let results = race(&shop, 64, async |shop| shop.refresh(&shop.shop, &current).await).await;
            let results: Result<Vec<_>, TokenError> = results.into_iter().collect();
            let tokens = results.unwrap_or_else(|error| panic!("round {round}: {error}"));
            let next = refresh_token(&tokens[0]).clone();
            assert!(
                tokens.iter().all(|tokens| *refresh_token(tokens) == next),
                "round {round}: two branches"
            );
            current = next;
        }
    })
    .await;
}
