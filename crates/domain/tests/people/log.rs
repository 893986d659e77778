//! Every door that ends a credential or changes what somebody may, with the revocation log shut: then nothing ends. With the log
//! open it says what ended.

use domain::api_keys::NewApiKey;
use domain::iam::Permit;
use domain::people::SignedIn;
use futures::future::BoxFuture;
use model::api_key::{ApiKey, KeyKind, KeyName};
use model::audit::Actor;
use model::iam::{AccountId, IamUser};
use model::user::Role;
use model::{Ctx, PlainSecret};
use oauth::permission::PermissionSet;
use oauth::revocations::RevocationKind::{self, Account, Key, Session, Subject};
use storage::Database;
use testkit::database::{TestDatabase, shut_log};

use crate::world::{PASSWORD, World};

/// Somebody with two sessions, a key, and an account with an IAM user who has an access key.
struct Scene {
    world: World,
    ada: SignedIn,
    other: SignedIn,
    key: ApiKey,
    account: AccountId,
    bot: IamUser,
}

/// A way to end something; true when it did.
type Door = for<'s> fn(&'s Scene, Ctx) -> BoxFuture<'s, bool>;

impl Scene {
    async fn open(database: &Database) -> Self {
        let world = World::new(database.clone());
        let house = world.house().await;
        let other = world.log_in("ada", PASSWORD).await.unwrap();
        let permissions = PermissionSet::from_list(["a:b"]).unwrap();
        let new = NewApiKey::new(KeyKind::Api, KeyName::parse("ci").unwrap(), permissions);
        let ctx = world.ctx();
        let made = world.authority.create_api_key(&ctx, &house.root.user, new);
        let (key, _) = made.await.unwrap();
        Self {
            world,
            ada: house.root,
            other,
            key,
            account: house.account,
            bot: house.bot,
        }
    }

    async fn may(&self, action: &'static str) -> Permit {
        let who = (self.ada.user.id, &self.account);
        let authority = &self.world.authority;
        authority
            .permit_here(&self.world.ctx(), who, action, "arn:authz:iam:::user/x")
            .await
            .unwrap()
    }

    /// What could have changed although the door said that it failed.
    async fn state(&self) -> (bool, bool, usize, u64) {
        let head = self.world.authority.revocation_snapshot().await;
        (
            self.world.is_signed_in(&self.ada.cookie).await,
            self.world.is_signed_in(&self.other.cookie).await,
            self.world.audit().await.len(),
            head.unwrap().head,
        )
    }
}

fn by(scene: &Scene) -> Actor {
    Actor::User(scene.ada.user.id)
}

const DOORS: &[(&str, Door, &[RevocationKind])] = &[
    (
        "a session",
        |s, ctx| {
            Box::pin(async move {
                s.world
                    .authority
                    .end_session(&ctx, s.other.session.id, by(s))
                    .await
                    .is_ok_and(|ended| ended)
            })
        },
        &[Session],
    ),
    (
        "a session of one's own",
        |s, ctx| {
            Box::pin(async move {
                s.world
                    .authority
                    .end_own_session(&ctx, &s.ada.user, s.other.session.id)
                    .await
                    .is_ok_and(|ended| ended)
            })
        },
        &[Session],
    ),
    (
        "all other sessions",
        |s, ctx| {
            Box::pin(async move {
                let keep = Some(s.ada.session.id);
                s.world
                    .authority
                    .end_own_sessions(&ctx, &s.ada.user, keep)
                    .await
                    .is_ok_and(|ended| ended == 1)
            })
        },
        &[Session],
    ),
    (
        "a session, by an administrator",
        |s, ctx| {
            Box::pin(async move {
                let ended = s
                    .world
                    .authority
                    .end_session_of(&ctx, s.other.session.id, Actor::Operator);
                ended.await.is_ok_and(|ended| ended)
            })
        },
        &[Session],
    ),
    (
        "all sessions, by an administrator",
        |s, ctx| {
            Box::pin(async move {
                let ended = s
                    .world
                    .authority
                    .end_sessions_of(&ctx, s.ada.user.id, Actor::Operator);
                ended.await.is_ok_and(|ended| ended == 2)
            })
        },
        &[Session, Session],
    ),
    (
        "a new password",
        |s, ctx| {
            Box::pin(async move {
                let passwords = (
                    PlainSecret::new(PASSWORD),
                    PlainSecret::new("eleven brass teapots"),
                );
                s.world
                    .authority
                    .change_password(&ctx, (&s.ada.user, &s.ada.session), passwords)
                    .await
                    .is_ok()
            })
        },
        &[Session],
    ),
    (
        "a user who is disabled",
        |s, ctx| {
            Box::pin(async move {
                let done = s
                    .world
                    .authority
                    .disable_user(&ctx, s.ada.user.id, Actor::Operator);
                done.await.is_ok_and(|done| done)
            })
        },
        &[Subject, Account],
    ),
    (
        "a user who is erased",
        |s, ctx| {
            Box::pin(async move {
                s.world
                    .authority
                    .delete_user(&ctx, s.ada.user.id, Actor::Operator)
                    .await
                    .is_ok()
            })
        },
        &[Subject, Account],
    ),
    (
        "another role",
        |s, ctx| {
            Box::pin(async move {
                let done = s
                    .world
                    .authority
                    .change_role(&ctx, s.ada.user.id, Role::Admin, Actor::Operator);
                done.await.is_ok_and(|done| done)
            })
        },
        &[Subject],
    ),
    (
        "the wish to leave",
        |s, ctx| {
            Box::pin(async move {
                let password = PlainSecret::new(PASSWORD);
                s.world
                    .authority
                    .request_deletion(&ctx, (&s.ada.user, &s.ada.session), &password)
                    .await
                    .is_ok()
            })
        },
        &[Key],
    ),
    (
        "a key",
        |s, ctx| {
            Box::pin(async move {
                let ended = s
                    .world
                    .authority
                    .revoke_api_key(&ctx, s.ada.user.id, s.key.id, by(s));
                ended.await.is_ok_and(|ended| ended)
            })
        },
        &[Key],
    ),
    (
        "all keys",
        |s, ctx| {
            Box::pin(async move {
                s.world
                    .authority
                    .revoke_api_keys(&ctx, s.ada.user.id, by(s))
                    .await
                    .is_ok_and(|ended| ended == 1)
            })
        },
        &[Key],
    ),
    (
        "a key, by an administrator",
        |s, ctx| {
            Box::pin(async move {
                let ended = s
                    .world
                    .authority
                    .revoke_key_of_somebody(&ctx, s.key.id, Actor::Operator);
                ended.await.is_ok_and(|ended| ended)
            })
        },
        &[Key],
    ),
    (
        "a key that is rotated",
        |s, ctx| {
            Box::pin(async move {
                let none = std::time::Duration::ZERO;
                s.world
                    .authority
                    .rotate_api_key(&ctx, &s.ada.user, s.key.id, none)
                    .await
                    .is_ok()
            })
        },
        &[Key],
    ),
    (
        "an access key",
        |s, ctx| {
            Box::pin(async move {
                let made = s.may("iam:CreateAccessKey").await;
                let made = s
                    .world
                    .authority
                    .create_access_key(&ctx, &made, &s.bot)
                    .await
                    .unwrap();
                let (permit, which) = (s.may("iam:DeleteAccessKey").await, (&s.bot, made.key.id));
                let ended = s.world.authority.delete_access_key(&ctx, &permit, which);
                ended.await.is_ok_and(|ended| ended)
            })
        },
        &[Key],
    ),
    (
        "an IAM user who is switched off",
        |s, ctx| {
            Box::pin(async move {
                let done = s
                    .world
                    .authority
                    .switch_iam_user(&ctx, (s.bot.id, false), Actor::Operator);
                done.await.is_ok_and(|done| done)
            })
        },
        &[Subject],
    ),
    (
        "an IAM user who is deleted",
        |s, ctx| {
            Box::pin(async move {
                let permit = s.may("iam:DeleteUser").await;
                s.world
                    .authority
                    .delete_iam_user(&ctx, &permit, s.bot.name.as_str())
                    .await
                    .is_ok()
            })
        },
        &[Subject],
    ),
];

/// What is wrong with a door.
async fn tried(database: &Database, (name, door, kinds): (&str, Door, &[RevocationKind])) -> Vec<String> {
    let scene = Scene::open(database).await;
    shut_log(database, true).await;
    let before = scene.state().await;
    let mut wrong = Vec::new();
    if door(&scene, scene.world.ctx()).await {
        wrong.push(format!("{name}: done with the log shut"));
    }
    let mut after = scene.state().await;
    // An access key is made on the way, which has an entry of its own.
    after.2 -= usize::from(name == "an access key");
    shut_log(database, false).await;
    if after != before {
        wrong.push(format!("{name}: {before:?} became {after:?}"));
    }
    if !door(&scene, scene.world.ctx()).await {
        wrong.push(format!("{name}: not done with the log open"));
    }
    let told = scene.world.authority.revocations_after(before.3).await.unwrap();
    let mut told: Vec<_> = told.events.iter().map(|event| event.kind).collect();
    told.sort_unstable();
    if told != kinds {
        wrong.push(format!("{name}: {told:?} is told, not {kinds:?}"));
    }
    wrong
}

/// I5, C04: what is not in the log has not happened; whoever is told that it has finds it there.
#[tokio::test]
async fn nothing_ends_past_the_log() {
    let mut wrong = Vec::new();
    for door in DOORS {
        for database in TestDatabase::both().await {
            wrong.extend(tried(database.database(), *door).await);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
