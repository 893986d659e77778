//! API keys: made, used, judged anew, rotated and ended.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::api_keys::NewApiKey;
use domain::people;
use model::api_key::{ApiKey, KeyKind, KeyName};
use model::audit::Actor;
use model::client::Client;
use model::user::Role;
use model::{PlainSecret, UserId};
use oauth::introspection::ActiveToken;
use oauth::permission::PermissionSet;
use oauth::secret::SecretText;

use crate::shop::{Shop, client};

mod creation;
mod endings;
mod exchange;
mod leaks;
mod limits;
mod names;
mod roles;
mod rotation;
mod use_of_keys;

/// What `list` asks for, for ever, by a name that no other key has.
pub fn wish(kind: KeyKind, list: &[&str]) -> NewApiKey {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    named(
        kind,
        list,
        &format!("Production {}", MADE.fetch_add(1, Ordering::Relaxed)),
    )
}

pub fn named(kind: KeyKind, list: &[&str], name: &str) -> NewApiKey {
    let permissions = PermissionSet::from_list(list.iter().copied()).unwrap();
    NewApiKey::new(kind, KeyName::parse(name).unwrap(), permissions)
}

/// A shop, and a proxy that asks about keys.
pub struct Keys {
    pub shop: Shop,
    pub proxy: Client,
}

impl Keys {
    pub async fn open(database: storage::Database) -> Self {
        let shop = Shop::open(database).await;
        let mut proxy = client(&shop.world, "proxy", None).await;
        proxy.settings.proxy = true;
        Self { shop, proxy }
    }

    pub fn ada(&self) -> &people::SignedIn {
        &self.shop.ada
    }

    /// A key of ada's.
    pub async fn key(&self, kind: KeyKind, list: &[&str]) -> (ApiKey, PlainSecret) {
        self.make(wish(kind, list)).await
    }

    pub async fn make(&self, new: NewApiKey) -> (ApiKey, PlainSecret) {
        let made = self
            .shop
            .authority()
            .create_api_key(&self.shop.world.ctx(), &self.ada().user, new)
            .await;
        made.unwrap()
    }

    /// So that others can be demoted.
    pub async fn second_administrator(&self) {
        let root = self.shop.world.register("root").await;
        self.change_role(root.user.id, Role::Admin).await;
    }

    pub async fn change_role(&self, user: UserId, role: Role) {
        let ctx = self.shop.world.ctx();
        let change = self
            .shop
            .authority()
            .change_role(&ctx, user, role, Actor::Operator);
        assert!(change.await.unwrap());
    }

    pub async fn introspect(&self, text: &PlainSecret) -> Option<ActiveToken> {
        let found = self
            .shop
            .authority()
            .introspect(&self.shop.world.ctx(), &self.proxy, text.expose())
            .await;
        found.unwrap().response.active().cloned()
    }

    pub async fn is_live(&self, text: &PlainSecret) -> bool {
        self.introspect(text).await.is_some()
    }

    pub async fn stands(&self, key: &ApiKey) -> bool {
        let (id, ctx) = (key.id.to_string(), self.shop.world.ctx());
        let stands = self.shop.authority().api_key_stands(&ctx, &id);
        stands.await.unwrap()
    }
}

pub fn secret(text: &PlainSecret) -> SecretText {
    SecretText::from(text.expose())
}
