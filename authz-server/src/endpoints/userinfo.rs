//! `GET`, `POST /oauth2/userinfo` (OIDC Core §5.3).

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use domain::oauth::userinfo::{Userinfo, UserinfoError};
use http::{HeaderMap, header};
use model::Ctx;
use oauth::bearer::Scheme;
use oauth::error::{ErrorCode, OAuthError};
use oauth::params::{ParamLimits, Params};
use oauth::scope::ScopeSet;

use super::answer::{at_resource, faulty, no_credential, not_stored, uncached, unproven_holder};
use super::bearer_token::{from_header, twice};
use super::shown::{Shown, with_nonce};
use crate::app::AppState;
use crate::pages::posted::is_form;

pub async fn by_get(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    shown: Shown,
    headers: HeaderMap,
) -> Response {
    match from_header(&headers) {
        Ok(Some(token)) => answer(&state, &ctx, &shown, token).await,
        Ok(None) => no_credential(),
        Err(refusal) => refusal,
    }
}

/// RFC 6750 §2.2: the token may be in the body instead of the header.
pub async fn by_post(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    shown: Shown,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let params = match is_form(&headers) {
        true => Params::parse(
            &body,
            &ParamLimits {
                value_len: 16 * 1024,
                ..ParamLimits::default()
            },
        ),
        false => Ok(Params::default()),
    };
    let params = match params {
        Ok(params) => params,
        Err(error) => return at_resource(&error.into(), None),
    };
    match (from_header(&headers), params.get("access_token")) {
        (Err(refusal), _) => refusal,
        (Ok(Some(_)), Some(_)) => twice(),
        (Ok(Some(token)), None) => answer(&state, &ctx, &shown, token).await,
        (Ok(None), Some(token)) => answer(&state, &ctx, &shown, (Scheme::Bearer, token)).await,
        (Ok(None), None) => no_credential(),
    }
}

async fn answer(state: &AppState, ctx: &Ctx, shown: &Shown, token: (Scheme, &str)) -> Response {
    let held = match shown.held_with(state, ctx, token).await {
        Ok(held) => held,
        Err(unproven) => return unproven.at_resource(state, ctx),
    };
    let answer = present(state.authority.userinfo(ctx, token.1, &held).await);
    match token.0 {
        Scheme::DPoP => with_nonce(answer, state, ctx),
        Scheme::Bearer => answer,
    }
}

fn present(outcome: Result<Userinfo, UserinfoError>) -> Response {
    match outcome {
        Ok(Userinfo::Plain(claims)) => uncached(&claims),
        Ok(Userinfo::Signed(token)) => {
            not_stored(([(header::CONTENT_TYPE, "application/jwt")], token).into_response())
        }
        Err(UserinfoError::Holder(error)) => unproven_holder(error),
        Err(UserinfoError::InvalidToken) => at_resource(&OAuthError::invalid_token(), None),
        Err(UserinfoError::MissingScope) => {
            let error = OAuthError::new(ErrorCode::InsufficientScope, "The token lacks the scope openid");
            at_resource(&error, ScopeSet::parse("openid").ok().as_ref())
        }
        Err(UserinfoError::Fault(fault)) => faulty(&fault),
    }
}
