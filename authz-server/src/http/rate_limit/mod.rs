//! How often one caller may use a group of routes.
//! Refuses with 429, and tells with every answer how much is left; counts in this process, or together with other replicas.

mod fields;
mod limiter;
mod log;
mod own;
mod together;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use model::{Ctx, Timestamp};
use shared_limits::{Ask, Receipt, Who};

use crate::config::Rate;
use limiter::Limiter;
pub use own::{KeyLimits, OwnLimit};
pub use together::{Owed, Together};
pub use verdict::Verdict;

/// Who calls, as far as the request tells by its credentials.
pub type Principal = fn(&Request) -> Option<String>;
/// The body of a 429; the fields are put in afterwards.
pub type Refusal = fn(Duration) -> Response;

/// One limit for a group of routes: the callers of all of them share it.
#[derive(Clone)]
pub struct RateLimit(Arc<Inner>);

struct Inner {
    name: &'static str,
    /// What tells it from all other limits in a store.
    label: String,
    limiter: Limiter,
    together: Option<Together>,
    principal: Principal,
    refusal: Refusal,
}

impl RateLimit {
    /// `name` is what the answers call it, `group` the routes it is for. Requests of which `principal` knows nothing are
    /// counted on their address.
    pub fn new(
        (group, name): (&str, &'static str),
        rate: Rate,
        (principal, refusal): (Principal, Refusal),
        together: Option<Together>,
    ) -> Self {
        Self(Arc::new(Inner {
            name,
            label: format!("server/{group}/{name}"),
            limiter: Limiter::new(rate),
            together,
            principal,
            refusal,
        }))
    }

    pub fn name(&self) -> &'static str {
        self.0.name
    }

    pub fn rate(&self) -> Rate {
        self.0.limiter.rate()
    }

    /// Counts the request and lets it through, or refuses it; `own` is the budget of the key it comes with, if that has
    /// one. The frame, and whatever names the principal, are outside.
    pub async fn run(self, mut request: Request, next: Next, own: Option<OwnLimit>) -> Response {
        let limit = &*self.0;
        let owed = request.extensions_mut().remove::<Owed>();
        let ctx = request.extensions().get::<Ctx>();
        let now = ctx.map_or(Timestamp::from_micros(0), |ctx| ctx.now);
        let caller = caller(limit, &request);
        let verdict = match &limit.together {
            None => limit.judge_here(&caller, own.as_ref(), now),
            Some(together) => {
                let asks = (limit.ask(&caller), own.as_ref().map(OwnLimit::ask));
                together.judge(asks, owed.as_ref(), now).await
            }
        };
        if !verdict.is_allowed() {
            return self.refuse(verdict, now);
        }
        let mut response = next.run(request).await;
        verdict.write(response.headers_mut(), now);
        response
    }

    /// Counts, for the address and apart from its other requests, a credential that nobody knows yet: to be called before
    /// it is looked at. A good one gives the [`Attempt`] back, so that addresses pay for what was good for nothing only.
    ///
    /// # Errors
    /// The refusal.
    pub async fn attempt(&self, ctx: &Ctx) -> Result<Attempt, Box<Response>> {
        let key = format!("unknown:{}", ctx.origin.network().unwrap_or_default());
        let (verdict, receipt) = match &self.0.together {
            None => (self.0.take(&key, ctx.now), None),
            Some(together) => {
                let (verdict, receipt) = together.attempt(self.0.ask(&key), ctx.now).await;
                (verdict, Some(receipt))
            }
        };
        match verdict.is_allowed() {
            true => Ok(Attempt {
                limit: self.clone(),
                key,
                receipt,
            }),
            false => Err(Box::new(self.refuse(verdict, ctx.now))),
        }
    }

    fn refuse(&self, verdict: Verdict, now: Timestamp) -> Response {
        let mut response = (self.0.refusal)(verdict.wait());
        verdict.write(response.headers_mut(), now);
        response
    }
}

/// A credential that was counted before anybody looked at it.
#[must_use]
pub struct Attempt {
    limit: RateLimit,
    key: String,
    receipt: Option<Receipt>,
}

impl Attempt {
    /// It was a good one. What a store has counted is given back when the request is counted, with which this has to go.
    pub fn give_back(self) -> Option<Owed> {
        if self.receipt.is_none() {
            self.limit.0.limiter.give_back(&self.key);
        }
        self.receipt.map(Owed)
    }
}

impl Inner {
    fn take(&self, caller: &str, now: Timestamp) -> Verdict {
        Verdict::new(self.name, self.limiter.rate(), self.limiter.take(caller, now))
    }

    fn ask<'a>(&'a self, caller: &'a str) -> Ask<'a> {
        Ask {
            name: self.name,
            rate: self.limiter.rate().into(),
            label: &self.label,
            who: Who::Named(caller),
        }
    }

    /// Both limits have to let it through, and only then it counts on both; what is told is which of them is nearer to its
    /// end.
    fn judge_here(&self, caller: &str, own: Option<&OwnLimit>, now: Timestamp) -> Verdict {
        let taken = own.map(|own| (own, own.take_here(now)));
        if let Some((_, refused)) = taken.filter(|(_, verdict)| !verdict.is_allowed()) {
            return refused;
        }
        let verdict = self.take(caller, now);
        match taken {
            Some((own, _)) if !verdict.is_allowed() => {
                own.give_back_here();
                verdict
            }
            Some((_, own)) => own.nearest(verdict),
            None => verdict,
        }
    }
}

/// A01: an address stands for its network. Whoever has neither shares one quota with all such.
fn caller(limit: &Inner, request: &Request) -> String {
    if let Some(principal) = (limit.principal)(request) {
        return format!("principal:{principal}");
    }
    let ctx = request.extensions().get::<Ctx>();
    let network = ctx.and_then(|ctx| ctx.origin.network());
    format!("network:{}", network.unwrap_or_default())
}
