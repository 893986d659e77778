//! The first administrator.

use std::sync::Arc;

use domain::people::SetupError;
use model::audit::Actor;
use model::user::Role;
use testkit::database::for_each_database;

use crate::world::{World, form};

fn is_dead<T>(answer: &Result<T, SetupError>) -> bool {
    matches!(answer, Err(SetupError::LinkInvalid))
}

#[tokio::test]
async fn the_link_makes_one_administrator_and_then_nothing() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ctx = world.ctx();
        let link = world.authority.offer_setup(&ctx).await.unwrap().unwrap();
        assert!(world.authority.is_setup_open(&ctx, link.expose()).await.unwrap());
        let root = form("root", "root@example.org");
        let admin = world
            .authority
            .accept_setup(&ctx, link.expose(), root)
            .await
            .unwrap();
        assert!(admin.user.is_admin());
        assert!(world.is_signed_in(&admin.cookie).await);
        let again = form("root2", "root2@example.org");
        assert!(is_dead(
            &world.authority.accept_setup(&ctx, link.expose(), again).await
        ));
        assert!(!world.authority.is_setup_open(&ctx, link.expose()).await.unwrap());
        assert!(world.authority.offer_setup(&ctx).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_newer_link_a_day_or_an_administrator_end_it() {
    for_each_database(async |database| {
        let world = World::new(database);
        let old = world.authority.offer_setup(&world.ctx()).await.unwrap().unwrap();
        let new = world.authority.offer_setup(&world.ctx()).await.unwrap().unwrap();
        assert!(
            !world
                .authority
                .is_setup_open(&world.ctx(), old.expose())
                .await
                .unwrap()
        );
        world.advance(24 * 60 * 60);
        assert!(
            !world
                .authority
                .is_setup_open(&world.ctx(), new.expose())
                .await
                .unwrap()
        );
        let last = world.authority.offer_setup(&world.ctx()).await.unwrap().unwrap();
        let root = form("root", "root@example.org");
        let made = world
            .authority
            .create_user(&world.ctx(), root, Role::Admin, Actor::Operator)
            .await;
        assert!(made.is_ok());
        let late = form("late", "late@example.org");
        assert!(is_dead(
            &world
                .authority
                .accept_setup(&world.ctx(), last.expose(), late)
                .await
        ));
    })
    .await;
}

#[tokio::test]
async fn a_form_with_problems_does_not_use_the_link_up() {
    for_each_database(async |database| {
        let world = World::new(database);
        world.register("ada").await;
        let ctx = world.ctx();
        let link = world.authority.offer_setup(&ctx).await.unwrap().unwrap();
        let taken = form("ada", "root@example.org");
        let answer = world.authority.accept_setup(&ctx, link.expose(), taken).await;
        assert!(matches!(answer, Err(SetupError::Invalid(_))));
        let root = form("root", "root@example.org");
        assert!(
            world
                .authority
                .accept_setup(&ctx, link.expose(), root)
                .await
                .is_ok()
        );
    })
    .await;
}

#[tokio::test]
async fn of_two_who_open_the_link_at_once_one_becomes_administrator() {
    for_each_database(async |database| {
        let world = Arc::new(World::new(database));
        let link = world.authority.offer_setup(&world.ctx()).await.unwrap().unwrap();
        let racers = (0..8).map(|racer| {
            let (world, link) = (world.clone(), link.clone());
            tokio::spawn(async move {
                let form = form(&format!("root{racer}"), &format!("root{racer}@example.org"));
                world
                    .authority
                    .accept_setup(&world.ctx(), link.expose(), form)
                    .await
                    .is_ok()
            })
        });
        let mut winners = 0;
        for racer in racers.collect::<Vec<_>>() {
            winners += usize::from(racer.await.unwrap());
        }
        assert_eq!(winners, 1);
        assert_eq!(world.count_users().await, 1);
    })
    .await;
}
