//! What a consent page shows, and what the user has allowed.
//! Refuses to ask twice for the same and to grant more than was shown.

use model::Ctx;
use model::client::Client;
use model::consent::Consent;
use model::user::User;
use oauth::scope::ScopeSet;

use crate::authority::Authority;
use crate::fault::Fault;

/// One line of the consent page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScopeLine {
    pub name: String,
    pub description: String,
    /// Not granted to this client before.
    pub is_new: bool,
}

impl Authority {
    /// The lines for `scopes`, in the order of the registry.
    pub fn describe_scopes(&self, scopes: &ScopeSet, granted: Option<&Consent>) -> Vec<ScopeLine> {
        let line = |name: &str| ScopeLine {
            name: name.to_owned(),
            description: self.describe_scope(name),
            is_new: granted.is_none_or(|consent| !consent.scopes.contains(name)),
        };
        scopes.iter().map(|scope| line(scope.as_str())).collect()
    }

    fn describe_scope(&self, name: &str) -> String {
        if let Some(declared) = self.settings.registry.scope(name) {
            return declared.description.clone();
        }
        match name {
            "openid" => "Know who you are, by an identifier".to_owned(),
            "profile" => "See your name and profile".to_owned(),
            "email" => "See your email address".to_owned(),
            "address" => "See your postal address".to_owned(),
            "phone" => "See your phone number".to_owned(),
            "offline_access" => "Stay signed in on your behalf when you are away".to_owned(),
            other => other.to_owned(),
        }
    }

    /// The remembered consent of a user to a client.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_consent(&self, user: &User, client: &Client) -> Result<Option<Consent>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::consents::find(&mut reader, user.id, &client.id).await?)
    }
}

/// The consent after the user has allowed `scopes` on top of what they had.
pub(super) fn widened(
    ctx: &Ctx,
    before: Option<Consent>,
    (user, client): (&User, &Client),
    scopes: &ScopeSet,
) -> Consent {
    let granted_at = before.as_ref().map_or(ctx.now, |consent| consent.granted_at);
    let scopes = before.map_or_else(|| scopes.clone(), |consent| consent.scopes.union(scopes));
    Consent {
        user_id: user.id,
        client_id: client.id.clone(),
        scopes,
        granted_at,
        updated_at: ctx.now,
    }
}
