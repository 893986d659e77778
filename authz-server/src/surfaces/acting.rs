//! Whoever calls within an account: a person or an IAM user, and the account that `X-Account-Id` names.
//! Refuses API keys and applications: they act within their scopes, never within an account.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use domain::Caller;
use domain::iam::{Permit, PermitError};
use http::HeaderName;
use http::request::Parts;
use model::Ctx;
use model::iam::AccountId;
use serde_json::{Value, json};

use super::{Failure, Presented};
use crate::app::AppState;

const ACCOUNT: HeaderName = HeaderName::from_static("x-account-id");

/// A caller who may be permitted something in an account.
pub struct Acting {
    caller: Caller,
    account: Option<AccountId>,
}

impl<S: Send + Sync> FromRequestParts<S> for Acting {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let presented = parts.extensions.get::<Presented>();
        let caller = presented.ok_or_else(Failure::unauthorized)?.live()?;
        if matches!(caller, Caller::Application { .. }) {
            return Err(PermitError::SessionRequired.into());
        }
        let named: Vec<_> = parts.headers.get_all(ACCOUNT).iter().collect();
        let account = match named.as_slice() {
            [] => None,
            [one] => Some(one.to_str().ok().and_then(|text| text.trim().parse().ok())),
            _ => Some(None),
        };
        let account = account.map(|one| {
            one.ok_or_else(|| Failure::invalid("X-Account-Id must be the twelve digits of one account."))
        });
        Ok(Self {
            caller: caller.clone(),
            account: account.transpose()?,
        })
    }
}

impl Acting {
    /// What the caller may do to what `resource` names: `iam:user/ada` is of the account that is acted in.
    pub async fn permit(
        &self,
        state: &AppState,
        ctx: &Ctx,
        action: &'static str,
        resource: &str,
    ) -> Result<Permit, Failure> {
        let arn = match resource.split_once(':') {
            Some((service, rest)) if service != "arn" => Cow::Owned(format!("arn:authz:{service}:::{rest}")),
            _ => Cow::Borrowed(resource),
        };
        let account = self.account.as_ref();
        let permit = state.authority.permit(ctx, &self.caller, account, action, &arn);
        Ok(permit.await?)
    }

    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The account that is acted in.
    pub async fn account(&self, state: &AppState, ctx: &Ctx) -> Result<AccountId, Failure> {
        let named = self.account.as_ref();
        let account = state.authority.acting_account(ctx, &self.caller, named);
        Ok(account.await?)
    }

    /// The same for the policy of this id, which policies name by its name.
    pub async fn permit_policy(
        &self,
        state: &AppState,
        ctx: &Ctx,
        action: &'static str,
        id: &str,
    ) -> Result<Permit, Failure> {
        let authority = &state.authority;
        let account = authority
            .acting_account(ctx, &self.caller, self.account.as_ref())
            .await?;
        let arn = authority.policy_arn(&account, id).await?;
        let permit = authority.permit(ctx, &self.caller, Some(&account), action, &arn);
        Ok(permit.await?)
    }
}

impl From<PermitError> for Failure {
    fn from(error: PermitError) -> Self {
        match error {
            PermitError::Denied(denial) => {
                let failure = Self::forbidden("access_denied", denial.explanation.clone())
                    .with("action", json!(denial.action))
                    .with("resource", json!(denial.resource));
                match denial.would_allow {
                    Some(statement) => failure.with("would_allow", statement),
                    None => failure.with("would_allow", Value::Null),
                }
            }
            PermitError::SessionRequired => Self::session_required(),
            PermitError::AccountMismatch => Self::forbidden(
                "account_mismatch",
                "The token was made for another account. Sign in for this one.",
            ),
            PermitError::NotAMember => Self::forbidden("not_a_member", "This account is not one of yours."),
            PermitError::Fault(fault) => fault.into(),
        }
    }
}
