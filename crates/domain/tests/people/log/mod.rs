//! Every door that ends a credential or changes what somebody may, with the revocation log shut: then nothing ends. With the log
//! open it says what ended.

mod doors;
mod given;

use domain::people::SignedIn;
use model::audit::Actor;
use model::iam::{AccountId, IamUser};
use model::{Ctx, api_key::ApiKey};
use oauth::revocations::RevocationKind;
use storage::Database;
use testkit::database::{TestDatabase, shut_log};

use crate::world::World;
use doors::{DOORS, Door};
use given::Held;

/// Somebody with two sessions, a key, and an account with an IAM user who has an access key.
struct Scene {
    world: World,
    ada: SignedIn,
    other: SignedIn,
    key: ApiKey,
    account: AccountId,
    bot: IamUser,
    /// What the door needs besides.
    held: Held,
}

impl Scene {
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

    fn by(&self) -> Actor {
        Actor::User(self.ada.user.id)
    }

    fn ctx(&self) -> Ctx {
        self.world.ctx()
    }
}

/// What is wrong with a door.
async fn tried(database: &Database, door: &Door) -> Vec<String> {
    let mut scene = Scene::open(database).await;
    (door.given)(&mut scene).await;
    shut_log(database, true).await;
    let before = scene.state().await;
    let (name, ctx, mut wrong) = (door.name, scene.ctx(), Vec::new());
    if (door.ends)(&scene, &ctx).await {
        wrong.push(format!("{name}: done with the log shut"));
    }
    let after = scene.state().await;
    shut_log(database, false).await;
    if after != before {
        wrong.push(format!("{name}: {before:?} became {after:?}"));
    }
    if !(door.ends)(&scene, &ctx).await {
        wrong.push(format!("{name}: not done with the log open"));
    }
    let told = scene.world.authority.revocations_after(before.3).await.unwrap();
    let mut told: Vec<RevocationKind> = told.events.iter().map(|event| event.kind).collect();
    told.sort_unstable();
    if told != door.told {
        wrong.push(format!("{name}: {told:?} is told, not {:?}", door.told));
    }
    wrong
}

/// I5, C04: what is not in the log has not happened; whoever is told that it has finds it there.
#[tokio::test]
async fn nothing_ends_past_the_log() {
    let mut wrong = Vec::new();
    for door in DOORS {
        for database in TestDatabase::both().await {
            wrong.extend(tried(database.database(), door).await);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
