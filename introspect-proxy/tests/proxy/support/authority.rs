//! An authorization server that can be told what to say, to stall, and to fail; it counts introspections.
//! It refuses callers without the right secret.

mod books;
mod policies;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jose::{Algorithm, KeySet, SigningKey};
use oauth::opaque::{self, OpaqueKind};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// The fake server; clones are the same one.
#[derive(Clone)]
pub struct FakeAuthority {
    pub issuer: String,
    inner: Arc<Inner>,
    count: Arc<AtomicU32>,
}

struct Inner {
    issuer: String,
    key: Mutex<SigningKey>,
    tokens: Mutex<HashMap<String, Value>>,
    events: watch::Sender<Vec<Value>>,
    stalled: watch::Sender<bool>,
    down: AtomicBool,
    calls: AtomicUsize,
    running: AtomicUsize,
    peak: AtomicUsize,
    key_fetches: AtomicUsize,
    polls: AtomicUsize,
    page: AtomicUsize,
    traceparent: Mutex<Option<String>>,
    reports: Mutex<Vec<Value>>,
    reports_lost: AtomicUsize,
    books: books::Books,
    policies: policies::Policies,
}

impl FakeAuthority {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            issuer: issuer.clone(),
            key: Mutex::new(SigningKey::generate(Algorithm::Es256).unwrap()),
            tokens: Mutex::default(),
            events: watch::Sender::new(Vec::new()),
            stalled: watch::Sender::new(false),
            down: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            key_fetches: AtomicUsize::new(0),
            polls: AtomicUsize::new(0),
            page: AtomicUsize::new(usize::MAX),
            traceparent: Mutex::default(),
            reports: Mutex::default(),
            reports_lost: AtomicUsize::new(0),
            books: books::Books::default(),
            policies: policies::Policies::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/oauth2/jwks", get(jwks))
            .route("/oauth2/introspect", post(introspect))
            .route("/revocations", get(revocations))
            .route("/audit/reports", post(reports))
            .merge(books::router())
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            issuer,
            inner,
            count: Arc::new(AtomicU32::new(1)),
        }
    }

    /// The batches of reports that came, also those whose answer was lost.
    pub fn reports(&self) -> Vec<Value> {
        self.inner.reports.lock().unwrap().clone()
    }

    /// The answers to so many batches are lost on the way.
    pub fn lose_answers_to_reports(&self, count: usize) {
        self.inner.reports_lost.store(count, Ordering::SeqCst);
    }

    /// A live opaque token with these members besides the usual ones.
    pub fn opaque(&self, members: &Value) -> String {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        let token = opaque_token(number);
        let mut answer = self.claims(members);
        answer["active"] = json!(true);
        self.inner.tokens.lock().unwrap().insert(token.clone(), answer);
        token
    }

    /// An API key with a JWT inside; the server takes it for live, with these members besides the usual ones.
    pub fn signed_key(&self, id: &str, members: &Value) -> String {
        let mut members = members.clone();
        members["jti"] = json!(id);
        members["key_id"] = json!(id);
        let text = format!("ecloud_{}", self.jwt(&members));
        self.answer(&text, &members);
        text
    }

    /// What the server says of a token from now on.
    pub fn answer(&self, token: &str, members: &Value) {
        let mut answer = self.claims(members);
        answer["active"] = json!(true);
        self.inner.tokens.lock().unwrap().insert(token.to_owned(), answer);
    }

    /// A signed access token with these claims besides the usual ones.
    pub fn jwt(&self, claims: &Value) -> String {
        self.signed("at+jwt", claims)
    }

    pub fn signed(&self, typ: &str, claims: &Value) -> String {
        self.inner
            .key
            .lock()
            .unwrap()
            .sign(typ, &self.claims(claims))
            .unwrap()
    }

    fn claims(&self, more: &Value) -> Value {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        let mut claims = json!({
            "iss": self.issuer, "sub": "usr_alice", "client_id": "shop", "aud": "https://api",
            "scope": "orders:read", "iat": super::NOW, "exp": super::NOW + 600, "jti": format!("tok_{number}"),
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    /// Ends a token and says so in the feed.
    pub fn revoke(&self, kind: &'static str, id: &str) {
        self.inner
            .tokens
            .lock()
            .unwrap()
            .retain(|_, answer| answer["jti"] != id && answer["sid"] != id);
        self.announce(kind, id);
    }

    /// Says in the feed that something happened; ends nothing.
    pub fn announce(&self, kind: &'static str, id: &str) {
        self.announce_many([(kind, id.to_owned())]);
    }

    /// The same of many things at once.
    pub fn announce_many(&self, happened: impl IntoIterator<Item = (&'static str, String)>) {
        self.inner.events.send_modify(|events| {
            for (kind, id) in happened {
                let position = events.len() + 1;
                events.push(json!({
                    "position": position, "kind": kind, "id": id, "issued_before": null, "until": super::NOW + 3600,
                }));
            }
        });
    }

    /// Answers of the feed hold so many events from now on.
    pub fn page(&self, events: usize) {
        self.inner.page.store(events, Ordering::SeqCst);
    }

    /// How often the feed was asked for.
    pub fn polls(&self) -> usize {
        self.inner.polls.load(Ordering::SeqCst)
    }

    /// The feed begins anew, as after a restore from an old copy.
    pub fn lose_history(&self) {
        self.inner.events.send_modify(Vec::clear);
    }

    /// From now on another key signs, and the one before is gone.
    pub fn replace_key(&self) {
        *self.inner.key.lock().unwrap() = SigningKey::generate(Algorithm::Es256).unwrap();
    }

    /// Ends a token, and the feed does not say so.
    pub fn forget(&self, id: &str) {
        let mut tokens = self.inner.tokens.lock().unwrap();
        tokens.retain(|_, answer| answer["jti"] != id);
    }

    /// Waits until no introspection runs.
    pub async fn calls_are_done(&self) {
        super::eventually(|| self.inner.running.load(Ordering::SeqCst) == 0).await;
    }

    pub fn head(&self) -> u64 {
        self.inner.events.borrow().len() as u64
    }

    pub fn calls(&self) -> usize {
        self.inner.calls.load(Ordering::SeqCst)
    }

    /// The most introspections that ever ran at once.
    pub fn peak(&self) -> usize {
        self.inner.peak.load(Ordering::SeqCst)
    }

    /// The trace that the last introspection named.
    pub fn traceparent(&self) -> Option<String> {
        self.inner.traceparent.lock().unwrap().clone()
    }

    pub fn key_fetches(&self) -> usize {
        self.inner.key_fetches.load(Ordering::SeqCst)
    }

    /// Introspections read their answer, then wait.
    pub fn stall(&self, stalled: bool) {
        self.inner.stalled.send_replace(stalled);
    }

    /// Everything answers 500.
    pub fn go_down(&self, down: bool) {
        self.inner.down.store(down, Ordering::SeqCst);
        self.inner.events.send_modify(|_| ());
    }
}

/// An opaque token as our server writes them; live or not is another question.
pub fn opaque_token(number: u32) -> String {
    let mut secret = [7; 32];
    secret[..4].copy_from_slice(&number.to_be_bytes());
    opaque::encode(OpaqueKind::AccessToken, &secret).to_string()
}

type Shared = State<Arc<Inner>>;

impl Inner {
    fn is_down(&self) -> bool {
        self.down.load(Ordering::SeqCst)
    }
}

fn failure() -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn knows(headers: &HeaderMap) -> bool {
    // edge:az-edge-secret-0123
    headers
        .get("authorization")
        .is_some_and(|value| value == "Basic ZWRnZTphei1lZGdlLXNlY3JldC0wMTIz")
}

async fn discovery(State(inner): Shared) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", inner.issuer);
    Json(json!({
        "issuer": inner.issuer, "jwks_uri": at("/oauth2/jwks"), "introspection_endpoint": at("/oauth2/introspect"),
    }))
}

async fn jwks(State(inner): Shared) -> Response {
    inner.key_fetches.fetch_add(1, Ordering::SeqCst);
    if inner.is_down() {
        return failure();
    }
    Json(json!({ "keys": [inner.key.lock().unwrap().public_jwk()] })).into_response()
}

async fn introspect(
    State(inner): Shared,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    // Before the call is counted, so that whoever waits for it knows what it has seen.
    let position = inner.events.borrow().len().to_string();
    inner.calls.fetch_add(1, Ordering::SeqCst);
    let named = headers
        .get("traceparent")
        .map(|value| value.to_str().unwrap().to_owned());
    *inner.traceparent.lock().unwrap() = named;
    if inner.is_down() {
        return failure();
    }
    if !knows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let answer = inner.tokens.lock().unwrap().get(&form["token"]).cloned();
    let running = inner.running.fetch_add(1, Ordering::SeqCst) + 1;
    inner.peak.fetch_max(running, Ordering::SeqCst);
    let mut stalled = inner.stalled.subscribe();
    stalled.wait_for(|stalled| !stalled).await.unwrap();
    inner.running.fetch_sub(1, Ordering::SeqCst);
    (
        [("revocation-position", position)],
        Json(answer.unwrap_or(json!({ "active": false }))),
    )
        .into_response()
}

async fn revocations(
    State(inner): Shared,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, usize>>,
) -> Response {
    if !knows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    inner.polls.fetch_add(1, Ordering::SeqCst);
    let after = query.get("after").copied();
    let mut events = inner.events.subscribe();
    let news = events.wait_for(|events| inner.is_down() || after.is_none_or(|after| events.len() != after));
    let _ = tokio::time::timeout(Duration::from_secs(1), news).await;
    if inner.is_down() {
        return failure();
    }
    let events = inner.events.borrow().clone();
    let from = after.unwrap_or(0).min(events.len());
    let to = from
        .saturating_add(inner.page.load(Ordering::SeqCst))
        .min(events.len());
    let key = inner.key.lock().unwrap().public_jwk();
    let keys = KeySet::from_public_jwks([key]).unwrap().name();
    Json(json!({ "head": to, "events": events[from..to], "more": to < events.len(), "keys": keys }))
        .into_response()
}

async fn reports(State(inner): State<Arc<Inner>>, headers: HeaderMap, Json(batch): Json<Value>) -> Response {
    if !headers.contains_key("authorization") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    inner.reports.lock().unwrap().push(batch);
    let lost = &inner.reports_lost;
    let one_less = |left: usize| left.checked_sub(1);
    match lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
        Ok(_) => StatusCode::BAD_GATEWAY.into_response(),
        Err(_) => Json(json!({"written": 1, "known": 0})).into_response(),
    }
}
