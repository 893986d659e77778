//! What administrators do with the accounts of others, and what they may not.

use std::time::Duration;

use domain::mail::Message;
use domain::people::{AdministrationError, SignedIn, UserChange, UserQuery};
use model::UserId;
use model::audit::Actor;
use model::user::{Role, User};
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World, form};

async fn work_off(world: &World) {
    while world.authority.run_due_jobs().await.unwrap() > 0 {}
}

/// An account of an administrator, made by the command line.
async fn admin(world: &World, name: &str) -> User {
    let form = form(name, &format!("{name}@example.org"));
    world
        .authority
        .create_user(&world.ctx(), form, Role::Admin, Actor::Operator)
        .await
        .unwrap()
}

async fn names(world: &World, q: &str, (page, limit): (u64, u16)) -> (Vec<String>, u64) {
    let query = UserQuery {
        q: q.to_owned(),
        page,
        limit,
    };
    let page = world
        .authority
        .list_users(&query, &Actor::Operator)
        .await
        .unwrap();
    let name = |user: &User| user.username.as_ref().unwrap().to_string();
    (page.users.iter().map(name).collect(), page.total)
}

#[tokio::test]
async fn the_list_is_complete_in_pages_and_newest_first() {
    for_each_database(async |database| {
        let world = World::new(database);
        for name in ["ada", "bob", "cyd"] {
            world.register(name).await;
        }
        let list = async |page, limit| names(&world, "", (page, limit)).await;
        assert_eq!(list(1, 2).await, (vec!["cyd".to_owned(), "bob".to_owned()], 3));
        assert_eq!(list(2, 2).await, (vec!["ada".to_owned()], 3));
        assert_eq!(list(3, 2).await, (Vec::new(), 3));
        assert_eq!(list(u64::MAX, 100).await, (Vec::new(), 3));
    })
    .await;
}

#[tokio::test]
async fn words_of_address_and_names_find_whoever_has_them_now() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (ada, bob) = (world.register("ada").await.user, world.register("bob").await.user);
        let found = async |q: &str| names(&world, q, (1, 100)).await.0;
        assert_eq!(found("ada").await, ["ada", "bob"], "the name of both");
        assert_eq!(found("BOB@ex").await, ["bob"]);
        assert_eq!(found(&ada.id.to_string()).await, ["ada"]);
        assert_eq!(found("nobody").await, [""; 0]);
        let change = UserChange {
            name: Some("Robert de la Pe\u{f1}a".to_owned()),
            username: Some("bobby".to_owned()),
        };
        let by = Actor::Operator;
        let changed = world
            .authority
            .update_user(&world.ctx(), bob.id, change, by)
            .await;
        assert_eq!(changed.unwrap().display_name(), "Robert de la Pe\u{f1}a");
        assert_eq!(found("ada").await, ["ada"]);
        assert_eq!(found("pena").await, ["bobby"]);
        world
            .authority
            .delete_user(&world.ctx(), bob.id, Actor::Operator)
            .await
            .unwrap();
        world.clock.advance(world.authority.settings.deletion_grace);
        work_off(&world).await;
        assert_eq!(found("pena").await, [""; 0]);
        assert_eq!(names(&world, "", (1, 10)).await, (vec!["ada".to_owned()], 1));
    })
    .await;
}

/// T07: whoever is no administrator now gets nothing, and nothing happens.
#[tokio::test]
async fn administration_is_for_enabled_administrators() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (ada, root) = (world.register("ada").await.user, admin(&world, "root").await);
        let former = admin(&world, "former").await;
        let (authority, ctx) = (&world.authority, world.ctx());
        let by = || Actor::User(root.id);
        authority.disable_user(&ctx, former.id, by()).await.unwrap();
        for by in [Actor::Anonymous, Actor::User(ada.id), Actor::User(former.id)] {
            let refused = |outcome: Result<(), AdministrationError>| {
                assert!(
                    matches!(outcome, Err(AdministrationError::NotAdministrator)),
                    "{by:?}"
                );
            };
            let (id, by) = (root.id, || by.clone());
            refused(authority.list_users(&UserQuery::default(), &by()).await.map(drop));
            refused(authority.read_user(id, &by()).await.map(drop));
            refused(authority.disable_user(&ctx, id, by()).await.map(drop));
            refused(authority.enable_user(&ctx, id, by()).await.map(drop));
            refused(authority.change_role(&ctx, id, Role::User, by()).await.map(drop));
            refused(authority.delete_user(&ctx, id, by()).await.map(drop));
            refused(
                authority
                    .update_user(&ctx, id, UserChange::default(), by())
                    .await
                    .map(drop),
            );
            let form = form("eve", "eve@example.org");
            refused(
                authority
                    .invite_user(&ctx, &form, Role::Admin, by())
                    .await
                    .map(drop),
            );
            refused(
                authority
                    .create_user(&ctx, form, Role::Admin, by())
                    .await
                    .map(drop),
            );
        }
        assert_eq!(world.count_users().await, 3);
    })
    .await;
}

#[tokio::test]
async fn administrators_keep_their_own_rights_and_the_last_one_stays() {
    for_each_database(async |database| {
        let world = World::new(database);
        let root = admin(&world, "root").await;
        let (authority, ctx, id) = (&world.authority, world.ctx(), root.id);
        let outcomes = async |by: Actor| {
            [
                authority.disable_user(&ctx, id, by.clone()).await.map(drop),
                authority
                    .change_role(&ctx, id, Role::User, by.clone())
                    .await
                    .map(drop),
                authority.delete_user(&ctx, id, by).await.map(drop),
            ]
        };
        for outcome in outcomes(Actor::User(id)).await {
            assert!(matches!(outcome, Err(AdministrationError::Oneself)));
        }
        for outcome in outcomes(Actor::Operator).await {
            assert!(matches!(outcome, Err(AdministrationError::OnlyAdministrator)));
        }
        let unknown = UserId::random(ctx.random.as_ref());
        let outcome = authority.disable_user(&ctx, unknown, Actor::User(id)).await;
        assert!(matches!(outcome, Err(AdministrationError::UnknownUser)));
    })
    .await;
}

/// Everybody demotes everybody else at the same moment: one administrator is left, whoever wins.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn administrators_race_to_demote_each_other_and_one_stays() {
    for_each_database(async |database| {
        let world = World::new(database);
        let mut admins = Vec::new();
        for name in ["a0", "a1", "a2", "a3"] {
            admins.push(admin(&world, name).await.id);
        }
        let pairs = admins
            .iter()
            .flat_map(|by| admins.iter().map(move |of| (*by, *of)));
        let races = pairs.map(|(by, of)| {
            let (authority, ctx) = (world.authority.clone(), world.ctx());
            tokio::spawn(async move { authority.change_role(&ctx, of, Role::User, Actor::User(by)).await })
        });
        let mut demoted = 0;
        for race in races.collect::<Vec<_>>() {
            demoted += usize::from(race.await.unwrap().unwrap_or(false));
        }
        let mut left = 0;
        for id in &admins {
            let user = world.authority.read_user(*id, &Actor::Operator).await.unwrap();
            left += usize::from(user.is_admin());
        }
        assert_eq!((demoted, left), (3, 1));
    })
    .await;
}

/// What was issued under the old role ends with it, and the log says so.
#[tokio::test]
async fn another_role_takes_another_sign_in() {
    for_each_database(async |database| {
        let world = World::new(database);
        let root = admin(&world, "root").await;
        let ada: SignedIn = world.register("ada").await;
        let change = async |role| {
            let by = Actor::User(root.id);
            world
                .authority
                .change_role(&world.ctx(), ada.user.id, role, by)
                .await
                .unwrap()
        };
        assert!(change(Role::Admin).await && !change(Role::Admin).await);
        assert!(!world.is_signed_in(&ada.cookie).await);
        let again = world.log_in("ada", PASSWORD).await.unwrap();
        assert!(again.user.is_admin());
        assert!(change(Role::User).await && !world.is_signed_in(&again.cookie).await);
        let log = world.authority.revocations_after(0).await.unwrap();
        assert_eq!(log.events.len(), 2);
        let events = world.audit().await;
        let event = events
            .iter()
            .find(|event| event.action == "user.role_changed")
            .unwrap();
        assert_eq!(event.actor_id, Some(root.id.to_string()));
    })
    .await;
}

/// Enabling takes back what an administrator has done, not what the owner has asked for.
#[tokio::test]
async fn enabling_takes_back_the_deletion_of_an_administrator_only() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (authority, second) = (&world.authority, Duration::from_secs(1));
        let (ada, bob) = (world.register("ada").await, world.register("bob").await);
        let password = model::PlainSecret::new(PASSWORD);
        for person in [&ada, &bob] {
            let who = (&person.user, &person.session);
            let asked = authority.request_deletion(&world.ctx(), who, &password).await;
            asked.unwrap();
            world.clock.advance(second);
        }
        let by = || Actor::Operator;
        let asked_at = world.ctx().now;
        authority
            .disable_user(&world.ctx(), ada.user.id, by())
            .await
            .unwrap();
        let end = authority
            .delete_user(&world.ctx(), bob.user.id, by())
            .await
            .unwrap();
        assert!(
            end < asked_at.plus(authority.settings.deletion_grace),
            "not put off"
        );
        world.clock.advance(second);
        for (person, stays) in [(&ada, true), (&bob, false)] {
            let id = person.user.id;
            assert!(authority.enable_user(&world.ctx(), id, by()).await.unwrap());
            let pending = authority.pending_deletion(&person.user).await.unwrap();
            assert_eq!(pending.is_some(), stays, "{}", person.user.email);
        }
        assert_eq!(world.count_audit("user.deletion_cancelled").await, 1);
    })
    .await;
}

/// S12: shut at once, erased by the job, with no way back for its owner in between.
#[tokio::test]
async fn a_deleted_user_is_out_at_once_and_erased_after_the_grace() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        let password = model::PlainSecret::new(PASSWORD);
        let (ctx, who) = (world.ctx(), (&ada.user, &ada.session));
        world
            .authority
            .request_deletion(&ctx, who, &password)
            .await
            .unwrap();
        work_off(&world).await;
        let letters = world.mail.take();
        let keep = letters.iter().find_map(|letter| match &letter.message {
            Message::DeletionRequested { link, .. } => {
                link.split_once("token=").map(|(_, token)| token.to_owned())
            }
            _ => None,
        });
        let (authority, ctx) = (&world.authority, world.ctx());
        authority
            .delete_user(&ctx, ada.user.id, Actor::Operator)
            .await
            .unwrap();
        assert!(!world.is_signed_in(&ada.cookie).await && world.log_in("ada", PASSWORD).await.is_err());
        assert!(
            !authority
                .cancel_deletion_by_link(&ctx, &keep.unwrap())
                .await
                .unwrap()
        );
        world.clock.advance(authority.settings.deletion_grace);
        work_off(&world).await;
        assert!(authority.find_user("ada").await.unwrap().is_none());
        let gone = authority.read_user(ada.user.id, &Actor::Operator).await;
        assert!(matches!(gone, Err(AdministrationError::UnknownUser)));
        let again = authority.delete_user(&ctx, ada.user.id, Actor::Operator).await;
        assert!(matches!(again, Err(AdministrationError::UnknownUser)));
        assert_eq!(world.count_audit("user.erased").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_invited_user_chooses_the_password_by_mail() {
    for_each_database(async |database| {
        let world = World::new(database);
        let form = form("ada", "ada@example.org");
        let by = Actor::Operator;
        let invited = world
            .authority
            .invite_user(&world.ctx(), &form, Role::User, by)
            .await;
        assert!(invited.unwrap().password.is_none());
        assert!(world.log_in("ada", PASSWORD).await.is_err());
        work_off(&world).await;
        let letters = world.mail.take();
        let [letter] = letters.as_slice() else {
            panic!("one letter")
        };
        let Message::Invited { link } = &letter.message else {
            panic!("an invitation")
        };
        let (_, token) = link.split_once("token=").unwrap();
        world.advance(6 * 24 * 60 * 60);
        let chosen = model::PlainSecret::new(PASSWORD);
        world
            .authority
            .reset_password(&world.ctx(), token, chosen.clone())
            .await
            .unwrap();
        let again = world.authority.reset_password(&world.ctx(), token, chosen).await;
        assert!(again.is_err(), "once");
        assert!(
            world
                .log_in("ada", PASSWORD)
                .await
                .unwrap()
                .user
                .email_verified_at
                .is_some()
        );
    })
    .await;
}
