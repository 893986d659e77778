//! `/check`: whether a token may do something, for services that would rather ask than parse.
//! Refuses to guess: a missing scope is named, a foreign audience is a refusal.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use model::client::Client;
use model::{Ctx, Timestamp};
use oauth::confirmation::{Confirmation, HolderError};
use oauth::scope::ScopeSet;
use oauth::step_up::{LoginDemand, Shortfall};

use super::introspect::may_see;
use super::known_tokens::KnownToken;
use super::standing::TokenFacts;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::{Ruling, RulingReason, Wish};
use crate::licences::Allowance;

/// What the caller wants to know beyond "is it live".
#[derive(Clone, Default, Debug)]
pub struct Demand {
    pub scopes: ScopeSet,
    pub audience: Option<String>,
    /// From where the token is used, where the caller knows it.
    pub address: Option<IpAddr>,
    /// How strong and how recent the login behind the token must be (RFC 9470).
    pub login: LoginDemand,
    /// What whoever uses the token proves to hold.
    pub held: Confirmation,
    /// What it is to be used for, by the policies that bind its user.
    pub wish: Option<Wish>,
    /// A feature of the account's plan that it is to be used for.
    pub entitlement: Option<String>,
}

/// The answer, its reason, and what is known of the token.
pub struct Check {
    pub reason: CheckReason,
    /// Absent when the token is not active or none of the caller's business.
    pub facts: Option<Arc<KnownToken>>,
    pub position: u64,
    /// What the policies say, where they were asked.
    pub ruling: Option<Ruling>,
    /// What the plan of the account says, where it was asked.
    pub allowance: Option<Allowance>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CheckReason {
    Allowed,
    Inactive,
    /// It is bound to a key, and that is not proven; or the reverse.
    Holder(HolderError),
    WrongAudience,
    /// A key is used from where it may not be.
    WrongAddress,
    MissingScope(ScopeSet),
    WeakLogin(Shortfall),
    /// The policies say no.
    NotPermitted(RulingReason),
    /// The plan of the account says no.
    NotEntitled,
}

impl Check {
    /// How long the answer holds when neither the revocation log speaks nor anything but time passes, where the policies gave
    /// it. Nothing where more than policies and the token's own end may change it, or nobody can tell.
    pub fn steady_for(&self, ctx: &Ctx, demand: &Demand) -> Option<Duration> {
        let facts = self.facts.as_ref()?;
        // A login grows old, and a key is used up.
        if !demand.login.is_empty() || facts.own_limit().is_some() {
            return None;
        }
        let steady = self.ruling.as_ref()?.verdict.as_ref()?.steady_for?;
        Some(steady.min(facts.expires_at.since(ctx.now)))
    }
}

impl CheckReason {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Inactive => "inactive",
            Self::Holder(_) => "unproven_holder",
            Self::WrongAudience => "wrong_audience",
            Self::WrongAddress => "wrong_address",
            Self::MissingScope(_) => "missing_scope",
            Self::WeakLogin(_) => "insufficient_user_authentication",
            Self::NotPermitted(reason) => reason.as_str(),
            Self::NotEntitled => "entitlement_exceeded",
        }
    }
}

impl Authority {
    /// `caller`: the authenticated service; none when the holder asks about its own token.
    ///
    /// # Errors
    /// Storage.
    pub async fn check(
        &self,
        ctx: &Ctx,
        caller: Option<&Client>,
        token: &str,
        demand: &Demand,
    ) -> Result<Check, Fault> {
        let standing = self.access_token_standing(ctx, token).await?;
        let facts = standing
            .facts
            .filter(|facts| caller.is_none_or(|caller| may_see(caller, facts)));
        // The holder's own question comes from where the token is used.
        let address = demand.address.or(ctx.origin.address.filter(|_| caller.is_none()));
        let mut reason = facts.as_ref().map_or(CheckReason::Inactive, |facts| {
            judge(facts, demand, (ctx.now, address))
        });
        let ruling = match (&facts, &demand.wish) {
            (Some(facts), Some(wish)) if reason == CheckReason::Allowed => {
                Some(self.rule_on_token(ctx, facts, wish).await?)
            }
            _ => None,
        };
        if let Some(ruling) = ruling.as_ref().filter(|ruling| !ruling.is_allowed()) {
            reason = match &ruling.reason {
                RulingReason::MissingScope(missing) => CheckReason::MissingScope(missing.clone()),
                other => CheckReason::NotPermitted(other.clone()),
            };
        }
        let mut allowance = None;
        if let (Some(facts), Some(feature), CheckReason::Allowed) = (&facts, &demand.entitlement, &reason) {
            let account = facts.account.as_ref().map(|account| &account.id);
            let found = self.allowance(ctx, account, feature).await?;
            if !found.entitlement.granted {
                reason = CheckReason::NotEntitled;
            }
            allowance = Some(found);
        }
        Ok(Check {
            reason,
            facts,
            position: standing.position,
            ruling,
            allowance,
        })
    }
}

fn judge(facts: &TokenFacts, demand: &Demand, (now, address): (Timestamp, Option<IpAddr>)) -> CheckReason {
    if let Err(error) = facts.confirmation.met_by(&demand.held) {
        return CheckReason::Holder(error);
    }
    if !facts.allows(address) {
        return CheckReason::WrongAddress;
    }
    if demand
        .audience
        .as_ref()
        .is_some_and(|audience| !facts.audience.contains(audience))
    {
        return CheckReason::WrongAudience;
    }
    let missing = facts.scopes.uncovered(&demand.scopes);
    if !missing.is_empty() {
        return CheckReason::MissingScope(missing);
    }
    demand
        .login
        .shortfall(facts.acr.as_deref(), facts.auth_time, now.as_seconds())
        .map_or(CheckReason::Allowed, CheckReason::WeakLogin)
}
