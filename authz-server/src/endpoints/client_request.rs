//! A client's request: form parameters, and the client that proved itself with them.
//! Refuses query parameters, other media types, and every way of sending something twice (O33).

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use domain::clients::KnownClient;
use domain::oauth::authenticate_client::{ClientAuthError, ShownClient};
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode, Uri};
use model::Ctx;
use model::audit::Acting;
use oauth::client_auth::{ClientCredential, PresentedClient};
use oauth::error::OAuthError;
use oauth::params::{ParamLimits, Params};

use super::answer::{faulty, to_client};
use super::shown::Shown;
use crate::app::AppState;
use crate::http::{Arrival, Connected, whole};
use crate::pages::posted::is_form;

pub struct ClientRequest {
    pub ctx: Ctx,
    pub client: Arc<KnownClient>,
    pub params: Params,
    pub headers: HeaderMap,
    pub shown: Shown,
}

/// The same before anybody looked for a client.
pub struct FormRequest {
    pub ctx: Ctx,
    pub params: Params,
    pub shown: Shown,
    headers: HeaderMap,
    uri: Uri,
    connected: Connected,
    arrival: Option<Arrival>,
}

impl FormRequest {
    /// Whether it says of no client that it comes from it.
    pub fn is_anonymous(&self) -> bool {
        let named = ["client_id", "client_secret", "client_assertion"];
        !self.headers.contains_key(AUTHORIZATION) && named.iter().all(|name| self.params.get(name).is_none())
    }

    pub async fn by_client(self, state: &AppState) -> Result<ClientRequest, Response> {
        let Self {
            ctx,
            params,
            shown,
            headers,
            uri,
            connected,
            arrival,
        } = self;
        let sent = Sent {
            headers: &headers,
            params: &params,
            path: uri.path(),
            connected: &connected,
        };
        let client = authenticate(state, &ctx, sent).await?;
        if let Some(arrival) = arrival {
            arrival.is_from(&client);
        }
        Ok(ClientRequest {
            ctx,
            client,
            params,
            headers,
            shown,
        })
    }
}

impl FromRequest<AppState> for ClientRequest {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        FormRequest::from_request(request, state)
            .await?
            .by_client(state)
            .await
    }
}

impl FromRequest<AppState> for FormRequest {
    type Rejection = Response;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Some(ctx) = parts.extensions.remove::<Ctx>() else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        if !is_form(&parts.headers) {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        // RFC 6749 §3.2: parameters are sent in the body.
        if parts.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(to_client(&OAuthError::invalid_request(
                "Parameters belong into the body",
            )));
        }
        let body = whole(body).await.map_err(IntoResponse::into_response)?;
        let params =
            Params::parse(&body, &ParamLimits::default()).map_err(|error| to_client(&error.into()))?;
        Ok(Self {
            ctx,
            params,
            shown: Shown::of(&parts),
            connected: Connected::of(&parts.extensions),
            arrival: parts.extensions.remove(),
            uri: parts.uri,
            headers: parts.headers,
        })
    }
}

/// Where a request can say whose it is.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    pub headers: &'a HeaderMap,
    pub params: &'a Params,
    pub path: &'a str,
    pub connected: &'a Connected,
}

/// The client that the header alone proves: without parameters there is no id that a certificate could go with.
pub async fn authenticate_by_header(
    state: &AppState,
    ctx: &Ctx,
    headers: &HeaderMap,
    path: &str,
) -> Result<Arc<KnownClient>, Response> {
    let sent = Sent {
        headers,
        params: &Params::default(),
        path,
        connected: &Connected::default(),
    };
    authenticate(state, ctx, sent).await
}

/// The client that the header and the parameters prove, or the certificate where there is nothing else.
pub async fn authenticate(state: &AppState, ctx: &Ctx, sent: Sent<'_>) -> Result<Arc<KnownClient>, Response> {
    let mut lines = sent.headers.get_all(AUTHORIZATION).iter();
    let line = lines.next().map(http::HeaderValue::as_bytes);
    if lines.next().is_some() {
        return Err(to_client(&OAuthError::invalid_client()));
    }
    let presented = PresentedClient::extract(line, sent.params).map_err(|error| to_client(&error.into()))?;
    let bare = matches!(presented.credential, ClientCredential::None);
    let certificate = bare.then(|| sent.connected.proven(ctx.now)).flatten();
    let shown = ShownClient {
        presented: &presented,
        certificate: certificate.as_ref(),
        path: sent.path,
    };
    let client = state
        .authority
        .authenticate_client(ctx, shown)
        .await
        .map_err(|error| match error {
            ClientAuthError::InvalidClient => to_client(&OAuthError::invalid_client()),
            ClientAuthError::Fault(fault) => faulty(&fault),
        })?;
    ctx.origin.trail.acts(|| Acting::client(&client.id));
    Ok(client)
}
