//! What there is before a door is tried.

use domain::Caller;
use domain::api_keys::NewApiKey;
use domain::clients::NewClient;
use domain::iam::Permit;
use domain::oauth::{FirstParty, Renewal};
use domain::people::{AskedIn, SignedIn};
use model::access_key::AccessKeyId;
use model::api_key::{KeyKind, KeyName};
use model::challenge::Purpose;
use model::client::{Client, ClientSettings, GrantType};
use model::passkey::Passkey;
use model::team::{Membership, TeamRole};
use oauth::permission::PermissionSet;
use storage::Database;

use super::Scene;
use crate::second_factor::{mailed, pending};
use crate::world::{PASSWORD, World};
use crate::{passkey, teams, undo};

const CLIENT: &str = "shop";

/// What a door needs besides the scene.
#[derive(Default)]
pub struct Held {
    /// The token of a link, or a code.
    pub secret: String,
    pub permit: Option<Permit>,
    pub access_key: Option<AccessKeyId>,
    pub passkey: Option<Passkey>,
    pub membership: Option<Membership>,
    pub client: Option<Client>,
    pub tokens: Option<Tokens>,
}

/// Of a sign-in at our own doors.
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub caller: Caller,
}

impl Scene {
    pub async fn open(database: &Database) -> Self {
        let world = World::with(database.clone(), |settings| {
            passkey::ISSUER.clone_into(&mut settings.issuer);
        });
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
            held: Held::default(),
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

    /// Leave to delete the IAM user.
    pub async fn leave_to_delete(&mut self) {
        self.held.permit = Some(self.may("iam:DeleteUser").await);
    }

    /// An access key of the IAM user, and leave to delete it.
    pub async fn an_access_key(&mut self) {
        let permit = self.may("iam:CreateAccessKey").await;
        let ctx = self.ctx();
        let made = self.world.authority.create_access_key(&ctx, &permit, &self.bot);
        self.held.access_key = Some(made.await.unwrap().key.id);
        self.held.permit = Some(self.may("iam:DeleteAccessKey").await);
    }

    /// A mailed link to choose a new password by.
    pub async fn a_reset(&mut self) {
        self.held.secret = mailed(&self.world, Purpose::ResetPassword, AskedIn::default()).await;
    }

    /// A link that takes a change of address back.
    pub async fn a_change_of_address(&mut self) {
        // The key is older, and stays.
        self.world.advance(60);
        self.held.secret = undo::change(&self.world, &self.ada).await;
    }

    /// An authenticator app, which both sessions have shown, and a backup code. A third session is older than it.
    pub async fn an_app(&mut self) {
        let (ada, _, codes) = self.world.turn_on_totp(&self.ada).await;
        self.with_second_step(ada, codes).await;
    }

    /// A passkey, which is the only second factor. A third session is older than it.
    pub async fn a_passkey(&mut self) {
        let (ada, _, codes) = passkey::enrol(&self.world, &self.ada).await;
        self.with_second_step(ada, codes).await;
        let known = self.world.authority.list_passkeys(self.ada.user.id).await;
        self.held.passkey = known.unwrap().pop();
    }

    async fn with_second_step(&mut self, ada: SignedIn, mut codes: Vec<String>) {
        self.ada = ada;
        let (waiting, code) = (pending(&self.world).await, codes.pop().unwrap());
        let (authority, ctx) = (&self.world.authority, self.ctx());
        let done = authority.finish_sign_in(&ctx, (waiting.expose(), &*code), None);
        self.other = done.await.unwrap();
        self.held.secret = codes.pop().unwrap();
    }

    /// Somebody else in the account.
    pub async fn a_member(&mut self) {
        let bob = teams::person(&self.world, "bob").await;
        let (authority, ctx) = (&self.world.authority, self.ctx());
        let of_ada = (self.ada.user.id, &self.account);
        let seat = authority.seat(&ctx, of_ada, "team:Invite").await;
        let invited = (bob.email.as_str(), TeamRole::Member);
        authority
            .invite(&ctx, &seat.unwrap().unwrap(), invited)
            .await
            .unwrap();
        let token = teams::token(&self.world.work_off().await);
        let joined = authority.accept_invitation(&ctx, &bob, &token).await;
        self.held.membership = Some(joined.unwrap().membership);
    }

    pub async fn a_client(&mut self) {
        let settings = ClientSettings {
            grant_types: vec![GrantType::ClientCredentials],
            ..ClientSettings::default()
        };
        let new = NewClient {
            id: CLIENT.parse().unwrap(),
            name: "Shop".to_owned(),
            settings,
        };
        let made = self.world.authority.create_client(&self.ctx(), new).await;
        self.held.client = Some(made.unwrap().client);
    }

    /// What a sign-in at our own door gives.
    pub async fn tokens(&mut self) {
        let (authority, ctx) = (&self.world.authority, self.ctx());
        let (door, renewal) = (FirstParty::Platform, Renewal::Refreshing);
        let issued = authority.issue_first_party(&ctx, door, &self.ada, renewal).await;
        let issued = issued.unwrap();
        let access = issued.access_token.expose().to_owned();
        let caller = authority.identify(&ctx, &access).await.unwrap().unwrap();
        let mut reader = authority.database.read().await.unwrap();
        let client = storage::clients::find(&mut reader, &caller.token().client_id).await;
        self.held.client = client.unwrap();
        self.held.tokens = Some(Tokens {
            access,
            refresh: issued.refresh_token.unwrap().expose().to_owned(),
            caller,
        });
    }
}

impl Held {
    pub fn permit(&self) -> &Permit {
        self.permit.as_ref().unwrap()
    }

    pub fn client(&self) -> &Client {
        self.client.as_ref().unwrap()
    }

    pub fn tokens(&self) -> &Tokens {
        self.tokens.as_ref().unwrap()
    }

    pub fn membership(&self) -> &Membership {
        self.membership.as_ref().unwrap()
    }
}
