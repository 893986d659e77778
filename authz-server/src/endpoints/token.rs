//! `POST /oauth2/token` (RFC 6749 §3.2).

use axum::extract::State;
use axum::response::Response;
use domain::oauth::token::TokenError;
use model::Ctx;
use model::client::Client;
use oauth::error::OAuthError;
use oauth::params::Params;
use oauth::response::GrantType;
use oauth::token::TokenRequest;
use oauth::token_exchange::ExchangeRequest;

use super::answer::{faulty, to_client, uncached};
use super::client_request::FormRequest;
use super::shown::{Shown, with_nonce};
use crate::app::AppState;

pub async fn issue(State(state): State<AppState>, request: FormRequest) -> Response {
    let exchanges = request.params.get("grant_type") == Some(GrantType::TokenExchange.as_str());
    // RFC 8693 §2.1: whether unidentified clients may exchange is ours to say. The key is proof enough.
    if exchanges && request.is_anonymous() {
        let by = (&request.ctx, None);
        return Box::pin(exchange(&state, by, &request.shown, &request.params)).await;
    }
    let request = match request.by_client(&state).await {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    if exchanges {
        let by = (&request.ctx, Some(&**request.client));
        return Box::pin(exchange(&state, by, &request.shown, &request.params)).await;
    }
    let asked = match TokenRequest::from_params(&request.params) {
        Ok(asked) => asked,
        Err(error) => return to_client(&error),
    };
    let held = match request.shown.held(&state, &request.ctx).await {
        Ok(held) => held,
        Err(unproven) => return unproven.to_client(&state, &request.ctx),
    };
    let asker = (&**request.client, &held);
    match state.authority.token(&request.ctx, asker, asked).await {
        Ok(tokens) => with_nonce(uncached(&tokens), &state, &request.ctx),
        Err(TokenError::Refused(error)) => with_nonce(to_client(&error), &state, &request.ctx),
        Err(TokenError::Fault(fault)) => faulty(&fault),
    }
}

/// RFC 8693 §2: an answer with a member more.
async fn exchange(
    state: &AppState,
    (ctx, client): (&Ctx, Option<&Client>),
    shown: &Shown,
    params: &Params,
) -> Response {
    // What a key is exchanged for is not bound: better nothing than less than was asked for.
    let binds = |client: &Client| {
        let settings = &client.settings;
        settings.dpop_bound_access_tokens || settings.tls_client_certificate_bound_access_tokens
    };
    if shown.has_proof() || client.is_some_and(binds) {
        return to_client(&OAuthError::invalid_request(
            "Keys are not exchanged for bound tokens",
        ));
    }
    let asked = match ExchangeRequest::from_params(params) {
        Ok(asked) => asked,
        Err(error) => return to_client(&error),
    };
    match state.authority.exchange_token(ctx, client, &asked).await {
        Ok(answer) => uncached(&answer),
        Err(TokenError::Refused(error)) => to_client(&error),
        Err(TokenError::Fault(fault)) => faulty(&fault),
    }
}
