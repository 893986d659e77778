//! What bounds the number, the life and the places of keys.

use domain::api_keys::{ApiKeySettings, CreateKeyError};
use domain::oauth::check::{CheckReason, Demand};
use model::api_key::{Addresses, KeyKind, KeyLife};
use oauth::scope::ScopeSet;
use testkit::database::{TestDatabase, for_each_database};

use super::{Keys, wish};
use crate::world::World;

/// A hundred requests race for the last place: one gets it.
#[tokio::test]
async fn the_last_place_is_given_once() {
    for database in TestDatabase::both().await {
        let world = World::with(database.database().clone(), |settings| {
            settings.api_keys = ApiKeySettings {
                most_per_user: 3,
                ..ApiKeySettings::default()
            };
        });
        world.authority.keep_keys(&world.ctx()).await.unwrap();
        let ada = world.register("ada").await.user;
        let ctx = world.ctx();
        let race = (0..10).map(|_| {
            world
                .authority
                .create_api_key(&ctx, &ada, wish(KeyKind::Api, &["a:b"]))
        });
        let outcomes = futures::future::join_all(race).await;
        let refused = outcomes
            .iter()
            .filter(|made| matches!(made, Err(CreateKeyError::TooMany)));
        assert_eq!(
            (
                outcomes.iter().filter(|made| made.is_ok()).count(),
                refused.count()
            ),
            (3, 7)
        );
    }
}

/// K06: whether a key may be endless is the operator's to say.
#[tokio::test]
async fn an_operator_bounds_the_life_of_keys() {
    let database = TestDatabase::sqlite().await;
    let world = World::with(database.database().clone(), |settings| {
        settings.api_keys.endless = false;
        settings.api_keys.longest_life = Some(model::api_key::DAY * 90);
    });
    let ada = world.register("ada").await.user;
    for (life, good) in [
        (KeyLife::Never, false),
        (KeyLife::days(91), false),
        (KeyLife::days(90), true),
    ] {
        let mut new = wish(KeyKind::Api, &["a:b"]);
        new.life = life;
        let made = world.authority.create_api_key(&world.ctx(), &ada, new).await;
        assert_eq!(made.is_ok(), good, "{life:?}");
    }
}

/// A key from elsewhere is refused where the place is known, and told to those who know it.
#[tokio::test]
async fn a_key_is_good_where_it_may_be_used() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (world, mut new) = (&keys.shop.world, wish(KeyKind::Api, &["a:b"]));
        new.addresses = Addresses::parse(["198.51.100.0/24"]).unwrap();
        let (_, text) = keys.make(new).await;
        let own = async |from: &str| {
            let ctx = world.ctx_from(from);
            let check = world
                .authority
                .check(&ctx, None, text.expose(), &Demand::default())
                .await;
            check.unwrap().reason
        };
        assert_eq!(own("198.51.100.9").await, CheckReason::Allowed);
        assert_eq!(own("192.0.2.1").await, CheckReason::WrongAddress);
        let asked = async |address: Option<&str>| {
            let address = address.map(|text| text.parse().unwrap());
            let demand = Demand {
                address,
                scopes: ScopeSet::parse("a:b").unwrap(),
                ..Demand::default()
            };
            let ctx = world.ctx();
            let check = world
                .authority
                .check(&ctx, Some(&keys.proxy), text.expose(), &demand);
            check.await.unwrap().reason
        };
        assert_eq!(asked(None).await, CheckReason::Allowed);
        assert_eq!(asked(Some("192.0.2.1")).await, CheckReason::WrongAddress);
        let told = keys.introspect(&text).await.unwrap();
        assert_eq!(told.allowed_addresses, ["198.51.100.0/24"]);
    })
    .await;
}
