//! `POST /api/auth/download-token`, and what it downloads: `GET /api/auth/export`

use axum::extract::{Extension, Query, State};
use axum::response::{IntoResponse, Response};
use domain::people::DownloadError;
use http::{HeaderValue, StatusCode, header};
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::body::OptionalBody;
use crate::surfaces::caller::Signed;
use crate::surfaces::{Failure, Presented, time};

const EXPORT: &str = "/api/auth/export";

#[derive(Deserialize, Default, ToSchema)]
pub struct DownloadWish {
    /// The one path it shall be good for.
    #[schema(example = "/api/auth/export")]
    path: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadToken {
    /// For the query of that address, good for 60 seconds and one use.
    #[schema(example = "az_dt_0123456789abcdefghijkl")]
    token: String,
    expires_at: String,
}

#[derive(Deserialize)]
pub struct DownloadQuery {
    token: Option<String>,
}

/// A token for the address of a download, which browsers can't send headers to: 60 seconds, one use, nothing else.
///
/// Made for the caller, who needs no other credential at that address then.
#[utoipa::path(post, path = "/download-token", tag = "console", operation_id = "console_download_token",
    security(("bearer" = [])), request_body = DownloadWish, responses((status = 200, body = DownloadToken)))]
pub async fn create_token(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    OptionalBody(wish): OptionalBody<DownloadWish>,
) -> Result<Response, Failure> {
    let ticket = state
        .authority
        .create_download_token(&ctx, (user.id, session.id), wish.path)
        .await?;
    let body = DownloadToken {
        token: ticket.secret.expose().to_owned(),
        expires_at: time::rfc3339(ticket.expires_at),
    };
    Ok(private(StatusCode::OK, &body))
}

/// Everything the server knows about the caller, as a file.
///
/// JSON, for the caller with a token in the header, or for a browser with a download token in `token`.
#[utoipa::path(get, path = "/export", tag = "console", operation_id = "console_export",
    params(("token" = Option<String>, Query, description = "A download token, in place of the header", example = "az_dt_0123456789abcdefghijkl")),
    security(("bearer" = []), ()), responses((status = 200, body = serde_json::Value,
        example = json!({"exported_at": "2026-11-21T12:29:10Z", "account": {"email": "ada@example.com"}, "sessions": []}))))]
pub async fn export(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Extension(presented): Extension<Presented>,
    Query(query): Query<DownloadQuery>,
) -> Result<Response, Failure> {
    let user = match query.token {
        Some(token) => {
            state
                .authority
                .redeem_download_token(&ctx, &token, EXPORT)
                .await?
                .0
        }
        None => Signed::of(&presented)?.user,
    };
    let data = state.authority.export_account(&ctx, &user).await?;
    let mut response = private(StatusCode::OK, &data);
    let headers = [
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"account.json\"",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response.into_response())
}

impl From<DownloadError> for Failure {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::Malformed => {
                Self::invalid_field("path", "must be a path of this server, at most 1024 characters")
            }
            DownloadError::Invalid => {
                Self::gone("The download token was used, has expired or is for something else.")
            }
            DownloadError::Fault(fault) => fault.into(),
        }
    }
}
