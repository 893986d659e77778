//! A code for the client: the grant, the code and the consent are stored together.
//! Refuses scopes that were not asked for, and remembers only consent that was given on a page.

use model::audit::Actor;
use model::code::AuthorizationCode;
use model::consent::Consent;
use model::grant::Grant;
use model::{Ctx, PlainSecret};
use oauth::opaque::OpaqueKind;
use serde_json::json;
use storage::{Script, StorageError};

use super::decide::SignedIn;
use super::validate::Validated;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::consent::widened;

/// A code on its way to the client.
pub struct IssuedCode(pub PlainSecret);

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum IssueCodeError {
    /// The same request has had its answer, from a second press of the button or another tab (O28).
    #[error("the authorization request was answered already")]
    AlreadyAnswered,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for IssueCodeError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::UniqueViolation => Self::AlreadyAnswered,
            error => Self::Fault(error.into()),
        }
    }
}

impl Authority {
    /// `consented`: the user has just approved the scopes of this request on the consent page.
    ///
    /// # Errors
    /// See [`IssueCodeError`].
    pub async fn issue_code(
        &self,
        ctx: &Ctx,
        request: &Validated,
        who: &SignedIn,
        consented: bool,
    ) -> Result<IssuedCode, IssueCodeError> {
        let consent = match consented {
            true => {
                let before = self.find_consent(&who.user, &request.client).await?;
                Some(widened(
                    ctx,
                    before,
                    (&who.user, &request.client),
                    &request.scopes,
                ))
            }
            false => None,
        };
        let grant = self.grant(ctx, request, who);
        let text = PlainSecret::generate(OpaqueKind::AuthorizationCode, ctx.random.as_ref());
        let code = AuthorizationCode {
            digest: text.digest(),
            grant_id: grant.id,
            client_id: grant.client_id.clone(),
            redirect_uri: request.destination.redirect_uri.clone(),
            code_challenge: request.flow.request.code_challenge.clone(),
            dpop_jkt: request.flow.request.dpop_jkt.clone(),
            created_at: ctx.now,
            expires_at: ctx.now.plus(self.settings.tokens.code_ttl),
            consumed_at: None,
        };
        self.store(ctx, grant, code, consent).await?;
        Ok(IssuedCode(text))
    }

    fn grant(&self, ctx: &Ctx, request: &Validated, who: &SignedIn) -> Grant {
        let asked = &request.flow.request;
        Grant {
            id: request.flow.grant_id,
            user_id: who.user.id,
            client_id: request.client.id.clone(),
            session_id: who.session.id,
            offline: request.scopes.contains("offline_access"),
            scopes: request.scopes.clone(),
            resources: asked.resource.clone(),
            claims: asked.claims.clone(),
            account_id: None,
            nonce: asked.nonce.clone(),
            authentication: who.session.authentication.clone(),
            created_at: ctx.now,
            expires_at: ctx.now.plus(self.settings.tokens.refresh_absolute_ttl),
            ended_at: None,
        }
    }

    async fn store(
        &self,
        ctx: &Ctx,
        grant: Grant,
        code: AuthorizationCode,
        consent: Option<Consent>,
    ) -> Result<(), IssueCodeError> {
        let mut script = Script::default();
        let by = |action, target: String, detail| Happened {
            actor: Actor::User(grant.user_id),
            action,
            target: Some(target),
            detail,
        };
        if let Some(consent) = &consent {
            storage::consents::upsert(&mut script, consent).await?;
            let detail = json!({"scope": consent.scopes.to_string()});
            let given = by("consent.given", grant.client_id.to_string(), detail);
            record(&mut script, ctx, given).await?;
        }
        storage::grants::insert(&mut script, &grant).await?;
        storage::codes::insert(&mut script, &code).await?;
        let detail = json!({"client_id": grant.client_id.as_str(), "scope": grant.scopes.to_string()});
        let given = by("grant.given", grant.id.to_string(), detail);
        record(&mut script, ctx, given).await?;
        self.database.apply(script).await?;
        Ok(())
    }
}
