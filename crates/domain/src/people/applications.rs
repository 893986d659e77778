//! The applications that somebody has let into their account.
//! Refuses to forget one that needs no consent: whatever holds a live grant is listed.

use std::collections::BTreeMap;

use model::client::Client;
use model::consent::Consent;
use model::user::User;
use model::{ClientId, Ctx, Timestamp};
use oauth::scope::ScopeSet;
use storage::grants::LiveGrant;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::consent::ScopeLine;

/// An application with access, as its user sees it.
pub struct Application {
    pub client: Client,
    /// What it may do, in words.
    pub scopes: Vec<ScopeLine>,
    pub since: Timestamp,
    /// When it last got something new, as far as that is known.
    pub last_used_at: Option<Timestamp>,
    /// Whether it can go on when the user is signed out.
    pub offline: bool,
}

struct Access {
    scopes: ScopeSet,
    since: Timestamp,
    last_used_at: Option<Timestamp>,
    offline: bool,
}

impl Authority {
    /// Newest use first; what was never used comes last.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_applications(&self, ctx: &Ctx, user: &User) -> Result<Vec<Application>, Fault> {
        let mut reader = self.database.read().await?;
        let consents = storage::consents::list(&mut reader, user.id).await?;
        let grants = storage::grants::list_live_of_user(&mut reader, user.id, ctx.now).await?;
        drop(reader);
        let mut applications = Vec::new();
        for (id, access) in gather(consents, grants) {
            if let Some(client) = self.find_client(id.as_str()).await? {
                applications.push(Application {
                    client,
                    scopes: self.describe_scopes(&access.scopes, None),
                    since: access.since,
                    last_used_at: access.last_used_at,
                    offline: access.offline,
                });
            }
        }
        applications
            .sort_by_key(|application| std::cmp::Reverse((application.last_used_at, application.since)));
        Ok(applications)
    }
}

fn gather(consents: Vec<Consent>, grants: Vec<LiveGrant>) -> BTreeMap<ClientId, Access> {
    let mut found: BTreeMap<ClientId, Access> = consents
        .into_iter()
        .map(|consent| {
            let access = Access {
                scopes: consent.scopes,
                since: consent.granted_at,
                last_used_at: None,
                offline: false,
            };
            (consent.client_id, access)
        })
        .collect();
    for grant in grants {
        let used_at = grant.used_at.unwrap_or(grant.created_at);
        let access = found.entry(grant.client_id).or_insert_with(|| Access {
            scopes: ScopeSet::default(),
            since: grant.created_at,
            last_used_at: None,
            offline: false,
        });
        access.scopes = access.scopes.union(&grant.scopes);
        access.since = access.since.min(grant.created_at);
        access.last_used_at = access.last_used_at.max(Some(used_at));
        access.offline |= grant.offline;
    }
    found
}
