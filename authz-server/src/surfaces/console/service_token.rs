//! `POST /api/auth/service-token`

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use oauth::scope::ScopeSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::OptionalBody;
use crate::surfaces::caller::ServiceKey;

#[derive(Deserialize, Default, ToSchema)]
pub struct ServiceTokenWish {
    /// At most what the key may do; all of it when nothing is asked for.
    scopes: Option<Vec<String>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceToken {
    /// A JWT (RFC 9068).
    token: String,
    /// Seconds.
    #[schema(example = 900)]
    expires_in: u64,
}

/// A short-lived token for a service account, in exchange for its service key.
///
/// The key comes in `X-Service-Key`. The token can do no more than the key.
#[utoipa::path(post, path = "/service-token", tag = "console", operation_id = "console_service_token",
    security(("serviceKey" = [])), request_body = ServiceTokenWish, responses((status = 200, body = ServiceToken)))]
pub async fn exchange(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    ServiceKey(key): ServiceKey,
    OptionalBody(wish): OptionalBody<ServiceTokenWish>,
) -> Result<Response, Failure> {
    let scopes = wish
        .scopes
        .map(|scopes| ScopeSet::parse(&scopes.join(" ")))
        .transpose();
    let scopes = scopes.map_err(|error| Failure::invalid_field("scopes", error.to_string()))?;
    let exchanged = state
        .authority
        .exchange_api_key(&ctx, None, key.expose(), (scopes.as_ref(), &[]))
        .await?;
    let body = ServiceToken {
        token: exchanged.text.expose().to_owned(),
        expires_in: exchanged.expires_in,
    };
    Ok(private(StatusCode::OK, &body))
}
