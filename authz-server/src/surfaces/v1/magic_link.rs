//! `POST /v1/auth/magic-link` and `POST /v1/auth/verify`
//! Refuses to tell whether anybody has the address.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::people::{AskLinkError, MailProof, SignInError};
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope::{Enveloped, enveloped};
use super::wire::Arrival;
use crate::app::AppState;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, sign_in};

#[derive(Deserialize, ToSchema)]
#[schema(as = v1::MagicLink)]
pub struct MagicLinkBody {
    #[schema(example = "ada@example.com")]
    email: String,
    /// The page of yours that the link leads to, with the token as `token`; one of those that are allowed.
    redirect_uri: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::LinkSent)]
pub struct LinkSentBody {
    /// The same whether or not anybody has the address.
    #[schema(example = true)]
    sent: bool,
    /// For `/v1/auth/verify`, with the six digits that the link shows when it leads to our own page.
    #[schema(example = "mch_0123456789abcdefghjkmnpqrs")]
    challenge_id: String,
}

/// `token`, or `challenge_id` and `code`; or what is missing of a sign-in that waits for its second step.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::VerifyLink, example = json!({"token": "az_ml_0123456789abcdefghijkl"}))]
pub struct VerifyBody {
    /// From the mail; good for one use.
    #[schema(example = "az_ml_0123456789abcdefghijkl")]
    token: Option<String>,
    /// From the answer that the mail was sent with.
    #[schema(example = "mch_0123456789abcdefghjkmnpqrs")]
    challenge_id: Option<String>,
    /// Six digits.
    code: Option<String>,
    /// A code from the app or a backup code, where two steps are on.
    totp_code: Option<String>,
    /// From an answer `MFA_REQUIRED`.
    pending_token: Option<String>,
}

impl VerifyBody {
    fn proof(&self) -> Result<MailProof<'_>, Failure> {
        match (&self.token, &self.challenge_id, &self.code) {
            (Some(token), _, _) => Ok(MailProof::Token(token)),
            (None, Some(challenge), Some(code)) => Ok(MailProof::Code { challenge, code }),
            (None, Some(_), None) => Err(Failure::invalid_field("code", "is required")),
            (None, None, _) => Err(Failure::invalid_field("token", "is required")),
        }
    }
}

/// Ask for a mail with a link that signs in. The answer is the same for every address.
#[utoipa::path(post, path = "/auth/magic-link", tag = "v1", operation_id = "v1_magic_link",
    request_body = MagicLinkBody, responses((status = 202, body = Enveloped<LinkSentBody>)))]
pub async fn ask(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<MagicLinkBody>,
) -> Result<Response, Failure> {
    let page = body.redirect_uri.as_deref();
    let challenge = state.authority.ask_for_token(&ctx, &body.email, page).await?;
    let sent = LinkSentBody {
        sent: true,
        challenge_id: challenge.to_string(),
    };
    Ok(enveloped(&ctx, StatusCode::ACCEPTED, sent))
}

/// What was in the mail becomes tokens, once.
///
/// `token` is what the link of the mail holds; `code` is what the link shows when it leads to our own page. Both
/// are good for one use.
#[utoipa::path(post, path = "/auth/verify", tag = "v1", operation_id = "v1_verify",
    request_body = VerifyBody, responses((status = 200, body = Enveloped<Arrival>)))]
pub async fn verify(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<VerifyBody>,
) -> Result<Response, Failure> {
    let signed_in = match (&body.pending_token, &body.totp_code) {
        (Some(pending), Some(code)) => sign_in::by_code(&state, &ctx, (pending, code)).await?,
        (Some(_), None) => return Err(Failure::invalid_field("totp_code", "is required")),
        (None, code) => {
            let proof = body.proof()?;
            let first = state.authority.sign_in_by_mail(&ctx, proof).await;
            let first = first.map_err(mail_refused)?;
            sign_in::go_on(&state, &ctx, first, code.as_deref())
                .await?
                .complete()?
        }
    };
    let arrival = Arrival::of(&state, &ctx, &signed_in).await?;
    Ok(enveloped(&ctx, StatusCode::OK, arrival))
}

fn mail_refused(error: SignInError) -> Failure {
    match error {
        SignInError::Stale | SignInError::SessionEnded => {
            Failure::gone("The link or code is wrong, was used or has expired.")
        }
        SignInError::Fault(fault) => fault.into(),
    }
}

impl From<AskLinkError> for Failure {
    fn from(error: AskLinkError) -> Self {
        match error {
            AskLinkError::Malformed => Self::invalid_field("email", "is not an email address"),
            AskLinkError::PageNotAllowed => {
                Self::invalid_field("redirect_uri", "is none of those that are allowed")
            }
            AskLinkError::TooMany { retry_after } => Self::too_many(retry_after),
            AskLinkError::Fault(fault) => fault.into(),
        }
    }
}
