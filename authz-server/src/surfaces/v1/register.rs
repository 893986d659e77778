//! `POST /v1/auth/register`
//! Refuses to give a refresh token, for which its document has no place: the one token lives longer.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::oauth::{FirstParty, Renewal};
use domain::people::{AccountForm, AskedIn, Registered};
use http::StatusCode;
use model::{Ctx, PlainSecret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::PersonBody;
use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, sign_in};

#[derive(Deserialize, ToSchema)]
#[schema(as = v1::Register)]
pub struct RegisterBody {
    #[schema(example = "ada@example.com")]
    email: String,
    /// At least 8 characters, and none of the usual ones.
    #[schema(example = "vexing plum orbit", format = Password)]
    password: String,
    #[schema(example = "Ada Lovelace")]
    name: String,
    company: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::Registered)]
pub struct RegisteredBody {
    /// A JWT (RFC 9068).
    token: String,
    user: PersonBody,
}

/// Where the operator wants addresses confirmed first, this is the answer for every address, taken or not.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::ConfirmEmail)]
pub struct ConfirmBody {
    #[schema(example = "verification_required")]
    message_code: &'static str,
    email: String,
}

/// Create an account.
///
/// Where addresses are confirmed first, the answer is 202 for every address, taken or not, and a mail says how to
/// go on. The token lives twelve hours and is not renewed.
#[utoipa::path(post, path = "/auth/register", tag = "v1", operation_id = "v1_register",
    request_body = RegisterBody,
    responses((status = 201, body = RegisteredBody), (status = 202, body = ConfirmBody)))]
pub async fn register(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<RegisterBody>,
) -> Result<Response, Failure> {
    let email = body.email.clone();
    let form = form(body)?;
    match state.authority.register(&ctx, form, AskedIn::default()).await? {
        Registered::SignedIn(signed_in) => {
            let door = (FirstParty::V1, Renewal::Never);
            let tokens = sign_in::tokens(&state, &ctx, door, &signed_in).await?;
            let body = RegisteredBody {
                token: tokens.access_token.expose().to_owned(),
                user: PersonBody::from(&signed_in.user),
            };
            Ok(private(StatusCode::CREATED, &body))
        }
        Registered::ConfirmEmail(_) => {
            let message_code = "verification_required";
            Ok(private(
                StatusCode::ACCEPTED,
                &ConfirmBody { message_code, email },
            ))
        }
    }
}

/// The one surface where an account can't be without a name.
fn form(body: RegisterBody) -> Result<AccountForm, Failure> {
    if body.name.trim().is_empty() {
        return Err(Failure::invalid_field("name", "is required"));
    }
    Ok(AccountForm {
        username: String::new(),
        email: body.email,
        name: body.name,
        company: body.company.unwrap_or_default(),
        password: PlainSecret::new(&body.password),
    })
}
