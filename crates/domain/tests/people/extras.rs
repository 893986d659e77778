//! Picture, preferences and milestones, and that they go with their account.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::people::{AVATARS, Introduced, PreferencesError};
use model::PlainSecret;
use model::milestone::Milestone;
use serde_json::{Value, json};
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World};

const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

fn pixel() -> Vec<u8> {
    STANDARD.decode(PIXEL).unwrap()
}

fn id_of(address: &str) -> &str {
    address.split_once(AVATARS).unwrap().1
}

#[tokio::test]
async fn a_user_has_one_picture_and_applications_are_told_of_it() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (authority, ctx) = (&world.authority, world.ctx());
        let ada = world.register("ada").await.user;
        let first = authority.set_avatar(&ctx, ada.id, pixel()).await.unwrap();
        let second = authority.set_avatar(&ctx, ada.id, pixel()).await.unwrap();
        assert!(authority.find_avatar(id_of(&first)).await.unwrap().is_none());
        let kept = authority.find_avatar(id_of(&second)).await.unwrap().unwrap();
        assert!(kept.user_id == ada.id && kept.bytes.len() < 1 << 20);
        let told = authority.find_user("ada").await.unwrap().unwrap();
        assert_eq!(told.profile.picture, Some(second));
        assert!(authority.remove_avatar(&ctx, ada.id).await.unwrap());
        assert!(!authority.remove_avatar(&ctx, ada.id).await.unwrap());
        for id in ["", "ava_", "../../etc/passwd", "usr_00000000000000000000000000"] {
            assert!(authority.find_avatar(id).await.unwrap().is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn preferences_are_replaced_as_a_whole() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (authority, ctx) = (&world.authority, world.ctx());
        let ada = world.register("ada").await.user;
        assert!(authority.preferences(ada.id).await.unwrap().is_empty());
        for document in [json!({ "theme": "dark", "x": [1] }), json!({ "language": "de" })] {
            let Value::Object(members) = document.clone() else {
                panic!("an object")
            };
            let kept = authority.replace_preferences(&ctx, ada.id, members).await;
            assert_eq!(Value::Object(kept.unwrap()), document);
            let read = authority.preferences(ada.id).await.unwrap();
            assert_eq!(Value::Object(read), document);
        }
        let members = json!({ "theme": "pink" }).as_object().unwrap().clone();
        let refused = authority.replace_preferences(&ctx, ada.id, members).await;
        assert!(matches!(refused, Err(PreferencesError::Invalid(problem)) if problem.member == "theme"));
    })
    .await;
}

#[tokio::test]
async fn a_milestone_is_reached_once() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (authority, ctx) = (&world.authority, world.ctx());
        let ada = world.register("ada").await.user;
        assert_eq!(authority.milestones(ada.id).await.unwrap(), Introduced::default());
        for _ in 0..2 {
            let reached = authority.reach_milestone(&ctx, ada.id, Milestone::Tour).await;
            reached.unwrap();
        }
        let reached = authority.milestones(ada.id).await.unwrap();
        assert!(reached.tour && !reached.onboarding);
    })
    .await;
}

#[tokio::test]
async fn an_erased_account_leaves_none_of_it() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (authority, ctx) = (&world.authority, world.ctx());
        let who = world.register("ada").await;
        let id = who.user.id;
        let address = authority.set_avatar(&ctx, id, pixel()).await.unwrap();
        let members = json!({ "theme": "dark" }).as_object().unwrap().clone();
        authority.replace_preferences(&ctx, id, members).await.unwrap();
        authority
            .reach_milestone(&ctx, id, Milestone::Onboarding)
            .await
            .unwrap();
        let password = PlainSecret::new(PASSWORD);
        let asked = authority.request_deletion(&ctx, (&who.user, &who.session), &password);
        asked.await.unwrap();
        world.advance(15 * 24 * 60 * 60);
        while authority.run_due_jobs().await.unwrap() > 0 {}
        assert!(authority.find_avatar(id_of(&address)).await.unwrap().is_none());
        assert!(authority.preferences(id).await.unwrap().is_empty());
        assert_eq!(authority.milestones(id).await.unwrap(), Introduced::default());
    })
    .await;
}
