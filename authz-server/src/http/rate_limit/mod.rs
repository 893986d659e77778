//! How often one caller may use a group of routes.
//! Refuses with 429, and tells with every answer how much is left; each process counts for itself.

mod fields;
mod limiter;
mod log;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use model::{Ctx, Timestamp};

use crate::config::Rate;
use limiter::Limiter;
use log::Standing;

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

    /// Counts the request and lets it through, or refuses it. The frame, and whatever names the principal, are outside.
    pub async fn run(self, request: Request, next: Next) -> Response {
        let limit = &*self.0;
        let ctx = request.extensions().get::<Ctx>();
        let now = ctx.map_or(Timestamp::from_micros(0), |ctx| ctx.now);
        let standing = limit.limiter.take(&caller(limit, &request), now);
        if !standing.is_allowed {
            return self.refuse(standing, now);
        }
        let mut response = next.run(request).await;
        fields::write(response.headers_mut(), (limit.name, self.rate()), standing, now);
        response
    }

    /// Counts, for the address and apart from its other requests, a credential that nobody knows yet: to be called before
    /// it is looked at. A good one gives the [`Attempt`] back, so that addresses pay for what was good for nothing only.
    ///
    /// # Errors
    /// The refusal.
    pub fn attempt(&self, ctx: &Ctx) -> Result<Attempt, Box<Response>> {
        let key = format!("unknown:{}", ctx.origin.network().unwrap_or_default());
        let standing = self.0.limiter.take(&key, ctx.now);
        match standing.is_allowed {
            true => Ok(Attempt {
                limit: self.clone(),
                key,
            }),
            false => Err(Box::new(self.refuse(standing, ctx.now))),
        }
    }

    fn refuse(&self, standing: Standing, now: Timestamp) -> Response {
        let wait = Duration::from_secs(fields::whole_seconds(standing.more_in));
        let mut response = (self.0.refusal)(wait);
        fields::write(response.headers_mut(), (self.0.name, self.rate()), standing, now);
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

/// A01: an address stands for its network. Whoever has neither shares one quota with all such.
fn caller(limit: &Inner, request: &Request) -> String {
    if let Some(principal) = (limit.principal)(request) {
        return format!("principal:{principal}");
    }
    let ctx = request.extensions().get::<Ctx>();
    let network = ctx.and_then(|ctx| ctx.origin.network());
    format!("network:{}", network.unwrap_or_default())
}
