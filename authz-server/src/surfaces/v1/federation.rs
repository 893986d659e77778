//! Leaving for a provider (`POST /v1/auth/login` with `provider`) and `POST /v1/auth/callback`.
//! Refuses to end a visit in another browser than it began in.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::federation::{Purpose, Return, Start};
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope::{Enveloped, enveloped};
use super::wire::Arrival;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::body::Body;
use crate::surfaces::browser::Browser;
use crate::surfaces::sign_in;

/// Where to, and back.
pub struct Departure {
    pub provider: String,
    pub redirect_uri: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::Departure)]
pub struct DepartureBody {
    /// To open in the browser that keeps the cookie of this answer.
    #[schema(example = "https://github.com/login/oauth/authorize?client_id=…")]
    authorization_url: String,
    /// Comes back with the code, within ten minutes.
    state: String,
}

/// `code` and `state`; or what is missing of a sign-in that waits for its second step.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::Callback, example = json!({"code": "9a1c03f2d4e5", "state": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"}))]
pub struct CallbackBody {
    /// From the query that the browser came back with.
    #[schema(example = "9a1c03f2d4e5")]
    code: Option<String>,
    state: Option<String>,
    /// The `iss` that came along, if one did (RFC 9207).
    #[schema(example = "https://accounts.example.net")]
    iss: Option<String>,
    /// A code from the app or a backup code, where two steps are on.
    totp_code: Option<String>,
    /// From an answer `MFA_REQUIRED`.
    pending_token: Option<String>,
}

pub async fn depart(
    state: &AppState,
    ctx: &Ctx,
    browser: &Browser,
    departure: Departure,
) -> Result<Response, Failure> {
    let ours = format!("/login/with/{}/callback", departure.provider);
    let start = Start {
        provider: &departure.provider,
        callback: &ours,
        page: departure.redirect_uri.as_deref(),
        purpose: Purpose::SignIn { flow: None },
        choose_account: false,
        browser: browser.digest(),
    };
    let (url, visit) = state.authority.start_visit(ctx, start).await?;
    let body = DepartureBody {
        authorization_url: url.into(),
        state: visit.expose().to_owned(),
    };
    Ok(browser.keep(enveloped(ctx, StatusCode::OK, body)))
}

/// What the provider has sent back with the browser becomes tokens.
///
/// Only in the browser that began the visit, within ten minutes of it, and once.
#[utoipa::path(post, path = "/auth/callback", tag = "v1", operation_id = "v1_callback",
    request_body = CallbackBody, responses((status = 200, body = Enveloped<Arrival>)))]
pub async fn callback(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    browser: Browser,
    Body(body): Body<CallbackBody>,
) -> Result<Response, Failure> {
    let missing = |name| Failure::invalid_field(name, "is required");
    let signed_in = match (&body.pending_token, &body.totp_code) {
        (Some(pending), Some(code)) => sign_in::by_code(&state, &ctx, (pending, code)).await?,
        (Some(_), None) => return Err(missing("totp_code")),
        (None, code) => {
            let back = Return {
                state: body.state.as_deref().ok_or_else(|| missing("state"))?,
                code: body.code.as_deref().ok_or_else(|| missing("code"))?,
                issuer: body.iss.as_deref(),
                browser: browser.digest(),
            };
            let authority = &state.authority;
            let first = authority.finish_federation_over_program(&ctx, back).await?;
            sign_in::go_on(&state, &ctx, first, code.as_deref())
                .await?
                .complete()?
        }
    };
    let arrival = Arrival::of(&state, &ctx, &signed_in).await?;
    Ok(enveloped(&ctx, StatusCode::OK, arrival))
}
