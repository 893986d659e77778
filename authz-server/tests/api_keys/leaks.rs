//! Reports of leaked keys, signed by a local reporter.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authz_server::app::AppState;
use authz_server::endpoints::leaked_keys;
use authz_server::http::rate_limit::KeyLimits;
use authz_server::outbound::LeakReporters;
use authz_server::outbound::federation::Outside;
use authz_server::pages::Brand;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, StatusCode};
use model::Clock;
use model::api_key::KeyKind;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::app::App;
use crate::key;

const NAME: &str = "bcb53661c06b4728e59d897fb6165d5c9cda0fd9";
const HEADER: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

/// Signs reports, and serves its key.
struct Reporter {
    key: EcdsaKeyPair,
    fetched: Arc<AtomicUsize>,
    doors: Router,
}

impl Reporter {
    async fn trusted_by(app: &App) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let mut der: Vec<u8> = (0..HEADER.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&HEADER[at..at + 2], 16).unwrap())
            .collect();
        der.extend(key.public_key().as_ref());
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der)
        );
        let document = json!({"public_keys": [{"key_identifier": NAME, "key": pem, "is_current": true}]});
        let fetched = Arc::new(AtomicUsize::new(0));
        let count = fetched.clone();
        let server = Router::new().route(
            "/keys",
            get(move || async move {
                count.fetch_add(1, Ordering::SeqCst);
                document.to_string()
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, server).await });
        let clock: Arc<dyn Clock> = Arc::new(app.clock.clone());
        let reporters = LeakReporters::new(&url, Outside::new().unwrap(), clock);
        let state = AppState {
            authority: app.authority.clone(),
            brand: Arc::new(Brand::new("Lighthouse", None, None).unwrap()),
            https: false,
            key_limits: KeyLimits::default(),
            printer: Arc::default(),
        };
        let doors = leaked_keys::router(Some(reporters)).with_state(state);
        Self { key, fetched, doors }
    }

    fn sign(&self, body: &str) -> String {
        let signature = self.key.sign(&SystemRandom::new(), body.as_bytes()).unwrap();
        STANDARD.encode(signature.as_ref())
    }

    async fn send(&self, app: &App, body: &str, (name, signature): (&str, &str)) -> (StatusCode, String) {
        let request = Request::post("/leaked-keys")
            .header("Github-Public-Key-Identifier", name)
            .header("Github-Public-Key-Signature", signature)
            .extension(app.ctx())
            .body(Body::from(body.to_owned()));
        let answer = self.doors.clone().oneshot(request.unwrap()).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

#[tokio::test]
async fn a_reported_key_dies_and_others_are_told_apart() {
    let app = App::new().await;
    let (_, made, text) = key(&app, KeyKind::Api, "databases:read").await;
    let reporter = Reporter::trusted_by(&app).await;
    let body = json!([
        {"token": text.expose(), "type": "api_key", "url": "https://forge.example/x", "source": "content"},
        {"token": "ch_live_nothing", "type": "api_key", "url": null},
    ]);
    let body = body.to_string();
    let (status, answer) = reporter.send(&app, &body, (NAME, &reporter.sign(&body))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let verdicts: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        (&verdicts[0]["label"], &verdicts[1]["label"]),
        (&json!("true_positive"), &json!("false_positive"))
    );
    assert_eq!(
        verdicts[0]["token_hash"],
        STANDARD.encode(text.digest().as_bytes())
    );
    assert_eq!(verdicts[0]["token_type"], "api_key");
    assert!(!answer.contains(text.expose()));
    let stands = app
        .authority
        .api_key_stands(&app.ctx(), &made.id.to_string())
        .await;
    assert!(!stands.unwrap());
}

/// Nothing is looked at that a trusted reporter has not signed, and strangers cause one fetch a minute.
#[tokio::test]
async fn a_report_by_a_stranger_does_nothing() {
    let app = App::new().await;
    let (_, made, text) = key(&app, KeyKind::Api, "databases:read").await;
    let reporter = Reporter::trusted_by(&app).await;
    let body = json!([{"token": text.expose(), "type": "api_key"}]).to_string();
    let good = reporter.sign(&body);
    let other = reporter.sign(&format!("{body} "));
    for (name, signature) in [
        (NAME, other.as_str()),
        (NAME, "AAAA"),
        (NAME, "!"),
        ("unknown", &good),
        ("more", &good),
    ] {
        let (status, _) = reporter.send(&app, &body, (name, signature)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{name}");
    }
    assert_eq!(reporter.fetched.load(Ordering::SeqCst), 1);
    let stands = app
        .authority
        .api_key_stands(&app.ctx(), &made.id.to_string())
        .await;
    assert!(stands.unwrap());
    let (status, _) = reporter.send(&app, "{", (NAME, &reporter.sign("{"))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
