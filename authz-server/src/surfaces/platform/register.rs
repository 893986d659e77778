//! `POST /auth/register`

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::people::Registered;
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::SignedInBody;
use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, sign_in};

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::RegisterBody)]
pub struct RegisterBody {
    #[schema(example = "ada@example.com")]
    email: String,
    /// At least 8 characters, and none of the usual ones.
    #[schema(example = "vexing plum orbit", format = Password)]
    password: String,
    name: Option<String>,
}

/// Where the operator wants addresses confirmed first, this is the answer for every address, taken or not.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::ConfirmBody)]
pub struct ConfirmBody {
    /// That a mail was sent.
    #[schema(example = "verification_required")]
    status: &'static str,
    email: String,
}

/// Create an account. A six-digit code that confirms the address goes out by mail.
#[utoipa::path(post, path = "/register", tag = "platform", operation_id = "platform_register",
    request_body = RegisterBody,
    responses((status = 201, body = SignedInBody), (status = 202, body = ConfirmBody)))]
pub async fn register(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<RegisterBody>,
) -> Result<Response, Failure> {
    let email = body.email.clone();
    match sign_in::register(&state, &ctx, (body.email, body.name, &body.password)).await? {
        Registered::SignedIn(signed_in) => {
            let body = SignedInBody::issue(&state, &ctx, &signed_in).await?;
            Ok(private(StatusCode::CREATED, &body))
        }
        Registered::ConfirmEmail(_) => {
            let status = "verification_required";
            Ok(private(StatusCode::ACCEPTED, &ConfirmBody { status, email }))
        }
    }
}
