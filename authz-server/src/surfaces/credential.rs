//! The one credential of a request, looked at once, before limits are counted and handlers run.
//! Refuses two at a time; what a caller may do with it is not decided here.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{Caller, IdentifyError};
use http::{HeaderMap, HeaderName, header};
use model::Ctx;
use model::api_key::ApiKeyId;
use model::user::User;
use oauth::bearer::Scheme;
use oauth::confirmation::HolderError;

use super::Failure;
use super::limits::SurfaceLimits;
use crate::app::AppState;
use crate::endpoints::shown::{Shown, Unproven, with_nonce};
use crate::http::rate_limit::{Attempt, Owed, RateLimit};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub(super) const SERVICE_KEY: HeaderName = HeaderName::from_static("x-service-key");

/// What the request came with. Every request below a surface's base path has one among its extensions.
#[derive(Clone)]
pub enum Presented {
    Nothing,
    /// Something that is not, or no more, good for anything, and how it was presented.
    Dead(Scheme),
    /// A token that is bound to a key, which whoever sent it does not prove to hold; or a proof beside a token that is not bound.
    Unproven(HolderError),
    Live(Arc<Caller>),
}

impl Presented {
    /// Whom to count this request for, when it comes with a live credential.
    pub fn principal(&self) -> Option<String> {
        match self {
            Self::Live(caller) => Some(caller.principal()),
            Self::Nothing | Self::Dead(_) | Self::Unproven(_) => None,
        }
    }

    /// The key it is, or was exchanged for, and how many requests a minute that may make, where it has a figure.
    pub fn own_limit(&self) -> Option<(ApiKeyId, u32)> {
        match self {
            Self::Live(caller) => caller.token().own_limit(),
            Self::Nothing | Self::Dead(_) | Self::Unproven(_) => None,
        }
    }

    /// The caller, whoever it is.
    pub fn live(&self) -> Result<&Caller, Failure> {
        match self {
            Self::Live(caller) => Ok(caller),
            Self::Dead(Scheme::DPoP) => Err(Failure::dead_bound_token()),
            Self::Dead(_) => Err(Failure::dead_credential()),
            Self::Unproven(error) => Err(Failure::unproven_holder(*error)),
            Self::Nothing => Err(Failure::unauthorized()),
        }
    }

    /// The person behind a live credential.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Live(caller) => caller.user(),
            Self::Nothing | Self::Dead(_) | Self::Unproven(_) => None,
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
                Ok((presented, owed)) => {
                    if let Some(owed) = owed {
                        request.extensions_mut().insert(owed);
                    }
                    presented
                }
                Err(refusal) => return *refusal,
            }
        }
    };
    request.extensions_mut().insert(presented);
    next.run(request).await
}

/// What the credential is good for, and what its address has paid for it too much.
///
/// A01: the address answers for what nobody knows before a signature or a row is looked at; floods of garbage are cheap.
async fn look(
    state: &AppState,
    ctx: &Ctx,
    (shown, scheme, text): (&Shown, Scheme, &str),
    limit: Option<&RateLimit>,
) -> Result<(Presented, Option<Owed>), Box<Response>> {
    let attempt = match limit.filter(|_| !state.authority.recalls(text)) {
        Some(limit) => Some(limit.attempt(ctx).await?),
        None => None,
    };
    let held = shown.held_with(state, ctx, (scheme, text)).await;
    let held = held.map_err(|unproven| Box::new(refused(unproven, state, ctx)))?;
    match state.authority.identify_holder(ctx, text, &held).await {
        Ok(caller) => {
            let owed = attempt.and_then(Attempt::give_back);
            Ok((Presented::Live(Arc::new(caller)), owed))
        }
        Err(IdentifyError::NotLive) => Ok((Presented::Dead(scheme), None)),
        Err(IdentifyError::Holder(error)) => Ok((Presented::Unproven(error), None)),
        Err(IdentifyError::Fault(fault)) => Err(Box::new(Failure::from(fault).into_response())),
    }
}

/// In the words of the surface, with the nonce for the next proof (RFC 9449 §8).
fn refused(unproven: Unproven, state: &AppState, ctx: &Ctx) -> Response {
    match unproven {
        Unproven::Refused(error) => with_nonce(Failure::unproven(&error).into_response(), state, ctx),
        Unproven::Fault(fault) => Failure::from(fault).into_response(),
    }
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
