//! What services are told: whether a token, or somebody they name, may do something.
//! Refuses more than the token itself may: policies say what its user may, its scopes what the token may of that.

use model::iam::AccountId;
use model::{Ctx, UserId};
use oauth::scope::{Scope, ScopeSet};
use policy::Decision;

use super::decide::{Question, Verdict};
use super::wish::Wish;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::{TokenFacts, is_first_party};

/// The partition of our own ARNs; in those an empty account means the one that is acted in.
const OWN: &str = "arn:authz:";

/// The answer to a [`Wish`].
#[derive(Clone, Debug)]
pub struct Ruling {
    pub reason: RulingReason,
    /// The account that was acted in.
    pub account: Option<AccountId>,
    /// What the policies say; absent where they were not asked.
    pub verdict: Option<Verdict>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RulingReason {
    Allowed,
    /// A statement denies it.
    Denied,
    /// Nothing allows it.
    NotAllowed,
    /// The token speaks for no user, or the user has no business in the account.
    Nobody,
    /// The resource is of another account.
    OtherAccount,
    /// The token is a key or another application's, and may not do this for its user.
    MissingScope(ScopeSet),
}

impl RulingReason {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::NotAllowed => "not_allowed",
            Self::Nobody => "no_principal",
            Self::OtherAccount => "other_account",
            Self::MissingScope(_) => "missing_scope",
        }
    }
}

impl Ruling {
    const fn refused(reason: RulingReason, account: Option<AccountId>) -> Self {
        Self {
            reason,
            account,
            verdict: None,
        }
    }

    pub fn is_allowed(&self) -> bool {
        self.reason == RulingReason::Allowed
    }

    /// The policy and the statement that decided, as `policy/statement`.
    pub fn matched(&self) -> Option<String> {
        let matched = &self.verdict.as_ref()?.matched;
        let deny = matched.iter().find(|one| one.effect == policy::Effect::Deny);
        let one = deny.or_else(|| matched.first())?;
        Some(format!("{}/{}", one.policy, one.statement))
    }
}

impl Authority {
    /// Whether the token may be used for this. The caller has made sure that it stands.
    ///
    /// # Errors
    /// Storage.
    pub async fn rule_on_token(&self, ctx: &Ctx, facts: &TokenFacts, wish: &Wish) -> Result<Ruling, Fault> {
        let account = match (facts.user_id, &facts.account) {
            (Some(user), Some(account)) => Some((user, account.id.clone())),
            (Some(user), None) => self.account_of(user).await?.map(|account| (user, account)),
            (None, _) => None,
        };
        let Some((user, account)) = account else {
            return Ok(Ruling::refused(RulingReason::Nobody, None));
        };
        if let Some(missing) = missing(facts, wish) {
            return Ok(Ruling::refused(
                RulingReason::MissingScope(missing),
                Some(account),
            ));
        }
        self.rule(ctx, (user, account), Some(facts), wish).await
    }

    /// Whether somebody may do this, in their own account unless another one is named; whatever they would show for it.
    ///
    /// # Errors
    /// Storage.
    pub async fn rule_on_principal(&self, ctx: &Ctx, principal: &str, wish: &Wish) -> Result<Ruling, Fault> {
        match self.principal_named(principal).await? {
            Some(found) => self.rule(ctx, found, None, wish).await,
            None => Ok(Ruling::refused(RulingReason::Nobody, None)),
        }
    }

    async fn rule(
        &self,
        ctx: &Ctx,
        (user, account): (UserId, AccountId),
        token: Option<&TokenFacts>,
        wish: &Wish,
    ) -> Result<Ruling, Fault> {
        if wish.account().is_some_and(|named| named != account.as_str()) {
            return Ok(Ruling::refused(RulingReason::OtherAccount, Some(account)));
        }
        let filled = Some(&wish.resource).filter(|resource| resource.starts_with(OWN));
        let filled = filled.and_then(|resource| super::arn::within(resource, &account));
        let question = Question {
            user,
            account: &account,
            token,
            action: &wish.action,
            resource: filled.as_deref().unwrap_or(&wish.resource),
            told: &wish.told,
        };
        let Some(verdict) = self.decide(ctx, &question).await? else {
            return Ok(Ruling::refused(RulingReason::Nobody, Some(account)));
        };
        let reason = match verdict.decision {
            Decision::Allow => RulingReason::Allowed,
            Decision::ExplicitDeny => RulingReason::Denied,
            Decision::ImplicitDeny => RulingReason::NotAllowed,
        };
        Ok(Ruling {
            reason,
            account: Some(account),
            verdict: Some(verdict),
        })
    }
}

/// The scope that a token needs besides its user's policies: none for a sign-in at our own doors, else the action's name in
/// lower case. Otherwise a key, or an application that was let in for something else, could do whatever its user may.
fn missing(facts: &TokenFacts, wish: &Wish) -> Option<ScopeSet> {
    if facts.key_id.is_none() && is_first_party(&facts.client_id) {
        return None;
    }
    let wanted = wish.action.to_ascii_lowercase();
    if facts.scopes.covers(&wanted) {
        return None;
    }
    Some(Scope::parse(&wanted).into_iter().collect())
}
