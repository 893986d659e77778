//! Which limit a request of the surfaces counts on: by its surface, and by whether it tries to sign somebody in.
//! Refuses nothing by itself: the counting is in [`crate::http::rate_limit`].

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::Method;

use super::{Failure, Presented, Surface};
use crate::config::{LimitsConfig, Rate};
use crate::http::rate_limit::{KeyLimits, OwnLimit, RateLimit, Together};
use crate::redirects;

/// What can be tried with a guessed or bought secret, or sends a mail: `POST`, below the surface's base.
const AUTHENTICATING: [&str; 15] = [
    "register",
    "login",
    "2fa/login-verify",
    "forgot-password",
    "reset-password",
    "verify-email",
    "verify-email/resend",
    "team/invite",
    "iam-login",
    "iam-login/verify",
    "iam/exchange-credentials",
    "auth/register",
    "auth/login",
    "auth/callback",
    "auth/magic-link",
];
/// On `/v1` the link from a mail is posted here.
const V1_VERIFY: &str = "auth/verify";

/// The limits of all surfaces, each with its own counters.
#[derive(Clone)]
pub(super) struct SurfaceLimits {
    platform: Limits,
    tokens: Limits,
    console: Limits,
    v1: Limits,
    v1_admin: RateLimit,
    keys: KeyLimits,
}

#[derive(Clone)]
struct Limits {
    authentication: RateLimit,
    standard: RateLimit,
}

impl SurfaceLimits {
    pub(super) fn new(config: &LimitsConfig, keys: KeyLimits) -> Self {
        let together = keys.together();
        let pair = |surface, authentication, standard| Limits {
            authentication: limit((surface, "authentication"), authentication, together),
            standard: limit((surface, "standard"), standard, together),
        };
        Self {
            platform: pair("platform", config.authentication, config.standard),
            tokens: pair("tokens", config.authentication, config.standard),
            console: pair("console", config.console_authentication, config.standard),
            v1: pair("v1", config.v1_authentication, config.v1),
            v1_admin: limit(("v1", "admin"), config.v1_admin, together),
            keys,
        }
    }

    /// What the description says of it.
    pub(super) fn told(&self, method: &Method, path: &str) -> Option<(&'static str, Rate)> {
        // Nothing of what GitHub and the payment gateway send counts.
        let counts = ![redirects::EVENTS, super::GATEWAY_EVENTS].contains(&path);
        let limit = self.of(method, path).filter(|_| counts);
        limit.map(|limit| (limit.name(), limit.rate()))
    }

    pub(super) fn of(&self, method: &Method, path: &str) -> Option<&RateLimit> {
        let (limits, base) = match Surface::of_path(path)? {
            Surface::Platform => (&self.platform, "/auth/"),
            Surface::Tokens => (&self.tokens, "/api/"),
            Surface::Console => (&self.console, "/api/auth/"),
            Surface::V1 => (&self.v1, "/v1/"),
        };
        let rest = path.strip_prefix(base).unwrap_or_default();
        let is_v1 = base == "/v1/";
        if is_v1 && (rest == "admin" || rest.starts_with("admin/")) {
            return Some(&self.v1_admin);
        }
        let authenticates = AUTHENTICATING.contains(&rest) || is_v1 && rest == V1_VERIFY;
        Some(match *method == Method::POST && authenticates {
            true => &limits.authentication,
            false => &limits.standard,
        })
    }

    /// That of the key which the request comes with, or which its token was exchanged for.
    fn own(&self, request: &Request) -> Option<OwnLimit> {
        let (key, per_minute) = request.extensions().get::<Presented>()?.own_limit()?;
        Some(self.keys.of(key, per_minute))
    }
}

fn limit(name: (&str, &'static str), rate: Rate, together: Option<&Together>) -> RateLimit {
    let refusal = |wait| Failure::too_many(wait).into_response();
    RateLimit::new(name, rate, (principal, refusal), together.cloned())
}

fn principal(request: &Request) -> Option<String> {
    request.extensions().get::<Presented>()?.principal()
}

pub(super) async fn limited(State(limits): State<SurfaceLimits>, request: Request, next: Next) -> Response {
    match limits.of(request.method(), request.uri().path()) {
        Some(limit) => {
            let own = limits.own(&request);
            limit.clone().run(request, next, own).await
        }
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_counts_on_the_limit_of_its_surface() {
        let config = LimitsConfig {
            v1: Rate::per_minute(1),
            v1_authentication: Rate::per_minute(2),
            v1_admin: Rate::per_minute(3),
            console_authentication: Rate::per_minute(4),
            authentication: Rate::per_minute(5),
            standard: Rate::per_minute(6),
        };
        let limits = SurfaceLimits::new(&config, KeyLimits::default());
        for (method, path, quota) in [
            (Method::POST, "/auth/login", Some(5)),
            (Method::GET, "/auth/login", Some(6)),
            (Method::GET, "/auth/me", Some(6)),
            (Method::POST, "/api/login", Some(5)),
            (Method::POST, "/api/tokens", Some(6)),
            (Method::POST, "/api/auth/register", Some(4)),
            (Method::POST, "/api/auth/refresh", Some(6)),
            (Method::POST, "/v1/auth/login", Some(2)),
            (Method::POST, "/v1/auth/verify", Some(2)),
            (Method::GET, "/v1/users/me", Some(1)),
            (Method::DELETE, "/v1/admin/users/x", Some(3)),
            (Method::GET, "/v1/administer", Some(1)),
            (Method::GET, "/oauth2/userinfo", None),
        ] {
            let found = limits.of(&method, path).map(|limit| limit.rate().quota());
            assert_eq!(found, quota, "{method} {path}");
        }
    }
}
