//! API keys: made, used, judged anew, rotated and ended.

use domain::api_keys::NewApiKey;
use domain::people;
use model::PlainSecret;
use model::api_key::{ApiKey, KeyKind, KeyName};
use model::client::Client;
use oauth::introspection::ActiveToken;
use oauth::permission::PermissionSet;
use oauth::secret::SecretText;

use crate::shop::{Shop, client};

mod creation;
mod endings;
mod exchange;
mod leaks;
mod limits;
mod rotation;
mod use_of_keys;

/// What `list` asks for, for ever.
pub fn wish(kind: KeyKind, list: &[&str]) -> NewApiKey {
    let permissions = PermissionSet::from_list(list.iter().copied()).unwrap();
    NewApiKey::new(kind, KeyName::parse("Production").unwrap(), permissions)
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
