//! Plans and use at the fake server: what accounts may use, what was reported, and when that says no more.
//! It refuses reports and questions with a member it does not know, and a key that comes back with another line.

use super::{FakeAuthority, Inner, failure, knows, policies};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

#[derive(Default)]
pub struct Books {
    plans: Mutex<HashMap<(String, String), Option<u64>>>,
    used: Mutex<HashMap<(String, String), u64>>,
    lines: Mutex<HashMap<String, Line>>,
    refused: Mutex<HashSet<String>>,
    batches: AtomicUsize,
    answers_lost: AtomicUsize,
    closed: AtomicBool,
    turned_away: AtomicBool,
    mute: AtomicBool,
    questions: AtomicUsize,
    held: watch::Sender<bool>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Line {
    account_id: String,
    metric: String,
    quantity: u64,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reports {
    reports: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub token: String,
    pub entitlement: Option<String>,
    pub action: Option<String>,
    pub resource: Option<String>,
    pub context: Option<String>,
    address: String,
}

type Shared = State<Arc<Inner>>;

pub(super) fn router() -> Router<Arc<Inner>> {
    Router::new()
        .route("/check", post(check))
        .route("/usage/reports", post(take))
}

impl FakeAuthority {
    /// The account has a plan with so much of a feature from now on, and everybody hears of it.
    pub fn plan(&self, account: &str, feature: &str, limit: Option<u64>) {
        let of = (account.to_owned(), feature.to_owned());
        self.inner.books.plans.lock().unwrap().insert(of, limit);
        self.inner.facts_changed(account);
    }

    /// The same, and nobody hears of it.
    pub fn limit(&self, account: &str, feature: &str, limit: u64) {
        let of = (account.to_owned(), feature.to_owned());
        self.inner.books.plans.lock().unwrap().insert(of, Some(limit));
    }

    /// What is on the books.
    pub fn used(&self, account: &str, metric: &str) -> u64 {
        let of = (account.to_owned(), metric.to_owned());
        self.inner
            .books
            .used
            .lock()
            .unwrap()
            .get(&of)
            .copied()
            .unwrap_or(0)
    }

    /// Others used so much, and nobody hears of it.
    pub fn used_elsewhere(&self, account: &str, metric: &str, quantity: u64) {
        let of = (account.to_owned(), metric.to_owned());
        *self.inner.books.used.lock().unwrap().entry(of).or_default() += quantity;
    }

    /// How many lines are on the books.
    pub fn lines(&self) -> usize {
        self.inner.books.lines.lock().unwrap().len()
    }

    /// Batches that came, also such whose answer was lost.
    pub fn batches(&self) -> usize {
        self.inner.books.batches.load(Ordering::SeqCst)
    }

    /// Questions about entitlements that came.
    pub fn questions(&self) -> usize {
        self.inner.books.questions.load(Ordering::SeqCst)
    }

    /// Questions are answered 503; all else goes on.
    pub fn answer_no_questions(&self, mute: bool) {
        self.inner.books.mute.store(mute, Ordering::SeqCst);
    }

    /// The account has no plan with this feature any more.
    pub fn no_plan(&self, account: &str, feature: &str) {
        let of = (account.to_owned(), feature.to_owned());
        self.inner.books.plans.lock().unwrap().remove(&of);
        self.inner.facts_changed(account);
    }

    /// Something is said of the account.
    pub fn word_about(&self, account: &str) {
        self.inner.facts_changed(account);
    }

    /// The answers to so many batches are lost on the way.
    pub fn lose_answers_to_use(&self, count: usize) {
        self.inner.books.answers_lost.store(count, Ordering::SeqCst);
    }

    /// Reports of use are answered 503; all else goes on.
    pub fn close_books(&self, closed: bool) {
        self.inner.books.closed.store(closed, Ordering::SeqCst);
    }

    /// Reports are answered 400, whatever is in them; all else goes on.
    pub fn turn_reporters_away(&self, away: bool) {
        self.inner.books.turned_away.store(away, Ordering::SeqCst);
    }

    /// Reports with a line of this account are refused.
    pub fn refuse_use_of(&self, account: &str) {
        self.inner
            .books
            .refused
            .lock()
            .unwrap()
            .insert(account.to_owned());
    }

    /// Questions about entitlements read their answer, then wait.
    pub fn hold_entitlements(&self, held: bool) {
        self.inner.books.held.send_replace(held);
    }
}

impl Inner {
    /// Nothing dies; what is remembered of the account is read anew.
    fn facts_changed(&self, account: &str) {
        self.tell(&[("account", account)]);
    }

    /// Nothing dies; what is remembered of these is read anew.
    pub(super) fn tell(&self, whom: &[(&str, &str)]) {
        self.events.send_modify(|events| {
            for (kind, id) in whom {
                events.push(json!({
                    "position": events.len() + 1, "kind": kind, "id": id, "issued_before": 0,
                    "until": crate::support::NOW + 3600,
                }));
            }
        });
    }

    /// What a token says, `None` when it is dead.
    pub(super) fn claims_of(&self, token: &str) -> Option<Value> {
        let known = self.tokens.lock().unwrap().get(token).cloned();
        known.or_else(|| {
            let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
            serde_json::from_slice(&payload).ok()
        })
    }

    fn entitlement(&self, account: &str, feature: &str) -> Value {
        let of = (account.to_owned(), feature.to_owned());
        let Some(limit) = self.books.plans.lock().unwrap().get(&of).copied() else {
            return json!({
                "feature": feature, "granted": false, "limit": null, "used": null, "remaining": null,
                "included": null, "resets_at": null, "reason": "not_in_plan",
                "upgrade_url": "https://id.example/account/billing",
            });
        };
        let used = self.books.used.lock().unwrap().get(&of).copied().unwrap_or(0);
        let remaining = limit.map(|limit| limit.saturating_sub(used));
        let mut said = json!({
            "feature": feature, "granted": remaining != Some(0), "limit": limit, "used": used,
            "remaining": remaining, "included": null, "resets_at": "2027-02-01T00:00:00Z",
        });
        if remaining == Some(0) {
            said["reason"] = json!("limit_reached");
            said["upgrade_url"] = json!("https://id.example/account/billing");
        }
        said
    }

    fn is_exhausted(&self, (account, metric): &(String, String)) -> bool {
        self.entitlement(account, metric)["granted"] == false
    }

    fn refuses(&self, line: &Line) -> bool {
        let known = self.books.lines.lock().unwrap().get(&line.key).cloned();
        let odd = line.quantity == 0 || !(8..=80).contains(&line.key.len()) || line.account_id.is_empty();
        let other = known.is_some_and(|known| known != *line);
        assert!(!other, "a key came back with another line: {line:?}");
        odd || self.books.refused.lock().unwrap().contains(&line.account_id)
    }

    fn book(&self, line: Line) {
        let of = (line.account_id.clone(), line.metric.clone());
        let before = self.is_exhausted(&of);
        let quantity = line.quantity;
        let known = self.books.lines.lock().unwrap().insert(line.key.clone(), line);
        if known.is_some() {
            return;
        }
        *self.books.used.lock().unwrap().entry(of.clone()).or_default() += quantity;
        if !before && self.is_exhausted(&of) {
            self.facts_changed(&of.0);
        }
    }
}

async fn check(State(inner): Shared, headers: HeaderMap, Form(asked): Form<Question>) -> Response {
    let position = inner.events.borrow().len().to_string();
    inner.books.questions.fetch_add(1, Ordering::SeqCst);
    if inner.is_down() || inner.books.mute.load(Ordering::SeqCst) {
        return failure();
    }
    if !knows(&headers) || asked.address.parse::<std::net::IpAddr>().is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let claims = inner.claims_of(&asked.token);
    let account = claims.as_ref().map(|claims| claims["account_id"].as_str());
    let body = match (&claims, account, &asked.entitlement) {
        (None, ..) => json!({ "active": false, "allowed": false, "reason": "inactive" }),
        (Some(claims), _, None) => policies::ruling(&inner, claims, &asked),
        (_, None | Some(None), Some(_)) => {
            json!({ "active": true, "allowed": false, "reason": "no_principal" })
        }
        (_, Some(Some(account)), Some(feature)) => {
            let entitlement = inner.entitlement(account, feature);
            json!({
                "active": true, "allowed": entitlement["granted"], "reason": "allowed", "account_id": account,
                "entitlement": entitlement, "valid_for": 60,
            })
        }
    };
    let mut held = inner.books.held.subscribe();
    held.wait_for(|held| !held).await.unwrap();
    ([("revocation-position", position)], Json(body)).into_response()
}

async fn take(State(inner): Shared, headers: HeaderMap, Json(batch): Json<Reports>) -> Response {
    if !knows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if inner.is_down() || inner.books.closed.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    inner.books.batches.fetch_add(1, Ordering::SeqCst);
    if inner.books.turned_away.load(Ordering::SeqCst) {
        let body = json!({ "error": "unauthorized_client" });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    if batch.reports.is_empty() || batch.reports.len() > 500 {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let wrong = batch.reports.iter().enumerate();
    let wrong = wrong.filter(|(_, line)| inner.refuses(line));
    let errors: Vec<Value> = wrong
        .map(|(index, _)| json!({ "index": index, "member": "account_id" }))
        .collect();
    if !errors.is_empty() {
        let body = json!({ "error": "invalid_request", "errors": errors });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    let count = batch.reports.len();
    batch.reports.into_iter().for_each(|line| inner.book(line));
    let one_less = |left: usize| left.checked_sub(1);
    let lost = &inner.books.answers_lost;
    match lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
        Ok(_) => StatusCode::BAD_GATEWAY.into_response(),
        Err(_) => Json(json!({ "written": count, "known": 0 })).into_response(),
    }
}
