//! How often one caller may use a group of routes.
//! Refuses with 429, and tells with every answer how much is left; each process counts for itself.

mod fields;
mod limiter;
mod log;
mod own;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use model::{Ctx, Timestamp};

use crate::config::Rate;
use limiter::Limiter;
pub use own::{KeyLimits, OwnLimit};
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
    limiter: Limiter,
    principal: Principal,
    refusal: Refusal,
}

impl RateLimit {
    /// `name` is what the answers call it. Requests of which `principal` knows nothing are counted on their address.
    pub fn new(name: &'static str, rate: Rate, principal: Principal, refusal: Refusal) -> Self {
        Self(Arc::new(Inner {
            name,
            limiter: Limiter::new(rate),
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
    pub async fn run(self, request: Request, next: Next, own: Option<OwnLimit>) -> Response {
        let limit = &*self.0;
        let ctx = request.extensions().get::<Ctx>();
        let now = ctx.map_or(Timestamp::from_micros(0), |ctx| ctx.now);
        let verdict = limit.judge(&caller(limit, &request), own.as_ref(), now);
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
    pub fn attempt(&self, ctx: &Ctx) -> Result<Attempt, Box<Response>> {
        let key = format!("unknown:{}", ctx.origin.network().unwrap_or_default());
        let verdict = self.0.take(&key, ctx.now);
        match verdict.is_allowed() {
            true => Ok(Attempt {
                limit: self.clone(),
                key,
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
}

impl Attempt {
    /// It was a good one.
    pub fn give_back(self) {
        self.limit.0.limiter.give_back(&self.key);
    }
}

impl Inner {
    fn take(&self, caller: &str, now: Timestamp) -> Verdict {
        Verdict::new(self.name, self.limiter.rate(), self.limiter.take(caller, now))
    }

    /// Both limits have to let it through, and only then it counts on both; what is told is which of them is nearer to its
    /// end.
    fn judge(&self, caller: &str, own: Option<&OwnLimit>, now: Timestamp) -> Verdict {
        let taken = own.map(|own| (own, own.take(now)));
        if let Some((_, refused)) = taken.filter(|(_, verdict)| !verdict.is_allowed()) {
            return refused;
        }
        let verdict = self.take(caller, now);
        match taken {
            Some((own, _)) if !verdict.is_allowed() => {
                own.give_back();
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
