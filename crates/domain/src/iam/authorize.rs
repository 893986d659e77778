//! The authorizer: from a caller, an action and a resource to a [`Permit`], which nothing else can make.
//! Refuses by default, and keys of programs wherever credentials are managed, whatever their policies say.

use std::sync::Arc;

use model::audit::Actor;
use model::iam::AccountId;
use model::{Ctx, UserId};
use policy::Context;
use serde_json::Value;
use storage::Writer;

use super::IamError;
use super::arn;
use super::context::context;
use super::decide::{Verdict, verdict};
use super::narrowing::narrowed;
use super::reach::Reach;
use super::subject::Subject;
use crate::authority::Authority;
use crate::caller::Caller;
use crate::fault::Fault;
use crate::oauth::TokenFacts;

/// What no key of a program does, whatever its user may.
const CREDENTIALS: [&str; 4] = [
    "iam:UpdatePassword",
    "iam:CreateAccessKey",
    "iam:DeleteAccessKey",
    "iam:UpdateAccountPasswordPolicy",
];

/// Proof that a caller may do something in an account. Capabilities that act on an account's objects take one.
#[derive(Clone)]
pub struct Permit {
    account: AccountId,
    reach: Reach,
    has_session: bool,
    action: &'static str,
    resource: String,
}

impl Permit {
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// As whom it is written down.
    pub fn actor(&self) -> Actor {
        Actor::User(self.reach.granter())
    }

    pub const fn action(&self) -> &'static str {
        self.action
    }

    /// Its name in policies.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Whether the caller may do everything within the account.
    pub fn is_owner(&self) -> bool {
        self.reach.is_owner()
    }

    /// Whether somebody has signed in, rather than a program with a key.
    pub const fn has_session(&self) -> bool {
        self.has_session
    }

    pub(super) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether all that the user may do is within the caller's rights, and the user no administrator of the account: what
    /// managing somebody's credentials takes (P07). Oneself always is.
    pub(crate) async fn check_over(&self, w: &mut Writer, user: UserId) -> Result<(), IamError> {
        self.reach.over_credentials_of(w, user).await
    }
}

/// Why somebody may not do it.
#[derive(Clone, Debug)]
pub struct Denial {
    pub action: &'static str,
    pub resource: String,
    /// In words: what denied it, or that nothing allowed it.
    pub explanation: String,
    /// The smallest statement that would have allowed it; none when a policy denies it, whatever others allow.
    pub would_allow: Option<Value>,
}

#[derive(Debug, thiserror::Error)]
pub enum PermitError {
    #[error("denied: {}", .0.explanation)]
    Denied(Box<Denial>),
    /// API keys and applications act within their scopes, never within an account; no key of a program manages credentials.
    #[error("this needs somebody who is signed in")]
    SessionRequired,
    #[error("the caller is not of this account")]
    NotAMember,
    /// Another account was chosen when the caller signed in, or the caller is an IAM user of another.
    #[error("the token acts in another account")]
    AccountMismatch,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Authority {
    /// Whether the caller may do `action` to `resource`, in the account that is named, or else in the one the token is of.
    /// `resource` is an ARN; where it leaves the account empty (`arn:authz:audit:::log`) the one that is acted in is meant.
    ///
    /// # Errors
    /// See [`PermitError`].
    pub async fn permit(
        &self,
        ctx: &Ctx,
        caller: &Caller,
        account: Option<&AccountId>,
        action: &'static str,
        resource: &str,
    ) -> Result<Permit, PermitError> {
        let (acting, subject) = self.acting_subject(ctx, caller, account).await?;
        ctx.origin.trail.acts_in(acting.as_str());
        if CREDENTIALS.contains(&action) && !has_session(caller) {
            return Err(PermitError::SessionRequired);
        }
        let asked = (action, resource);
        self.grant_permit(ctx, (subject, acting), Some(caller), asked)
    }

    /// The same for a person who is signed in at our pages, where nobody shows a token.
    ///
    /// # Errors
    /// [`PermitError::Denied`], [`PermitError::NotAMember`], and storage.
    pub async fn permit_here(
        &self,
        ctx: &Ctx,
        (user, account): (UserId, &AccountId),
        action: &'static str,
        resource: &str,
    ) -> Result<Permit, PermitError> {
        let subject = self.subject(account, user).await?;
        let subject = subject.ok_or(PermitError::NotAMember)?;
        ctx.origin.trail.acts_in(account.as_str());
        self.grant_permit(ctx, (subject, account.clone()), None, (action, resource))
    }

    fn grant_permit(
        &self,
        ctx: &Ctx,
        (subject, account): (Arc<Subject>, AccountId),
        caller: Option<&Caller>,
        (action, resource): (&'static str, &str),
    ) -> Result<Permit, PermitError> {
        let resource = arn::within(resource, &account).ok_or(PermitError::NotAMember)?;
        let token = caller.map(|caller| -> &TokenFacts { caller.token() });
        let known: Context = context(ctx, (&subject, &account), token);
        let asked = (action, resource.as_str());
        let Verdict {
            decision,
            explanation,
            ..
        } = narrowed(verdict(&subject, asked, &known), token, asked, &known);
        if !decision.is_allowed() {
            let denial = Denial {
                action,
                resource,
                explanation: explanation.text,
                would_allow: explanation.missing.map(plainly),
            };
            return Err(PermitError::Denied(Box::new(denial)));
        }
        Ok(Permit {
            account,
            reach: Reach::of(subject, token, self.settings.iam.managed.clone()),
            has_session: caller.is_none_or(has_session),
            action,
            resource,
        })
    }

    /// The account that the caller acts in: the one that is named, if it is theirs, or else the one the token is of.
    ///
    /// # Errors
    /// All of [`PermitError`] but that something is denied.
    pub async fn acting_account(
        &self,
        ctx: &Ctx,
        caller: &Caller,
        named: Option<&AccountId>,
    ) -> Result<AccountId, PermitError> {
        let acting = self.acting_subject(ctx, caller, named).await?;
        Ok(acting.0)
    }

    async fn acting_subject(
        &self,
        ctx: &Ctx,
        caller: &Caller,
        named: Option<&AccountId>,
    ) -> Result<(AccountId, Arc<Subject>), PermitError> {
        let (user, own) = match caller {
            Caller::Session { user, token, .. } => match &token.account {
                Some(account) => (user.id, account.id.clone()),
                None => (user.id, self.account_number(ctx, user.id).await?),
            },
            Caller::Iam { user, .. } => (user.id, user.account_id.clone()),
            Caller::Application { .. } => return Err(PermitError::SessionRequired),
        };
        // T05: what was chosen at the sign-in is not left again, and an IAM user is of one account.
        let chosen = caller.account().is_some_and(|account| account.chosen);
        let bound = chosen || matches!(caller, Caller::Iam { .. });
        if bound && named.is_some_and(|named| *named != own) {
            return Err(PermitError::AccountMismatch);
        }
        let account = named.cloned().unwrap_or(own);
        let subject = self.subject(&account, user).await?;
        Ok((account, subject.ok_or(PermitError::NotAMember)?))
    }
}

/// What is asked about a whole list is written with a `*`, as everybody writes it.
fn plainly(mut statement: Value) -> Value {
    if let Some(list) = statement["Resource"]
        .as_str()
        .and_then(|text| text.strip_suffix("/${*}"))
    {
        statement["Resource"] = Value::String(format!("{list}/*"));
    }
    statement
}

fn has_session(caller: &Caller) -> bool {
    match caller {
        Caller::Session { .. } | Caller::Iam { session: Some(_), .. } => true,
        Caller::Iam { session: None, .. } | Caller::Application { .. } => false,
    }
}
