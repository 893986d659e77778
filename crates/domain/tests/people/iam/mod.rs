//! IAM users signing in: who they are afterwards, and what ends with them.

mod alike;
mod endings;
mod passwords;
mod second_step;

use domain::Caller;
use domain::oauth::{FirstParty, Renewal};
use domain::people::{IamLogIn, IamLoginError, IamSignIn, SignIn, SignedIn};
use model::iam::{AccountId, IamUser};
use model::password::Password;
use model::user::User;
use model::{PlainSecret, SystemRandom, UserId};
use oauth::token::TokenResponse;
use storage::StorageError;
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World};

/// An account with its root user and one IAM user, who may open the console.
pub struct House {
    pub root: SignedIn,
    pub account: AccountId,
    pub bot: IamUser,
}

impl World {
    pub async fn house(&self) -> House {
        self.authority.keep_keys(&self.ctx()).await.unwrap();
        let known = self.authority.sync_first_party_clients(&self.ctx()).await;
        known.unwrap();
        let root = self.register("ada").await;
        let account = self.account(&root.user).await;
        let bot = self.iam_user(&account, "Deploy.Bot").await;
        House { root, account, bot }
    }

    pub async fn account(&self, root: &User) -> AccountId {
        self.authority.account_number(&self.ctx(), root.id).await.unwrap()
    }

    pub async fn iam_user(&self, account: &AccountId, name: &str) -> IamUser {
        let hash = self
            .authority
            .hasher
            .hash(Password::new(PASSWORD).unwrap(), &SystemRandom)
            .await
            .unwrap();
        let id = UserId::random(&SystemRandom);
        let mut user = IamUser::new(id, account.clone(), name.parse().unwrap(), self.now());
        user.password = Some(hash);
        user.password_set_at = Some(self.now());
        user.console_since = Some(self.now());
        let planted = user.clone();
        let work = self.authority.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { storage::iam_users::insert(w, &planted).await })
        });
        assert!(work.await.unwrap());
        user
    }

    /// Changes a row of the IAM user by hand.
    pub async fn change_iam(&self, id: UserId, change: Change) {
        let now = self.now();
        let work = self.authority.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                match change {
                    Change::CloseConsole => storage::iam_users::set_console(w, id, None).await,
                    Change::RequirePassword => {
                        storage::iam_users::note_password(w, id, (Some(now), Some(now))).await
                    }
                    Change::Disable => storage::users::disable(w, id, now).await.map(drop),
                    Change::Delete => storage::iam_users::delete(w, id, now).await.map(drop),
                }
            })
        });
        work.await.unwrap();
    }

    pub async fn log_in_iam(&self, given: IamLogIn) -> Result<IamSignIn, IamLoginError> {
        self.authority.log_in_iam(&self.ctx(), given).await
    }

    pub async fn signed_in(&self, house: &House) -> SignedIn<IamUser> {
        let signed_in = self.log_in_iam(attempt(house, PASSWORD)).await;
        signed_in.unwrap().done().unwrap()
    }

    pub async fn tokens(&self, who: &SignedIn<IamUser>) -> TokenResponse {
        let (door, renewal) = (FirstParty::Platform, Renewal::Refreshing);
        let (ctx, authority) = (self.ctx(), &self.authority);
        let issued = authority.issue_first_party(&ctx, door, who, renewal).await;
        issued.unwrap()
    }

    pub async fn caller(&self, tokens: &TokenResponse) -> Option<Caller> {
        let text = tokens.access_token.expose();
        self.authority.identify(&self.ctx(), text).await.unwrap()
    }
}

#[derive(Clone, Copy)]
pub enum Change {
    CloseConsole,
    RequirePassword,
    Disable,
    Delete,
}

pub fn attempt(house: &House, password: &str) -> IamLogIn {
    IamLogIn {
        account: house.account.to_string(),
        username: house.bot.name.to_string(),
        password: PlainSecret::new(password),
        new_password: None,
    }
}

#[tokio::test]
async fn an_iam_users_token_says_who_and_in_which_account() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let mut spelled = attempt(&house, PASSWORD);
        spelled.username = "deploy.BOT".to_owned();
        let who = world.log_in_iam(spelled).await.unwrap().done().unwrap();
        let tokens = world.tokens(&who).await;
        let caller = world.caller(&tokens).await.unwrap();
        assert_eq!(caller.iam_user().unwrap().id, house.bot.id);
        assert!(caller.user().is_none() && caller.session().is_some());
        let account = caller.account().unwrap();
        assert_eq!((&account.id, account.chosen), (&house.account, false));
        assert_eq!(account.iam_user.as_ref(), Some(&house.bot.name));
        assert!(!tokens.scope.unwrap().contains("openid"));
    })
    .await;
}

#[tokio::test]
async fn a_session_goes_on_by_its_refresh_token_in_the_same_account() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let who = world.signed_in(&house).await;
        let tokens = world.tokens(&who).await;
        world.advance(3600);
        let text = tokens.refresh_token.unwrap();
        let again = world
            .authority
            .refresh_first_party(&world.ctx(), text.expose())
            .await
            .unwrap();
        let caller = world.caller(&again).await.unwrap();
        assert_eq!(caller.iam_user().unwrap().id, house.bot.id);
        assert_eq!(caller.account().unwrap().id, house.account);
    })
    .await;
}

/// Nothing that looks for people finds an IAM user.
#[tokio::test]
async fn no_door_for_people_finds_an_iam_user() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        for name in [house.bot.placeholder(), "deploy.bot".to_owned()] {
            assert!(world.log_in(&name, PASSWORD).await.is_err(), "{name}");
        }
        let who = world.signed_in(&house).await;
        assert!(!world.is_signed_in(&who.cookie).await);
        assert_eq!(world.count_users().await, 1);
        let mut reader = world.authority.database.read().await.unwrap();
        let found = storage::users::find_by_id(&mut reader, house.bot.id).await;
        assert!(found.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn the_same_name_lives_in_two_accounts_without_meeting() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let eve = world.register("eve").await;
        let other = world.account(&eve.user).await;
        world.iam_user(&other, "deploy.bot").await;
        let mut there = attempt(&house, PASSWORD);
        there.account = other.to_string();
        let who = match world.log_in_iam(there).await.unwrap() {
            SignIn::Done(who) => who,
            SignIn::SecondFactor(_) => panic!("a second factor is asked for"),
        };
        assert_ne!(who.user.id, house.bot.id);
        let caller = world.caller(&world.tokens(&who).await).await.unwrap();
        assert_eq!(caller.account().unwrap().id, other);
    })
    .await;
}
