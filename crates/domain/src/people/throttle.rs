//! Counting attempts to sign in, for the account and for the network they come from.
//! Refuses to look at a password before the attempt is counted, so parallel guesses can't outrun the counter.

use std::time::Duration;

use model::audit::Actor;
use model::throttle::{Throttle, ThrottleLimits, ThrottleVerdict};
use model::{Ctx, SecretDigest, SessionId, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

/// Each lost race means that another attempt was counted, and the limits end such a race long before this.
const MOST_RACES: usize = 256;

/// The counters one attempt counts on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Counters {
    account: String,
    network: Option<String>,
}

impl Counters {
    /// An account has one counter behind all its spellings (L03).
    pub(super) fn of_user(ctx: &Ctx, user: UserId) -> Self {
        Self {
            account: format!("account:{user}"),
            network: network(ctx),
        }
    }

    /// Somebody signed in who proves the password again is counted apart, so that strangers can't lock them out (L02).
    pub(super) fn of_session(ctx: &Ctx, session: SessionId) -> Self {
        Self {
            account: format!("session:{session}"),
            network: network(ctx),
        }
    }

    /// Nobody's name is counted like somebody's (L01).
    pub(super) fn of_nobody(ctx: &Ctx, normalised: &str) -> Self {
        let digest = URL_SAFE_NO_PAD.encode(SecretDigest::of(normalised).as_bytes());
        Self {
            account: format!("unknown:{digest}"),
            network: network(ctx),
        }
    }

    /// After success: the account starts afresh, and the network gets its attempt back.
    pub(super) async fn forgive(&self, w: &mut Writer) -> Result<(), StorageError> {
        storage::throttles::clear(w, &self.account).await?;
        if let Some(network) = &self.network {
            storage::throttles::forgive(w, network).await?;
        }
        Ok(())
    }

    fn with_limits<'a>(&'a self, authority: &Authority) -> Vec<(&'a str, ThrottleLimits)> {
        let settings = &authority.settings;
        let network = self
            .network
            .as_deref()
            .map(|network| (network, settings.address_throttle));
        // The network last, always: two transactions can't wait for each other.
        std::iter::once((self.account.as_str(), settings.account_throttle))
            .chain(network)
            .collect()
    }
}

fn network(ctx: &Ctx) -> Option<String> {
    ctx.origin.network().map(|network| format!("network:{network}"))
}

impl Authority {
    /// Counts one attempt on every counter, or on none and tells how long to wait.
    pub(super) async fn count_attempt(
        &self,
        ctx: &Ctx,
        counters: &Counters,
    ) -> Result<Result<(), Duration>, Fault> {
        let (authority, ctx, counters) = (self.clone(), ctx.clone(), counters.clone());
        let counted: Result<(), Blocked> = self
            .database
            .write(move |w| {
                Box::pin(async move {
                    for (subject, limits) in counters.with_limits(&authority) {
                        count(w, &ctx, subject, limits).await?;
                    }
                    Ok(())
                })
            })
            .await;
        match counted {
            Ok(()) => Ok(Ok(())),
            Err(Blocked::Wait(retry_after)) => Ok(Err(retry_after)),
            Err(Blocked::Fault(fault)) => Err(fault),
        }
    }
}

/// What rolls the counting back.
enum Blocked {
    Wait(Duration),
    Fault(Fault),
}

impl From<StorageError> for Blocked {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

async fn count(w: &mut Writer, ctx: &Ctx, subject: &str, limits: ThrottleLimits) -> Result<(), Blocked> {
    for _ in 0..MOST_RACES {
        let current = storage::throttles::find(w, subject).await?;
        let next = match current
            .unwrap_or(Throttle::fresh(ctx.now))
            .attempt(limits, ctx.now)
        {
            ThrottleVerdict::Wait(retry_after) => return Err(Blocked::Wait(retry_after)),
            ThrottleVerdict::Count(next) => next,
        };
        if storage::throttles::replace(w, subject, current, next).await? {
            if next.blocked_until > ctx.now {
                note_block(w, ctx, subject, next).await?;
            }
            return Ok(());
        }
    }
    Err(Blocked::Fault(Fault::Overloaded("attempts on one account")))
}

/// L04: one event each time a counter closes.
async fn note_block(
    w: &mut Writer,
    ctx: &Ctx,
    subject: &str,
    throttle: Throttle,
) -> Result<(), StorageError> {
    let happened = Happened {
        actor: Actor::Anonymous,
        action: "login.throttled",
        target: Some(subject.to_owned()),
        detail: json!({ "attempts": throttle.attempts, "until": throttle.blocked_until.to_string() }),
    };
    record(w, ctx, happened).await
}
