//! Counting attempts to sign in, for the account and for the network they come from.
//! Refuses to look at a password before the attempt is counted, so parallel guesses can't outrun the counter.

use std::time::Duration;

use model::audit::Actor;
use model::iam::IamUser;
use model::throttle::{Throttle, ThrottleLimits, ThrottleVerdict};
use model::{Ctx, SecretDigest, SessionId, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::settings::Settings;

/// Each lost race means that another attempt was counted, and the limits end such a race long before this.
const MOST_RACES: usize = 256;

/// What a counter is about; each has limits of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Account,
    Network,
    /// All IAM users of an account together.
    Tenant,
    Registration,
    Stranger,
    Mailbox,
    MailNetwork,
    SecondFactor,
}

/// The counters one attempt counts on. Those that many share come last, always: two transactions can't wait for each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Counters(Vec<(Kind, String)>);

impl Counters {
    /// An account has one counter behind all its spellings (L03).
    pub(super) fn of_user(ctx: &Ctx, user: UserId) -> Self {
        Self::of_account(ctx, format!("account:{user}"))
    }

    /// Somebody signed in who proves the password again is counted apart, so that strangers can't lock them out (L02).
    pub(super) fn of_session(ctx: &Ctx, session: SessionId) -> Self {
        Self::of_account(ctx, format!("session:{session}"))
    }

    /// A browser in which the user has signed in before is counted apart, too (L02).
    pub(super) fn of_device(ctx: &Ctx, user: UserId, device: &SecretDigest) -> Self {
        let digest = URL_SAFE_NO_PAD.encode(device.as_bytes());
        Self::of_account(ctx, format!("device:{user}:{digest}"))
    }

    /// The IAM user, their account, and the network; the same rows for a name that nobody has (L18).
    pub(super) fn of_iam_user(ctx: &Ctx, (account, name): (&str, &str), user: Option<&IamUser>) -> Self {
        let subject = |text: &str| URL_SAFE_NO_PAD.encode(SecretDigest::of(text).as_bytes());
        let own = match user {
            Some(user) => format!("account:{}", user.id),
            None => format!("unknown:{}", subject(&format!("iam {account} {name}"))),
        };
        let mut counters = Self::of_account(ctx, own);
        let tenant = format!("tenant:{}", subject(account));
        counters.0.insert(1, (Kind::Tenant, tenant));
        counters
    }

    /// A key that is shown with its secret, whether or not there is one (V08).
    pub(crate) fn of_access_key(ctx: &Ctx, id: &str) -> Self {
        let digest = URL_SAFE_NO_PAD.encode(SecretDigest::of(id).as_bytes());
        Self::of_account(ctx, format!("access-key:{digest}"))
    }

    /// Nobody's name is counted like somebody's (L01).
    pub(super) fn of_nobody(ctx: &Ctx, normalised: &str) -> Self {
        let digest = URL_SAFE_NO_PAD.encode(SecretDigest::of(normalised).as_bytes());
        Self::of_account(ctx, format!("unknown:{digest}"))
    }

    /// Registering tells whether an address has an account, and costs a hash: each network has so many tries.
    pub(crate) fn of_registration(ctx: &Ctx) -> Self {
        let network = ctx.origin.network();
        Self(
            network
                .map(|network| (Kind::Registration, format!("register:{network}")))
                .into_iter()
                .collect(),
        )
    }

    /// Clients that nobody knows cost a row or a fetch: each network has so many.
    pub(crate) fn of_strangers(ctx: &Ctx) -> Self {
        let network = ctx
            .origin
            .network()
            .map(|network| (Kind::Stranger, format!("strangers:{network}")));
        Self(network.into_iter().collect())
    }

    /// Mails are asked for by strangers: each mailbox gets so many, and each network sends so many.
    pub(crate) fn of_mail(ctx: &Ctx, email: &str) -> Self {
        let digest = URL_SAFE_NO_PAD.encode(SecretDigest::of(email).as_bytes());
        let network = ctx.origin.network();
        let network = network.map(|network| (Kind::MailNetwork, format!("mail-from:{network}")));
        Self(
            std::iter::once((Kind::Mailbox, format!("mail-to:{digest}")))
                .chain(network)
                .collect(),
        )
    }

    /// Codes of a second factor, over all sign-ins: starting a new one does not set it back (L08).
    pub(super) fn of_second_factor(user: UserId) -> Self {
        Self(vec![(Kind::SecondFactor, format!("second-factor:{user}"))])
    }

    fn of_account(ctx: &Ctx, account: String) -> Self {
        let network = network(ctx).map(|network| (Kind::Network, network));
        Self(std::iter::once((Kind::Account, account)).chain(network).collect())
    }

    /// After success: the account starts afresh, and the network gets its attempt back.
    pub(crate) async fn forgive(&self, w: &mut Writer) -> Result<(), StorageError> {
        for (kind, subject) in &self.0 {
            match kind {
                Kind::Account | Kind::SecondFactor => storage::throttles::clear(w, subject).await?,
                Kind::Network | Kind::Tenant => storage::throttles::forgive(w, subject).await?,
                Kind::Registration | Kind::Stranger | Kind::Mailbox | Kind::MailNetwork => {}
            }
        }
        Ok(())
    }

    fn with_limits<'a>(
        &'a self,
        settings: &'a Settings,
    ) -> impl Iterator<Item = (&'a str, ThrottleLimits)> + use<'a> {
        self.0.iter().map(|(kind, subject)| {
            let limits = match kind {
                Kind::Account | Kind::SecondFactor => settings.account_throttle,
                Kind::Network | Kind::Tenant => settings.address_throttle,
                Kind::Registration => settings.registration.throttle,
                Kind::Stranger => settings.strangers.throttle,
                Kind::Mailbox => settings.mail.mailbox_throttle,
                Kind::MailNetwork => settings.mail.address_throttle,
            };
            (subject.as_str(), limits)
        })
    }
}

/// Under which an account's own attempts are counted, but those of browsers it is known in.
pub(super) fn subjects_of_account(user: UserId) -> [String; 2] {
    [format!("account:{user}"), format!("second-factor:{user}")]
}

fn network(ctx: &Ctx) -> Option<String> {
    ctx.origin.network().map(|network| format!("network:{network}"))
}

impl Authority {
    /// Counts one attempt on every counter, or on none and tells how long to wait.
    pub(crate) async fn count_attempt(
        &self,
        ctx: &Ctx,
        counters: &Counters,
    ) -> Result<Result<(), Duration>, Fault> {
        let (authority, ctx, counters) = (self.clone(), ctx.clone(), counters.clone());
        let counted: Result<(), Blocked> = self
            .database
            .write(move |w| {
                Box::pin(async move {
                    for (subject, limits) in counters.with_limits(&authority.settings) {
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
