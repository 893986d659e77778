//! `POST /v1/auth/login`
//! Refuses a body that belongs to neither of its documents, naming what each would need.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope::Enveloped;
use super::federation::{self, Departure, DepartureBody};
use super::wire::{self, PersonBody};
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::browser::Browser;
use crate::surfaces::sign_in::{self, Credentials};

/// `email` and `password`, or `provider`, or what is missing of a sign-in that waits for its second step.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::Login, example = json!({"email": "ada@example.com", "password": "vexing plum orbit"}))]
pub struct LoginBody {
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    #[schema(format = Password)]
    password: Option<String>,
    /// A code from the app or a backup code, where two steps are on.
    totp_code: Option<String>,
    /// From an answer `MFA_REQUIRED`.
    pending_token: Option<String>,
    /// `github`, or another one that is set up.
    #[schema(example = "github")]
    provider: Option<String>,
    /// Where the provider sends the browser back to, if not to our own pages; one of those that are allowed.
    redirect_uri: Option<String>,
}

/// What a body asks for.
enum Way {
    Password(Credentials),
    SecondStep { pending: String, code: String },
    Provider(Departure),
}

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = v1::LoginAnswer)]
#[expect(
    dead_code,
    reason = "describes both answers; each is written where it is made"
)]
pub enum LoginAnswer {
    SignedIn(SignedInBody),
    Departure(Enveloped<DepartureBody>),
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::SignedIn)]
pub struct SignedInBody {
    /// A JWT (RFC 9068).
    token: String,
    /// Good for one use.
    refresh_token: Option<String>,
    user: SignedInUser,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::SignedInUser)]
pub struct SignedInUser {
    #[serde(flatten)]
    person: PersonBody,
    two_factor_enabled: bool,
}

impl LoginBody {
    fn way(self) -> Result<Way, Failure> {
        let missing = |name| Failure::invalid_field(name, "is required");
        match (self.email, self.provider, self.pending_token) {
            (Some(identifier), None, None) => Ok(Way::Password(Credentials {
                identifier,
                password: self.password.ok_or_else(|| missing("password"))?,
                code: self.totp_code,
            })),
            (None, Some(provider), None) => Ok(Way::Provider(Departure {
                provider,
                redirect_uri: self.redirect_uri,
            })),
            (None, None, Some(pending)) => Ok(Way::SecondStep {
                pending,
                code: self.totp_code.ok_or_else(|| missing("totp_code"))?,
            }),
            (None, None, None) => Err(Failure::invalid_fields([
                ("email", "is required, unless there is a provider".to_owned()),
                ("provider", "is required, unless there is an email".to_owned()),
            ])),
            _ => Err(Failure::invalid("Send one of email, provider and pending_token.")),
        }
    }
}

/// Sign in with email address and password, or leave for a provider.
///
/// With two steps on and no code, 401 `MFA_REQUIRED` with `details.pending_token`, good for five minutes and five
/// tries. With `provider` the answer is an address to open in the browser.
#[utoipa::path(post, path = "/auth/login", tag = "v1", operation_id = "v1_login",
    request_body = LoginBody, responses((status = 200, body = LoginAnswer)))]
pub async fn log_in(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    browser: Browser,
    Body(body): Body<LoginBody>,
) -> Result<Response, Failure> {
    let signed_in = match body.way()? {
        Way::Provider(departure) => return federation::depart(&state, &ctx, &browser, departure).await,
        Way::Password(given) => sign_in::by_password(&state, &ctx, given).await?.complete()?,
        Way::SecondStep { pending, code } => sign_in::by_code(&state, &ctx, (&pending, &code)).await?,
    };
    let tokens = wire::tokens(&state, &ctx, &signed_in).await?;
    let factors = state.authority.second_factor_state(signed_in.user.id).await?;
    let body = SignedInBody {
        token: tokens.access_token.expose().to_owned(),
        refresh_token: tokens.refresh_token.map(|token| token.expose().to_owned()),
        user: SignedInUser {
            person: PersonBody::from(&signed_in.user),
            two_factor_enabled: factors.is_on(),
        },
    };
    Ok(private(StatusCode::OK, &body))
}
