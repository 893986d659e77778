//! A JSON body, read into what an operation needs.
//! Refuses other media types, and names the member that is wrong without repeating what it held.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::Failure;
use crate::http::{Problem, wrong_member};

/// The body as `T`. Unknown members are ignored.
pub struct Body<T>(pub T);

/// The same where the document needs no body: none at all is `T::default()`.
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let is_json = is_json(request.headers());
        let bytes = read(request, state).await?;
        if !is_json {
            return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE).into());
        }
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let is_json = is_json(request.headers());
        let bytes = read(request, state).await?;
        match (bytes.is_empty(), is_json) {
            (true, _) => Ok(Self(T::default())),
            (false, true) => parse(&bytes).map(Self),
            (false, false) => Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE).into()),
        }
    }
}

/// The bytes, within the frame's limit.
pub async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    let read = Bytes::from_request(request, state).await;
    read.map_err(|rejection| Problem::of_status(rejection.status()).into())
}

pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
    let Some(Ok(kind)) = kind else { return false };
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.to_ascii_lowercase().ends_with("+json")
}

pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    // An array would be read as the members of an object in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(IgnoredAny) => Failure::invalid("The body must be a JSON object."),
            Err(error) => malformed(&error),
        });
    }
    let mut document = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut document).map_err(|error| explain(&error))?;
    match document.end() {
        Ok(()) => Ok(value),
        Err(_) => Err(Failure::invalid("The body is JSON with something behind it.")),
    }
}

fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let inner = error.inner();
    if inner.classify() != Category::Data {
        return malformed(inner);
    }
    Failure::invalid_fields([wrong_member::named(error)])
}

fn malformed(error: &serde_json::Error) -> Failure {
    let (line, column) = (error.line(), error.column());
    Failure::invalid(format!(
        "The body is not valid JSON (line {line}, column {column})."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[expect(dead_code, reason = "only its reading is tried")]
    struct Wanted {
        email: String,
        count: Option<u32>,
    }

    fn details(body: &str) -> String {
        let failure = parse::<Wanted>(body.as_bytes()).unwrap_err();
        format!(
            "{} {}",
            failure.message(),
            serde_json::to_string(failure.details()).unwrap()
        )
    }

    #[test]
    fn the_wrong_member_is_named_and_its_value_is_not_repeated() {
        assert_eq!(
            details("{}"),
            r#"Please check: email. {"fields":{"email":"is required"}}"#
        );
        let wrong = details(r#"{"email": "a", "count": "hunter2"}"#);
        assert_eq!(
            wrong,
            r#"Please check: count. {"fields":{"count":"must be a whole number, not below zero"}}"#
        );
        assert!(details(r#"{"email": "a", "email": "b"}"#).contains("twice"));
    }

    #[test]
    fn what_is_no_json_object_is_said_to_be_so() {
        assert_eq!(details("[1"), "The body is not valid JSON (line 1, column 2). {}");
        assert_eq!(details("7"), "The body must be a JSON object. {}");
        assert_eq!(details(r#"["a", 1]"#), "The body must be a JSON object. {}");
        assert!(details(r#"{"email": "a"} x"#).contains("behind it"));
    }
}
