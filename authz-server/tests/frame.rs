//! What the frame around the handlers does to requests and answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::{sync::Arc, time::Duration};

use authz_server::{
    admin::Metrics,
    config::Config,
    http::{ClientCertificate, Frame},
    listener::{Listener, Peer},
    pages::{self, Brand},
};
use axum::{
    Extension, Form, Router,
    body::{Body, to_bytes},
    routing::{get, post},
};
use http::{Request, Response, StatusCode};
use model::{Ctx, SystemClock, SystemRandom};
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

fn routes() -> Router {
    Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route("/panic", get(panicking))
        .route("/never", get(std::future::pending::<()>))
        .route(
            "/form",
            post(|Form(_): Form<Vec<(String, String)>>| async { "ok" }),
        )
        .route(
            "/who",
            get(|Extension(ctx): Extension<Ctx>| async move { format!("{:?}", ctx.origin.address) }),
        )
        .route("/certificate", get(certificate))
        .merge(pages::asset::router())
}

async fn certificate(shown: Option<Extension<ClientCertificate>>) -> String {
    shown.map_or_else(|| "none".to_owned(), |shown| shown.0.0[0].to_string())
}

async fn panicking() {
    panic!("a fault of the handler");
}

fn app(configure: impl FnOnce(&mut Config)) -> Router {
    let mut config = Config::default();
    configure(&mut config);
    let brand = Arc::new(Brand::new("Test", None, None).unwrap());
    Frame::new(
        &config.server,
        brand,
        Arc::new(SystemClock),
        SystemRandom::shared(),
        None,
    )
    .around(routes())
}

async fn ask(request: http::request::Builder, body: impl Into<Body>) -> Response<Body> {
    app(|_| {})
        .oneshot(request.body(body.into()).unwrap())
        .await
        .unwrap()
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

async fn problem(response: Response<Body>) -> (StatusCode, String) {
    let status = response.status();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(
        (&body["request_id"], &body["status"]),
        (&Value::from(id), &Value::from(status.as_u16()))
    );
    (status, body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_request_keeps_its_own_sane_id_and_gets_one_otherwise() {
    let kept = ask(Request::get("/hello").header("x-request-id", "caller-id-1"), "").await;
    assert_eq!(kept.headers()["x-request-id"], "caller-id-1");
    let made = ask(Request::get("/hello").header("x-request-id", "<script>"), "").await;
    assert!(
        made.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .starts_with("req_")
    );
}

/// A03
#[tokio::test]
async fn unknown_addresses_and_methods_have_one_shape() {
    assert_eq!(
        problem(ask(Request::get("/nowhere"), "").await).await,
        (StatusCode::NOT_FOUND, "not_found".into())
    );
    let refused = ask(Request::delete("/hello"), "").await;
    assert_eq!(refused.headers()["allow"], "GET,HEAD");
    assert_eq!(
        problem(refused).await,
        (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed".into())
    );
    let asset = ask(Request::get("/assets/none.css"), "").await;
    assert_eq!(problem(asset).await.1, "not_found");
}

#[tokio::test]
async fn browsers_get_a_page_with_the_same_id() {
    let answer = ask(
        Request::get("/nowhere").header("accept", "text/html,*/*;q=0.8"),
        "",
    )
    .await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(
        answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    let page = text(answer).await;
    assert!(page.contains("page-error") && page.contains(&id), "{page}");
}

/// A04
#[tokio::test]
async fn bodies_are_taken_up_to_64_kib_and_not_beyond() {
    let form = || Request::post("/form").header("content-type", "application/x-www-form-urlencoded");
    let body = |bytes: usize| format!("a={}", "x".repeat(bytes - 2));
    assert_eq!(ask(form(), body(65_536)).await.status(), StatusCode::OK);
    assert_eq!(
        problem(ask(form(), body(65_537)).await).await.1,
        "payload_too_large"
    );
    assert_eq!(
        problem(ask(form().header("content-length", "6553600"), "").await)
            .await
            .1,
        "payload_too_large"
    );
    let endless = Body::from_stream(futures::stream::repeat_with(|| {
        Ok::<_, std::io::Error>("x".repeat(1024))
    }));
    assert_eq!(
        problem(ask(form(), endless).await).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

/// A04
#[tokio::test]
async fn compressed_and_foreign_bodies_are_unsupported() {
    let form = || Request::post("/form").header("content-type", "application/x-www-form-urlencoded");
    let zipped = ask(form().header("content-encoding", "gzip"), "a=b").await;
    assert_eq!(
        problem(zipped).await,
        (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type".into()
        )
    );
    let json = ask(
        Request::post("/form").header("content-type", "application/json"),
        "{}",
    )
    .await;
    assert_eq!(problem(json).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn heads_are_bounded_in_every_direction() {
    let long = |bytes: usize| format!("/hello?{}", "x".repeat(bytes - 7));
    assert_eq!(ask(Request::get(long(8192)), "").await.status(), StatusCode::OK);
    assert_eq!(
        problem(ask(Request::get(long(8193)), "").await).await.0,
        StatusCode::URI_TOO_LONG
    );
    let many = |count: usize| {
        (0..count).fold(Request::get("/hello"), |all, at| {
            all.header(format!("x-{at}"), "1")
        })
    };
    assert_eq!(ask(many(100), "").await.status(), StatusCode::OK);
    assert_eq!(problem(ask(many(101), "").await).await.1, "headers_too_large");
    let big = Request::get("/hello").header("x-big", "x".repeat(33_000));
    assert_eq!(problem(ask(big, "").await).await.1, "headers_too_large");
}

/// A05
#[tokio::test]
async fn a_panic_is_an_answer_without_details() {
    let answer = ask(Request::get("/panic"), "").await;
    assert_eq!(
        problem(answer).await,
        (StatusCode::INTERNAL_SERVER_ERROR, "internal_error".into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_ends_is_given_up() {
    let answer = ask(Request::get("/never"), "").await;
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(
        problem(answer).await,
        (StatusCode::SERVICE_UNAVAILABLE, "timeout".into())
    );
}

#[tokio::test]
async fn one_request_too_many_is_told_to_come_back() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let waiting = {
        let (entered, leave) = (entered.clone(), leave.clone());
        move || async move {
            entered.notify_one();
            leave.notified().await;
        }
    };
    let mut config = Config::default();
    config.server.max_in_flight = 1;
    let brand = Arc::new(Brand::new("Test", None, None).unwrap());
    let frame = Frame::new(
        &config.server,
        brand,
        Arc::new(SystemClock),
        SystemRandom::shared(),
        None,
    );
    let app = frame.around(
        Router::new()
            .route("/wait", get(waiting))
            .route("/healthz", get(|| async { "ok" })),
    );
    let get = |path: &str| {
        app.clone()
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
    };

    let first = tokio::spawn(get("/wait"));
    entered.notified().await;
    let second = get("/wait").await.unwrap();
    assert_eq!(second.headers()["retry-after"], "1");
    assert_eq!(
        problem(second).await,
        (StatusCode::SERVICE_UNAVAILABLE, "overloaded".into())
    );
    assert_eq!(get("/healthz").await.unwrap().status(), StatusCode::OK);
    leave.notify_one();
    assert_eq!(first.await.unwrap().unwrap().status(), StatusCode::OK);
}

/// X09: forwarding headers count only from configured peers.
#[tokio::test]
async fn the_client_address_is_the_socket_unless_a_trusted_proxy_says_otherwise() {
    let request = || {
        let peer = Peer {
            address: "10.0.0.1:5000".parse().unwrap(),
            secure: false,
        };
        Request::get("/who")
            .extension(peer)
            .header("x-forwarded-for", "198.51.100.7")
            .body(Body::empty())
            .unwrap()
    };
    let distrusting = app(|_| {}).oneshot(request()).await.unwrap();
    assert_eq!(text(distrusting).await, "Some(10.0.0.1)");
    let trusting = app(|config| config.server.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()]);
    assert_eq!(
        text(trusting.oneshot(request()).await.unwrap()).await,
        "Some(198.51.100.7)"
    );
}

/// A05: on one HTTP/2 connection a panic costs its own request only, and is counted.
#[tokio::test]
async fn the_siblings_of_a_panic_are_answered() {
    let metrics = Metrics::install().unwrap();
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), None)
        .await
        .unwrap();
    let address = listener.address();
    tokio::spawn(listener.serve(app(|_| {}), CancellationToken::new(), Duration::ZERO));
    let client = reqwest::Client::builder()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    let status = async |path: &str| {
        client
            .get(format!("http://{address}{path}"))
            .send()
            .await
            .unwrap()
            .status()
    };
    let siblings = futures::future::join_all((0..100).map(|_| status("/hello")));
    let (panicked, siblings) = tokio::join!(status("/panic"), siblings);
    assert_eq!(panicked, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        siblings.iter().all(|status| *status == StatusCode::OK),
        "{siblings:?}"
    );
    let counted = metrics
        .text()
        .lines()
        .any(|line| line.starts_with("http_panics_total ") && !line.ends_with(" 0"));
    assert!(counted, "{}", metrics.text());
}

/// X09, O25: a proxy names the certificate of its client, and its own is never taken for that.
#[tokio::test]
async fn a_certificate_is_named_by_trusted_proxies_that_are_configured_to() {
    let request = || {
        let peer = Peer {
            address: "10.0.0.1:5000".parse().unwrap(),
            secure: true,
        };
        let request = Request::get("/certificate").extension(peer);
        request.extension(ClientCertificate([7; 32]))
    };
    // The SHA-256 of these three bytes begins with 3.
    let named = || {
        request()
            .header("client-cert", ":AQID:")
            .body(Body::empty())
            .unwrap()
    };
    let bare = || request().body(Body::empty()).unwrap();
    for (trusts, believes, with_header, without) in [
        (false, false, "7", "7"),
        (false, true, "7", "7"),
        (true, false, "none", "none"),
        (true, true, "3", "none"),
    ] {
        let app = app(|config| {
            config.server.client_cert_header = believes;
            if trusts {
                config.server.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
            }
        });
        let answer = app.clone().oneshot(named()).await.unwrap();
        assert_eq!(text(answer).await, with_header, "{trusts} {believes}");
        let answer = app.oneshot(bare()).await.unwrap();
        assert_eq!(text(answer).await, without, "{trusts} {believes}");
    }
}
