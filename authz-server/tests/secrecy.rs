//! What the server says in its logs while people sign in, at the finest level of every library.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[path = "secrecy/access_keys.rs"]
mod access_keys;
#[path = "app/mod.rs"]
#[expect(dead_code, reason = "these tests use a part of what the application offers")]
mod app;
#[path = "secrecy/endpoints.rs"]
mod endpoints;
#[path = "secrecy/federation.rs"]
mod federation;

use std::io;
use std::sync::{Arc, Mutex};

use app::{App, PASSWORD};
use authz_server::telemetry::InRequest;
use http::StatusCode;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Everything that was logged, by any thread of this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Global, because hashing and the database have threads of their own; so this program has one test only.
    fn begin() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(move || writer.clone());
        tracing_subscriber::registry()
            .with(LevelFilter::TRACE)
            .with(InRequest(lines))
            .init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A02: setting up, registering, failing and succeeding to sign in, with a forged form in between, then every endpoint.
#[tokio::test]
async fn no_secret_of_a_sign_in_or_an_endpoint_is_logged_or_audited() {
    let log = Log::begin();
    let (app, _github) = federation::open().await;
    let mut secrets = signing_in(&app).await;
    let lines = |route: &str| log.text().lines().filter(|line| line.contains(route)).count();
    // The log was on: each request that carried a secret has its line.
    assert_eq!(lines("method=POST route=\"/login\""), 3);
    assert_eq!(lines("method=GET route=\"/setup\""), 1);
    secrets.extend(endpoints::drive(&app).await);
    assert_eq!(lines("method=POST route=\"/oauth2/token\""), 4);
    secrets.extend(federation::drive(&app).await);
    assert_eq!(lines("method=POST route=\"/login/with/{provider}\""), 2);
    secrets.extend(federation::drive_console(&app).await);
    assert_eq!(lines("method=GET route=\"/api/auth/github/add-account\""), 1);
    secrets.extend(access_keys::drive(&app).await);
    assert_eq!(lines("method=POST route=\"/auth/iam/exchange-credentials\""), 4);
    let said = log.text() + &audited(&app).await;
    let kinds = [
        "canary-",
        "$argon2id$",
        "az_sk_",
        "az_ak_",
        "az_ac_",
        "az_at_",
        "az_rt_",
        "az_cs_",
    ];
    for secret in secrets.iter().map(String::as_str).chain(kinds).chain([PASSWORD]) {
        assert!(!secret.is_empty() && !said.contains(secret), "{secret}");
    }
}

/// The audit table as text.
async fn audited(app: &App) -> String {
    let mut reader = app.authority.database.read().await.unwrap();
    let events = storage::audit::list_recent(&mut reader, 1000).await.unwrap();
    assert!(events.len() > 5, "nothing was audited");
    format!("{events:?}")
}

/// Every secret that went over the wire.
async fn signing_in(app: &App) -> Vec<String> {
    let link = app.authority.offer_setup(&app.ctx()).await.unwrap().unwrap();
    let path = format!("/setup?token={}", link.expose());
    let mut admin = app.browser();
    let root = [
        ("username", "root"),
        ("email", "root@example.org"),
        ("password", PASSWORD),
        ("flow", link.expose()),
    ];
    assert_eq!(admin.fill(&path, &root).await.status, StatusCode::SEE_OTHER);
    app.browser().register("ada").await;
    let mut browser = app.browser();
    let csrf = browser.get("/login").await.csrf();
    let forged = [
        ("username", "ada"),
        ("password", "canary-forged"),
        ("csrf", "canary-csrf"),
    ];
    assert_eq!(
        browser.post("/login", &forged).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        browser.log_in("ada", "canary-wrong").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        browser.log_in("ada", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    let cookies = admin.cookies.values().chain(browser.cookies.values());
    let secrets = [link.expose().to_owned(), csrf];
    secrets.into_iter().chain(cookies.cloned()).collect()
}
