//! Everything the server knows about somebody, as one document.
//! Refuses secrets: no hash, digest or token is in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::api_key::{ApiKey, KeyKind};
use model::audit::Actor;
use model::linked_account::LinkedAccount;
use model::milestone::Milestone;
use model::passkey::Passkey;
use model::user::User;
use model::{Ctx, Timestamp};
use serde_json::{Value, json};
use storage::StorageError;

use super::applications::Application;
use super::history::HistoryCursor;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

const EVENTS_PER_PAGE: u16 = 1000;

impl Authority {
    /// The user's data as JSON. That it was taken is written down.
    ///
    /// # Errors
    /// Storage.
    pub async fn export_account(&self, ctx: &Ctx, user: &User) -> Result<Value, Fault> {
        let (id, at) = (user.id, ctx.clone());
        let noted = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let happened = Happened {
                    actor: Actor::User(id),
                    action: "user.data_exported",
                    target: Some(id.to_string()),
                    detail: json!({}),
                };
                record(w, &at, happened).await
            })
        });
        noted.await?;
        let applications = self.list_applications(ctx, user).await?;
        let deletion = self.pending_deletion(user).await?;
        let linked = self.linked_accounts(user.id).await?;
        let linked: Vec<Value> = linked.iter().map(linked_account).collect();
        let state = self.second_factor_state(user.id).await?;
        let second_factor = json!({
            "authenticator_since": state.totp_since.map(text),
            "backup_codes_left": state.backup_codes_left,
        });
        let passkeys = self.list_passkeys(user.id).await?;
        let keys = self.list_api_keys(ctx, user.id, &KeyKind::ALL).await?;
        Ok(json!({
            "exported_at": text(ctx.now),
            "issuer": self.settings.issuer,
            "account": account(user),
            "account_id": self.account_number(ctx, user.id).await?,
            "profile": user.profile,
            "deletion": deletion.map(|deletion| json!({
                "requested_at": text(deletion.requested_at),
                "scheduled_for": text(deletion.scheduled_for),
            })),
            "two_step_sign_in": second_factor,
            "picture": self.export_picture(user).await?,
            "preferences": self.preferences(user.id).await?,
            "milestones": self.export_milestones(user).await?,
            "passkeys": passkeys.iter().map(passkey).collect::<Vec<_>>(),
            "api_keys": keys.iter().map(api_key).collect::<Vec<_>>(),
            "linked_accounts": linked,
            "github_installations": self.export_installations(user).await?,
            "iam": self.export_iam(user.id).await?,
            "billing": self.export_books(user).await?,
            "accounts": self.export_seats(ctx, user).await?,
            "invitations": self.export_invitations(user).await?,
            "plans": self.export_licences(user.id).await?,
            "recurring_payments": self.export_recurring(user).await?,
            "invoicing": self.export_invoicing(user.id).await?,
            "sessions": self.export_sessions(ctx, user).await?,
            "devices": self.export_devices(user).await?,
            "trusted_browsers": self.export_trusted(ctx, user).await?,
            "applications": applications.iter().map(application).collect::<Vec<_>>(),
            "history": self.export_history(user).await?,
        }))
    }

    async fn export_sessions(&self, ctx: &Ctx, user: &User) -> Result<Vec<Value>, Fault> {
        let sessions = self.list_sessions(ctx, user).await?;
        let told = sessions.into_iter().map(|session| {
            json!({
                "id": session.id,
                "created_at": text(session.created_at),
                "last_seen_at": text(session.last_seen_at),
                "expires_at": text(session.expires_at),
                "authenticated_at": text(session.authentication.at),
                "methods": session.authentication.amr,
                "address": session.address,
                "user_agent": session.user_agent,
            })
        });
        Ok(told.collect())
    }

    async fn export_picture(&self, user: &User) -> Result<Value, Fault> {
        let mut reader = self.database.read().await?;
        let found = storage::avatars::find_of_user(&mut reader, user.id).await?;
        Ok(found.map_or(Value::Null, |avatar| {
            json!({
                "media_type": avatar.format.media_type(),
                "base64": STANDARD.encode(&avatar.bytes),
                "uploaded_at": text(avatar.created_at),
            })
        }))
    }

    async fn export_installations(&self, user: &User) -> Result<Vec<Value>, Fault> {
        let installations = self.github_installations(user.id).await?;
        let told = installations.into_iter().map(|linked| {
            json!({
                "installation_id": linked.installation.id,
                "account": linked.installation.account,
                "linked_at": text(linked.linked_at),
                "repositories": linked.repositories.into_iter().map(|one| one.full_name).collect::<Vec<_>>(),
            })
        });
        Ok(told.collect())
    }

    async fn export_milestones(&self, user: &User) -> Result<Vec<Value>, Fault> {
        let mut reader = self.database.read().await?;
        let reached = storage::milestones::list(&mut reader, user.id).await?;
        let told = |(milestone, at): (Milestone, Timestamp)| json!({ "name": milestone.as_str(), "reached_at": text(at) });
        Ok(reached.into_iter().map(told).collect())
    }

    async fn export_devices(&self, user: &User) -> Result<Vec<Value>, Fault> {
        let mut reader = self.database.read().await?;
        let devices = storage::devices::list(&mut reader, user.id).await?;
        let told = devices.into_iter().map(|device| {
            json!({
                "first_seen_at": text(device.first_seen_at),
                "last_seen_at": text(device.last_seen_at),
            })
        });
        Ok(told.collect())
    }

    async fn export_trusted(&self, ctx: &Ctx, user: &User) -> Result<Vec<Value>, Fault> {
        let devices = self.list_trusted_devices(ctx, user.id).await?;
        let told = devices.into_iter().map(|device| {
            json!({
                "id": device.id,
                "created_at": text(device.created_at),
                "last_used_at": text(device.last_used_at),
                "expires_at": text(device.expires_at),
                "address": device.address,
                "user_agent": device.user_agent,
            })
        });
        Ok(told.collect())
    }

    async fn export_history(&self, user: &User) -> Result<Vec<Value>, Fault> {
        let (mut told, mut from): (_, Option<HistoryCursor>) = (Vec::new(), None);
        loop {
            let (events, next) = self.account_history(user, from.as_ref(), EVENTS_PER_PAGE).await?;
            told.extend(events.into_iter().map(|event| {
                json!({
                    "at": text(event.at),
                    "action": event.action,
                    "target": event.target,
                    "detail": event.detail,
                    "address": event.address,
                    "user_agent": event.user_agent,
                })
            }));
            if next.is_none() {
                return Ok(told);
            }
            from = next;
        }
    }
}

fn account(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "email_verified_at": user.email_verified_at.map(text),
        "role": user.role,
        "has_password": user.password.is_some(),
        "created_at": text(user.created_at),
        "updated_at": text(user.updated_at),
    })
}

fn passkey(passkey: &Passkey) -> Value {
    json!({
        "id": passkey.id,
        "name": passkey.name.as_str(),
        "created_at": text(passkey.created_at),
        "last_used_at": passkey.last_used_at.map(text),
    })
}

fn api_key(key: &ApiKey) -> Value {
    json!({
        "id": key.id,
        "kind": key.kind,
        "name": key.name.as_str(),
        "prefix": key.prefix,
        "scopes": key.permissions.to_list(),
        "repositories": key.repositories.named(),
        "all_repositories": key.repositories.are_all(),
        "addresses": key.addresses,
        "created_at": text(key.created_at),
        "expires_at": key.expiry().map(text),
        "last_used_at": key.last_used_at.map(text),
    })
}

fn linked_account(account: &LinkedAccount) -> Value {
    json!({
        "provider": account.provider,
        "subject": account.subject,
        "login": account.login,
        "name": account.name,
        "email": account.email,
        "avatar": account.avatar,
        "linked_at": text(account.linked_at),
    })
}

fn application(application: &Application) -> Value {
    json!({
        "client_id": application.client.id.as_str(),
        "name": application.client.name,
        "scopes": application.scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>(),
        "since": text(application.since),
        "last_used_at": application.last_used_at.map(text),
        "offline_access": application.offline,
    })
}

/// RFC 3339.
fn text(at: Timestamp) -> String {
    at.to_string()
}
