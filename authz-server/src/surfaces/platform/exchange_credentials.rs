//! `POST /auth/iam/exchange-credentials`
//! Refuses to read anything of a signed request but what was signed: its raw line, headers and body.

use axum::body::Bytes;
use axum::extract::{Extension, OriginalUri, Request, State};
use axum::response::Response;
use domain::access_keys::{ExchangeCredentialsError, ExchangeWish, ProgramCredential};
use http::{StatusCode, Uri, header, request::Parts};
use model::{Ctx, PlainSecret};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::http::Problem;
use crate::surfaces::answer::private;
use crate::surfaces::body::{is_json, parse, read};
use crate::surfaces::{Failure, Presented, time};

/// What a program sends; nothing at all is enough where the request is signed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = platform::ExchangeCredentialsBody)]
pub struct ExchangeBody {
    /// Instead of a signature, together with the secret.
    #[schema(example = "AKIAIOSFODNN7EXAMPLE")]
    access_key_id: Option<String>,
    /// Better never sent: sign the request.
    #[schema(format = Password)]
    secret_access_key: Option<String>,
    /// A policy document, or its text: the token may do what the user may do and this allows, too. At most 2048 characters.
    #[schema(value_type = Option<Object>, example = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}]
    }))]
    session_policy: Option<Value>,
    /// Life of the token, 60 to 900.
    #[schema(example = 900, minimum = 60, maximum = 900)]
    duration_seconds: Option<u64>,
}

/// A token for a quarter of an hour; there is none to renew it with.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::ExchangedBody)]
pub struct ExchangedBody {
    /// A JWT (RFC 9068).
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds.
    #[schema(example = 900)]
    expires_in: u64,
}

/// Exchange an access key for an access token.
///
/// Sign the request with AWS Signature Version 4, in the `Authorization` header or in the query, for the region and service
/// of this server; each signature counts once. Or send the key's id and secret in the body. The token names the IAM user, dies
/// with the key, and may do no more than `session_policy` allows where there is one.
#[utoipa::path(post, path = "/iam/exchange-credentials", tag = "platform", operation_id = "iam_exchange_credentials",
    request_body = ExchangeBody, responses((status = 200, body = ExchangedBody)))]
pub async fn exchange(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    request: Request,
) -> Result<Response, Failure> {
    if !matches!(request.extensions().get(), Some(Presented::Nothing) | None) {
        return Err(two_credentials());
    }
    let (parts, body) = request.into_parts();
    let bytes = read(Request::from_parts(parts.clone(), body), &state).await?;
    let uri = parts
        .extensions
        .get::<OriginalUri>()
        .map_or(&parts.uri, |original| &original.0);
    let headers = headers(&parts, uri);
    let raw = sigv4::Request {
        method: parts.method.as_str(),
        path: uri.path(),
        query: uri.query(),
        headers: &headers,
        body: &bytes,
    };
    let body = body_of(&parts, &bytes, raw.is_signed())?;
    let wish = wish(&body)?;
    let credential = credential(raw, body)?;
    let exchanged = state.authority.exchange_credentials(&ctx, credential, wish).await;
    let exchanged = exchanged.map_err(|error| refused(&state, &ctx, error))?;
    let body = ExchangedBody {
        access_token: exchanged.access_token.expose().to_owned(),
        token_type: "Bearer",
        expires_in: exchanged.expires_in,
    };
    Ok(private(StatusCode::OK, &body))
}

/// As received. Over HTTP/2 the host stands in the target (RFC 9113 §8.3.1).
fn headers<'a>(parts: &'a Parts, uri: &'a Uri) -> Vec<(&'a str, &'a [u8])> {
    let sent = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let authority = uri
        .authority()
        .filter(|_| !parts.headers.contains_key(header::HOST));
    let host = authority.map(|host| ("host", host.as_str().as_bytes()));
    sent.chain(host).collect()
}

/// The type of a signed body is what it is: a header that need not be signed does not change what it says (V04).
fn body_of(parts: &Parts, bytes: &Bytes, signed: bool) -> Result<ExchangeBody, Failure> {
    match (bytes.is_empty(), signed || is_json(&parts.headers)) {
        (true, _) => Ok(ExchangeBody::default()),
        (false, true) => parse(bytes),
        (false, false) => Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE).into()),
    }
}

fn wish(body: &ExchangeBody) -> Result<ExchangeWish, Failure> {
    let session_policy = match &body.session_policy {
        None => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(document @ Value::Object(_)) => Some(document.to_string()),
        Some(_) => {
            return Err(Failure::invalid_field(
                "session_policy",
                "must be a policy document",
            ));
        }
    };
    Ok(ExchangeWish {
        session_policy,
        life: body.duration_seconds.map(Duration::from_secs),
    })
}

fn credential(raw: sigv4::Request<'_>, body: ExchangeBody) -> Result<ProgramCredential<'_>, Failure> {
    let said = body.access_key_id.is_some() || body.secret_access_key.is_some();
    match (raw.is_signed(), said) {
        (true, true) => return Err(two_credentials()),
        (true, false) => return Ok(ProgramCredential::Signed(raw)),
        (false, _) => {}
    }
    match (body.access_key_id, body.secret_access_key) {
        (Some(access_key_id), Some(secret)) => Ok(ProgramCredential::Secret {
            access_key_id,
            secret: PlainSecret::new(&secret),
        }),
        (id, secret) => {
            let missing = [
                ("access_key_id", id.is_none()),
                ("secret_access_key", secret.is_none()),
            ];
            let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
            let reason = "is required where the request is not signed";
            Err(Failure::invalid_fields(
                missing.map(|(name, _)| (name, reason.to_owned())),
            ))
        }
    }
}

fn two_credentials() -> Failure {
    Failure::invalid("More than one credential was sent. Sign the request, or send the key's id and secret.")
}

fn refused(state: &AppState, ctx: &Ctx, error: ExchangeCredentialsError) -> Failure {
    let said = error.to_string();
    match error {
        ExchangeCredentialsError::Signature(refusal) => signature(state, ctx, &refusal),
        ExchangeCredentialsError::Replayed => Failure::refused_sign_in(
            "signature_used",
            "This signature was used before. Sign the request again.",
        ),
        ExchangeCredentialsError::InvalidCredentials => Failure::refused_sign_in(
            "invalid_credentials",
            "There is no live access key with this id and secret.",
        ),
        ExchangeCredentialsError::TooManyAttempts { retry_after } => Failure::too_many(retry_after),
        ExchangeCredentialsError::SessionPolicy(_) | ExchangeCredentialsError::SessionPolicyTooLong => {
            Failure::invalid_field("session_policy", said)
        }
        ExchangeCredentialsError::Life => {
            Failure::invalid_field("duration_seconds", "must be between 60 and 900")
        }
        ExchangeCredentialsError::Fault(fault) => fault.into(),
    }
}

/// What is wrong with a signature, and what this server goes by.
fn signature(state: &AppState, ctx: &Ctx, refusal: &sigv4::Refusal) -> Failure {
    use sigv4::Refusal as R;
    let settings = &state.authority.settings.signatures;
    let status = match refusal {
        R::Incomplete(_)
        | R::Algorithm
        | R::SignedTwice
        | R::Date(_)
        | R::HeaderMissing(_)
        | R::Malformed(_)
        | R::TooLarge(_)
        | R::Lifetime { .. } => StatusCode::BAD_REQUEST,
        R::Unsigned
        | R::Scope(_)
        | R::HeaderNotSigned(_)
        | R::BodyNotSigned
        | R::BodyMismatch
        | R::Expired
        | R::NotYetValid
        | R::Mismatch => StatusCode::UNAUTHORIZED,
    };
    let failure = Failure::of_signature(status, refusal.code(), sentence(refusal));
    match refusal {
        R::Scope(_) => failure
            .with("region", json!(settings.region))
            .with("service", json!(settings.service)),
        R::HeaderNotSigned(name) | R::HeaderMissing(name) => failure.with("header", json!(name)),
        R::Expired | R::NotYetValid | R::Date(_) => {
            failure.with("server_time", json!(time::rfc3339(ctx.now)))
        }
        _ => failure,
    }
}

fn sentence(refusal: &sigv4::Refusal) -> String {
    let text = refusal.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
