//! An account with its root user, and what they do in it.

use domain::Caller;
use domain::iam::{IamError, NewIamUser, NewPolicy, Permit, PermitError, Question, Verdict, Whom};
use domain::oauth::{FirstParty, Renewal};
use model::iam::{AccountId, IamUser};
use policy::Context;
use storage::Database;

use crate::world::World;

pub struct House {
    pub world: World,
    pub root: Caller,
    pub account: AccountId,
}

impl House {
    pub async fn new(database: Database) -> Self {
        let world = World::new(database);
        Self::of(world, "ada").await
    }

    /// The account of somebody who is new in this world.
    pub async fn of(world: World, username: &str) -> Self {
        let ctx = world.ctx();
        world.authority.keep_keys(&ctx).await.unwrap();
        world.authority.sync_first_party_clients(&ctx).await.unwrap();
        let root = person(&world, username).await;
        let account = world.authority.acting_account(&ctx, &root, None).await.unwrap();
        Self { world, root, account }
    }

    /// What the root user may do, which is everything.
    pub async fn may(&self, action: &'static str, resource: &str) -> Permit {
        self.permit(&self.root, action, resource).await.unwrap()
    }

    pub async fn permit(
        &self,
        caller: &Caller,
        action: &'static str,
        resource: &str,
    ) -> Result<Permit, PermitError> {
        let (ctx, account) = (self.world.ctx(), Some(&self.account));
        self.world
            .authority
            .permit(&ctx, caller, account, action, resource)
            .await
    }

    pub async fn user(&self, name: &str) -> IamUser {
        self.user_in(name, &[]).await.unwrap()
    }

    pub async fn user_in(&self, name: &str, groups: &[&str]) -> Result<IamUser, IamError> {
        let permit = self.may("iam:CreateUser", "arn:authz:iam:::user/x").await;
        let new = NewIamUser {
            username: name.to_owned(),
            password: None,
            console_access: false,
            require_change: false,
            groups: groups.iter().map(|name| (*name).to_owned()).collect(),
            policies: Vec::new(),
        };
        let ctx = self.world.ctx();
        let made = self.world.authority.create_iam_user(&ctx, &permit, new);
        made.await.map(|card| card.user)
    }

    pub async fn group(&self, name: &str) {
        let permit = self.may("iam:CreateGroup", "arn:authz:iam:::group/x").await;
        let ctx = self.world.ctx();
        let made = self.world.authority.create_group(&ctx, &permit, name);
        made.await.unwrap();
    }

    /// The id of a policy with this one statement.
    pub async fn policy(&self, name: &str, statement: &str) -> String {
        let permit = self.may("iam:CreatePolicy", "arn:authz:iam:::policy/x").await;
        let new = NewPolicy {
            name: name.to_owned(),
            description: String::new(),
            document: format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#),
        };
        let ctx = self.world.ctx();
        let made = self.world.authority.create_policy(&ctx, &permit, new);
        made.await.unwrap().0.id.to_string()
    }

    pub async fn attach(&self, whom: Whom, id: &str) -> Result<(), IamError> {
        let permit = self.may("iam:AttachUserPolicy", "arn:authz:iam:::user/x").await;
        self.world
            .authority
            .attach_policy(&self.world.ctx(), &permit, (whom, id))
            .await
    }

    pub async fn detach(&self, whom: Whom, id: &str) -> Result<(), IamError> {
        let permit = self.may("iam:DetachUserPolicy", "arn:authz:iam:::user/x").await;
        self.world
            .authority
            .detach_policy(&self.world.ctx(), &permit, (whom, id))
            .await
    }

    pub async fn verdict(&self, user: &IamUser, action: &str) -> Option<Verdict> {
        verdict_at(&self.world, user, action).await
    }

    pub async fn allows(&self, user: &IamUser, action: &str) -> bool {
        let verdict = self.verdict(user, action).await;
        verdict.is_some_and(|verdict| verdict.decision.is_allowed())
    }
}

/// What this server says of a user.
pub async fn verdict_at(world: &World, user: &IamUser, action: &str) -> Option<Verdict> {
    let question = Question {
        user: user.id,
        account: &user.account_id,
        token: None,
        action,
        resource: "arn:authz:compute::123456789012:server/web-1",
        told: &Context::new(),
    };
    world.authority.decide(&world.ctx(), &question).await.unwrap()
}

/// Somebody new, signed in.
pub async fn person(world: &World, username: &str) -> Caller {
    let (ctx, signed_in) = (world.ctx(), world.register(username).await);
    let (door, renewal) = (FirstParty::Platform, Renewal::Refreshing);
    let tokens = world
        .authority
        .issue_first_party(&ctx, door, &signed_in, renewal)
        .await
        .unwrap();
    let text = tokens.access_token.expose();
    world.authority.identify(&ctx, text).await.unwrap().unwrap()
}

pub fn user(name: &str) -> Whom {
    Whom::User(name.to_owned())
}

pub fn group(name: &str) -> Whom {
    Whom::Group(name.to_owned())
}
