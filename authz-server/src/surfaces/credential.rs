//! The one credential of a request, looked at once, before limits are counted and handlers run.
//! Refuses two at a time; what a caller may do with it is not decided here.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Caller;
use http::{HeaderMap, HeaderName, header};
use model::Ctx;
use model::api_key::ApiKeyId;
use model::user::User;
use oauth::bearer::Scheme;

use super::Failure;
use super::limits::SurfaceLimits;
use crate::app::AppState;
use crate::endpoints::shown::Shown;
use crate::http::rate_limit::RateLimit;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub(super) const SERVICE_KEY: HeaderName = HeaderName::from_static("x-service-key");

/// What the request came with. Every request below a surface's base path has one among its extensions.
#[derive(Clone)]
pub enum Presented {
    Nothing,
    /// Something that is not, or no more, good for anything.
    Dead,
    Live(Arc<Caller>),
}

impl Presented {
    /// Whom to count this request for, when it comes with a live credential.
    pub fn principal(&self) -> Option<String> {
        match self {
            Self::Live(caller) => Some(caller.principal()),
            Self::Nothing | Self::Dead => None,
        }
    }

    /// The key it is, or was exchanged for, and how many requests a minute that may make, where it has a figure.
    pub fn own_limit(&self) -> Option<(ApiKeyId, u32)> {
        match self {
            Self::Live(caller) => caller.token().own_limit(),
            Self::Nothing | Self::Dead => None,
        }
    }

    /// The caller, whoever it is.
    pub fn live(&self) -> Result<&Caller, Failure> {
        match self {
            Self::Live(caller) => Ok(caller),
            Self::Dead => Err(Failure::dead_credential()),
            Self::Nothing => Err(Failure::unauthorized()),
        }
    }

    /// The person behind a live credential.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Live(caller) => caller.user(),
            Self::Nothing | Self::Dead => None,
        }
    }
}

/// Puts a [`Presented`] into the request.
pub(super) async fn present(
    State((state, limits)): State<(AppState, SurfaceLimits)>,
    Extension(ctx): Extension<Ctx>,
    request: Request,
    next: Next,
) -> Response {
    let credential = match credential(request.headers()) {
        Ok(found) => found.map(|(scheme, text)| (scheme, text.to_owned())),
        Err(failure) => return failure.into_response(),
    };
    let (parts, body) = request.into_parts();
    let shown = Shown::of(&parts);
    let mut request = Request::from_parts(parts, body);
    let presented = match credential {
        None => Presented::Nothing,
        Some((scheme, text)) => {
            let limit = limits.of(request.method(), request.uri().path());
            match look(&state, &ctx, (&shown, scheme, &text), limit).await {
                Ok(presented) => presented,
                Err(refusal) => return *refusal,
            }
        }
    };
    request.extensions_mut().insert(presented);
    next.run(request).await
}

/// A01: the address answers for what nobody knows before a signature or a row is looked at; floods of garbage are cheap.
async fn look(
    state: &AppState,
    ctx: &Ctx,
    (shown, scheme, text): (&Shown, Scheme, &str),
    limit: Option<&RateLimit>,
) -> Result<Presented, Box<Response>> {
    let unknown = limit.filter(|_| !state.authority.recalls(text));
    let attempt = unknown.map(|limit| limit.attempt(ctx)).transpose()?;
    let held = shown.held_with(state, ctx, (scheme, text)).await;
    let held = held.map_err(|unproven| Box::new(unproven.at_resource(state, ctx)))?;
    let found = state.authority.identify_holder(ctx, text, &held).await;
    let found = found.map_err(|fault| Box::new(Failure::from(fault).into_response()))?;
    let Some(caller) = found else {
        return Ok(Presented::Dead);
    };
    if let Some(attempt) = attempt {
        attempt.give_back();
    }
    Ok(Presented::Live(Arc::new(caller)))
}

fn credential(headers: &HeaderMap) -> Result<Option<(Scheme, &str)>, Failure> {
    let lines = [header::AUTHORIZATION, API_KEY, SERVICE_KEY]
        .into_iter()
        .flat_map(|name| {
            headers
                .get_all(&name)
                .iter()
                .map(move |value| (name.clone(), value))
        });
    let lines: Vec<_> = lines.collect();
    match lines.as_slice() {
        [] => Ok(None),
        [(name, value)] if *name == header::AUTHORIZATION => {
            // Another scheme is somebody else's to read; here it is no credential.
            Ok(oauth::bearer::parse_any(value.as_bytes()).ok())
        }
        // Bytes that no key has: as dead as an unknown one.
        [(_, value)] => Ok(Some((Scheme::Bearer, value.to_str().unwrap_or_default()))),
        _ => Err(Failure::invalid(
            "More than one credential was sent. Send one of Authorization, X-API-Key and X-Service-Key.",
        )),
    }
}
