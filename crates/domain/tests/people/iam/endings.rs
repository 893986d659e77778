//! What ends with an IAM user, and with the account they live in.

use std::sync::Arc;

use domain::oauth::check::Demand;
use model::audit::Actor;
use oauth::token::TokenResponse;
use testkit::database::for_each_database;

use super::{Change, House, attempt};
use crate::world::{PASSWORD, World};

async fn is_dead(world: &World, tokens: &TokenResponse) -> bool {
    let refresh = tokens.refresh_token.as_ref().unwrap();
    let refreshed = world
        .authority
        .refresh_first_party(&world.ctx(), refresh.expose())
        .await;
    world.caller(tokens).await.is_none() && refreshed.is_err()
}

async fn open(world: &World) -> (House, TokenResponse) {
    let house = world.house().await;
    let who = world.signed_in(&house).await;
    let tokens = world.tokens(&who).await;
    (house, tokens)
}

/// S12
#[tokio::test]
async fn nothing_works_for_an_iam_user_who_was_disabled_or_deleted() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (house, tokens) = open(&world).await;
        world.change_iam(house.bot.id, Change::Disable).await;
        assert!(is_dead(&world, &tokens).await);
        assert!(world.log_in_iam(attempt(&house, PASSWORD)).await.is_err());
        world.change_iam(house.bot.id, Change::Delete).await;
        assert!(is_dead(&world, &tokens).await);
        // The name is free again, and is somebody else's then.
        let again = world.iam_user(&house.account, "deploy.bot").await;
        let who = world.signed_in(&house).await;
        assert_eq!(who.user.id, again.id);
        assert!(is_dead(&world, &tokens).await);
    })
    .await;
}

/// S12: with the root user goes the account; where facts are only in a token, the log tells of it.
#[tokio::test]
async fn a_disabled_root_user_takes_the_account_along() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (house, tokens) = open(&world).await;
        let (authority, ctx) = (&world.authority, world.ctx());
        let root = house.root.user.id;
        assert!(authority.disable_user(&ctx, root, Actor::Operator).await.unwrap());
        assert!(is_dead(&world, &tokens).await);
        assert!(world.log_in_iam(attempt(&house, PASSWORD)).await.is_err());
        let demand = Demand::default();
        let checked = authority.check(&ctx, None, tokens.access_token.expose(), &demand);
        assert_eq!(checked.await.unwrap().reason.as_str(), "inactive");
        assert!(authority.enable_user(&ctx, root, Actor::Operator).await.unwrap());
        assert!(is_dead(&world, &tokens).await);
        world.advance(1);
        let who = world.signed_in(&house).await;
        assert!(world.caller(&world.tokens(&who).await).await.is_some());
    })
    .await;
}

/// S12: whoever is first, nothing is open afterwards.
#[tokio::test]
async fn a_sign_in_races_the_end_of_its_user() {
    for_each_database(async |database| {
        let world = Arc::new(World::new(database));
        let house = Arc::new(world.house().await);
        let attempts: Vec<_> = (0..8)
            .map(|_| {
                let (world, house) = (world.clone(), house.clone());
                tokio::spawn(async move { world.log_in_iam(attempt(&house, PASSWORD)).await.ok() })
            })
            .collect();
        world.change_iam(house.bot.id, Change::Delete).await;
        for attempt in attempts {
            let Some(who) = attempt.await.unwrap().and_then(domain::people::SignIn::done) else {
                continue;
            };
            let tokens = world.tokens(&who).await;
            assert!(world.caller(&tokens).await.is_none());
        }
        assert!(world.log_in_iam(attempt(&house, PASSWORD)).await.is_err());
    })
    .await;
}
