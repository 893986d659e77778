//! Client ids that are URLs: what is fetched, how often, and what of it counts.
//! The fetcher is a fake that counts; the real one and its guard have tests beside it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::clients::{ClientDocuments, DocumentError, FetchedDocument};
use domain::federation::Providers;
use http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;

const ID: &str = "https://app.example/client.json";
const CALLBACK: &str = "https://app.example/cb";

#[derive(Clone)]
struct Host {
    document: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl ClientDocuments for Host {
    async fn fetch(&self, _: &str) -> Result<FetchedDocument, DocumentError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let body = self.document.lock().unwrap().to_string().into_bytes();
        Ok(FetchedDocument {
            body,
            max_age: Some(Duration::from_secs(600)),
        })
    }
}

fn document() -> Value {
    json!({"client_id": ID, "client_name": "Fieldnotes", "redirect_uris": [CALLBACK]})
}

async fn world(offered: bool) -> (App, Host) {
    let host = Host {
        document: Arc::new(Mutex::new(document())),
        asked: Arc::default(),
    };
    let fetcher: Arc<dyn ClientDocuments> = Arc::new(host.clone());
    let app = App::with_providers(
        |settings| settings.strangers.documents = offered,
        |_| Providers::default().with_client_documents(fetcher),
    );
    (app.await, host)
}

impl Host {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn says(&self, member: &str, value: Value) {
        let mut changed = document();
        changed[member] = value;
        *self.document.lock().unwrap() = changed;
    }
}

fn authorize(id: &str, callback: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", id),
            ("redirect_uri", callback),
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    format!("/oauth2/authorize?{query}")
}

#[tokio::test]
async fn a_document_is_fetched_once_while_it_is_fresh_and_its_host_is_shown() {
    let (app, host) = world(true).await;
    let mut browser = app.browser();
    browser.register("ada").await;
    for _ in 0..2 {
        let sent = browser.get(&authorize(ID, CALLBACK)).await;
        let page = browser.get(sent.header("location")).await;
        assert!(
            page.has_page("page-consent") && page.body.contains("Fieldnotes"),
            "{}",
            page.body
        );
        let shown = page.body.split("id=\"client-host\"").nth(1).unwrap();
        assert!(shown.split("</p>").next().unwrap().contains("app.example"));
    }
    assert_eq!(host.asked(), 1);
    app.clock.advance(Duration::from_secs(600));
    host.says("redirect_uris", json!(["https://app.example/other"]));
    let refused = browser.get(&authorize(ID, CALLBACK)).await;
    assert_eq!(
        (refused.status, host.asked()),
        (StatusCode::BAD_REQUEST, 2),
        "what it says now counts"
    );
    let told = app.program().get("/.well-known/oauth-authorization-server").await;
    assert_eq!(told.body["client_id_metadata_document_supported"], true);
}

#[tokio::test]
async fn nothing_is_fetched_where_documents_are_not_offered_or_the_id_is_none() {
    let (app, host) = world(false).await;
    assert_eq!(
        app.browser().get(&authorize(ID, CALLBACK)).await.status,
        StatusCode::BAD_REQUEST
    );
    let (app, other) = world(true).await;
    for id in [
        "https://app.example",
        "https://app.example/../c",
        "https://u@app.example/c",
        "http://app.example/c",
    ] {
        assert_eq!(
            app.browser().get(&authorize(id, CALLBACK)).await.status,
            StatusCode::BAD_REQUEST,
            "{id}"
        );
    }
    assert_eq!((host.asked(), other.asked()), (0, 0));
}

/// O39: what a registration would be refused for is no better when it is published; neither is a shared secret.
#[tokio::test]
async fn a_document_that_cannot_be_taken_is_not_asked_for_again_at_once() {
    for (member, value) in [
        ("client_id", json!("https://app.example/another.json")),
        ("redirect_uris", json!(["http://app.example/cb"])),
        ("client_secret", json!("hush")),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("grant_types", json!(["client_credentials"])),
        ("jwks_uri", json!("https://app.example/keys")),
    ] {
        let (app, host) = world(true).await;
        host.says(member, value);
        for _ in 0..3 {
            let page = app.browser().get(&authorize(ID, CALLBACK)).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{member}");
            assert!(page.header("location").is_empty());
        }
        assert_eq!(host.asked(), 1, "{member}");
        assert!(app.authority.find_client(ID).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn one_network_has_so_many_documents_fetched() {
    let (app, host) = world(true).await;
    for number in 0..30 {
        app.browser()
            .get(&authorize(&format!("{ID}{number}"), CALLBACK))
            .await;
    }
    assert_eq!(host.asked(), 20);
}
