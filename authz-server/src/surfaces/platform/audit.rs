//! `GET /auth/audit-logs` and its export: what was done in the caller's account.
//! Refuses other accounts, whatever the filters say, and cursors that are not ours.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, OriginalUri, Query, State};
use axum::response::{IntoResponse as _, Response};
use domain::Authority;
use domain::audit::{AuditFilter, Before, Export, MOST_LISTED, Span};
use futures::stream;
use http::{HeaderValue, StatusCode, Uri, header};
use model::audit::Entry;
use model::{Ctx, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::{Failure, time};

const LONGEST_TEXT: usize = 200;
/// The log of the account that is acted in.
const RESOURCE: &str = "audit:log";

/// A request that changed something, or tried to.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::AuditEntry)]
pub struct EntryBody {
    id: String,
    /// Its number in the account's log; none is left out.
    #[schema(example = 42)]
    seq: i64,
    /// When it was answered.
    #[schema(example = "2026-11-21T18:00:00Z")]
    at: String,
    /// The id of who has acted; none for strangers.
    #[schema(example = "usr_01h2xcejqtf2nbrexx3vqjhp41")]
    actor: Option<String>,
    /// What they are called.
    #[schema(example = "Ada Lovelace")]
    actor_name: Option<String>,
    /// `user`, `iam`, `client`, `anonymous`, …
    #[schema(example = "user")]
    actor_type: String,
    /// The part of the server that it came to, or the route of a proxy.
    #[schema(example = "iam")]
    service: String,
    /// Of the request.
    #[schema(example = "POST")]
    method: String,
    /// Without a query.
    #[schema(example = "/auth/iam/users")]
    path: String,
    /// As it was answered; 499 when the caller did not wait for that.
    #[schema(example = 201)]
    status: u16,
    /// From where it came.
    #[schema(example = "192.0.2.7")]
    ip: Option<String>,
    /// The program that has sent it, as that says.
    #[schema(example = "curl/8.11.0")]
    user_agent: Option<String>,
    /// The name of the request.
    #[schema(example = "req_01h2xcejqtf2nbrexx3vqjhp41")]
    request_id: Option<String>,
    /// What it was about.
    #[schema(example = "ses_01h2xcejqtf2nbrexx3vqjhp41")]
    resource: Option<String>,
    /// What happened; none once the personal parts were erased.
    #[schema(value_type = Object, example = json!({"events": [{"action": "session.started"}]}))]
    details: Option<Value>,
    /// The hash that the next entry is bound to.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    hash: String,
}

impl From<Entry> for EntryBody {
    fn from(entry: Entry) -> Self {
        let (mut actor_name, mut ip, mut user_agent, mut details) = (None, None, None, None);
        if let Some(personal) = entry.personal {
            (actor_name, ip, user_agent) = (personal.actor_name, personal.ip, personal.user_agent);
            details = Some(personal.details);
        }
        Self {
            id: entry.id,
            seq: entry.seq,
            at: time::rfc3339(entry.at),
            actor: entry.actor,
            actor_name,
            actor_type: entry.actor_type,
            service: entry.service,
            method: entry.method,
            path: entry.path,
            status: entry.status,
            ip,
            user_agent,
            request_id: entry.request_id,
            resource: entry.resource,
            details,
            hash: entry.hash.to_string(),
        }
    }
}

/// As it stands in the query.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Wish {
    service: String,
    method: String,
    q: String,
    actor: String,
    status: Option<String>,
    since: Option<String>,
    until: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

/// The newest entries of the account's audit log.
///
/// Action `audit:List` on `log`. One entry for each request that changed something in the account, or tried to and was refused, newest first. `Link` leads to
/// older ones.
#[utoipa::path(get, path = "/audit-logs", tag = "platform", operation_id = "platform_audit_logs", security(("bearer" = [])),
    params(
        ("service" = Option<String>, Query, description = "The part of the server, or the route of a proxy", example = "iam"),
        ("method" = Option<String>, Query, description = "The method of the request", example = "POST"),
        ("q" = Option<String>, Query, description = "A text somewhere in the entry, in whatever case", example = "users"),
        ("actor" = Option<String>, Query, description = "The id or the name of who has acted", example = "usr_01h2xcejqtf2nbrexx3vqjhp41"),
        ("status" = Option<u16>, Query, description = "The status of the answer", example = 403),
        ("since" = Option<String>, Query, description = "Not before this instant (RFC 3339)", example = "2026-11-01T00:00:00Z"),
        ("until" = Option<String>, Query, description = "Before this instant (RFC 3339)", example = "2026-12-01T00:00:00Z"),
        ("limit" = Option<u16>, Query, description = "How many, at most 200", example = 50),
        ("before" = Option<String>, Query, description = "Where an earlier answer left off, as its `Link` says", example = "AAAAAAAAACo")),
    responses((status = 200, body = Vec<EntryBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    OriginalUri(uri): OriginalUri,
    acting: Acting,
    wish: Result<Query<Wish>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "audit:List", RESOURCE).await?;
    let account = permit.account().as_str();
    let filter = filter(&state.authority, account, read(wish)?)?;
    let page = state.authority.audit_log(&permit, &filter).await?;
    let entries: Vec<EntryBody> = page.entries.into_iter().map(EntryBody::from).collect();
    let mut response = private(StatusCode::OK, &entries);
    if let Some(next) = page.next {
        let cursor = state.authority.audit_cursor(account, next);
        link(&mut response, &uri, &cursor);
    }
    Ok(response)
}

/// The account's audit log as lines, for keeping and verifying elsewhere.
///
/// Action `audit:Export` on `log`. Every entry with its place in the chain, the signed checkpoints, and at the end a signature over all of it. `authz-server audit
/// verify --file` finds whatever is changed in it later. An answer that breaks off has no end and does not verify.
#[utoipa::path(get, path = "/audit-logs/export", tag = "platform", operation_id = "platform_audit_export",
    security(("bearer" = [])),
    params(
        ("since" = Option<String>, Query, description = "Not before this instant (RFC 3339)", example = "2026-11-01T00:00:00Z"),
        ("until" = Option<String>, Query, description = "Before this instant (RFC 3339)", example = "2026-12-01T00:00:00Z")),
    responses((status = 200, content_type = "application/x-ndjson", body = String)))]
pub async fn export(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    wish: Result<Query<Wish>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "audit:Export", RESOURCE).await?;
    let wish = read(wish)?;
    let span = Span {
        since: instant("since", wish.since.as_deref())?,
        until: instant("until", wish.until.as_deref())?,
    };
    let export = state.authority.export_audit_log(&ctx, &permit, span).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit-log.ndjson\"",
        ),
    ];
    Ok((headers, body(export)).into_response())
}

/// A portion is read when the one before it was taken.
fn body(export: Export) -> Body {
    Body::from_stream(stream::try_unfold(export, |mut export| async move {
        match export.next().await {
            Ok(lines) => Ok(lines.map(|lines| (Bytes::from(lines), export))),
            Err(error) => {
                tracing::error!(%error, "an export of the audit log was broken off");
                Err(io::Error::other("broken off"))
            }
        }
    }))
}

fn read(wish: Result<Query<Wish>, axum::extract::rejection::QueryRejection>) -> Result<Wish, Failure> {
    let Query(wish) = wish.map_err(|_| Failure::invalid("The query can't be read."))?;
    Ok(wish)
}

fn filter(authority: &Authority, account: &str, wish: Wish) -> Result<AuditFilter, Failure> {
    let limit = number("limit", wish.limit.as_deref(), 1..=MOST_LISTED)?;
    Ok(AuditFilter {
        service: text("service", wish.service)?,
        method: text("method", wish.method)?.to_ascii_uppercase(),
        q: text("q", wish.q)?,
        actor: text("actor", wish.actor)?,
        status: number("status", wish.status.as_deref(), 100..=599)?,
        since: instant("since", wish.since.as_deref())?,
        until: instant("until", wish.until.as_deref())?,
        before: cursor(authority, account, wish.before.as_deref())?,
        limit: limit.unwrap_or(MOST_LISTED),
    })
}

fn text(name: &str, text: String) -> Result<String, Failure> {
    let usable = text.chars().count() <= LONGEST_TEXT && !text.chars().any(char::is_control);
    match usable {
        true => Ok(text),
        false => Err(Failure::invalid_field(
            name,
            format!("must be a text of at most {LONGEST_TEXT} characters without control characters"),
        )),
    }
}

fn number(
    name: &str,
    text: Option<&str>,
    range: std::ops::RangeInclusive<u16>,
) -> Result<Option<u16>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let number = text.parse().ok().filter(|number| range.contains(number));
    let (first, last) = range.into_inner();
    let refused = || Failure::invalid_field(name, format!("must be a number from {first} to {last}"));
    number.map(Some).ok_or_else(refused)
}

fn instant(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let parsed: Option<jiff::Timestamp> = text.parse().ok();
    let refused = || Failure::invalid_field(name, "must be an instant such as 2026-11-21T18:00:00Z");
    let at = parsed.ok_or_else(refused)?;
    Ok(Some(Timestamp::from_micros(at.as_microsecond())))
}

/// T06
fn cursor(authority: &Authority, account: &str, text: Option<&str>) -> Result<Option<Before>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let read = authority.read_audit_cursor(account, text);
    read.map(Some)
        .ok_or_else(|| Failure::invalid_field("before", "is not what an answer about this account has given"))
}

/// RFC 8288
fn link(response: &mut Response, uri: &Uri, cursor: &str) {
    let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let others = pairs.filter(|(name, _)| name != "before");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("before", cursor)
        .finish();
    let target = format!("<{}?{query}>; rel=\"next\"", uri.path());
    if let Ok(target) = HeaderValue::from_str(&target) {
        response.headers_mut().insert(header::LINK, target);
    }
}
