//! What strangers try at the endpoints and the consent page.

use domain::clients::NewClient;
use http::{Method, StatusCode};
use model::client::ClientSettings;
use oauth::client_auth::ClientAuthMethod;
use oauth::redirect_uri::ApplicationType;
use oauth::scope::ScopeSet;

use crate::app::{Answer, PASSWORD};
use crate::suite::{BYE, CALLBACK, Mode, Suite};

const CHALLENGE: (&str, &str) = ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");

async fn create_native(suite: &Suite) {
    let settings = ClientSettings {
        auth_method: ClientAuthMethod::None,
        application_type: ApplicationType::Native,
        redirect_uris: vec!["http://127.0.0.1/cb".to_owned()],
        scopes: ScopeSet::parse("openid").unwrap(),
        ..ClientSettings::default()
    };
    let new = NewClient {
        id: "desktop".parse().unwrap(),
        name: "Desktop".to_owned(),
        settings,
    };
    let app = &suite.app;
    app.authority.create_client(&app.ctx(), new).await.unwrap();
}

async fn ask_from(suite: &mut Suite, client: &str, redirect_uri: &str) -> Answer {
    let query = suite.query(&[
        ("client_id", client),
        ("redirect_uri", redirect_uri),
        CHALLENGE,
        ("code_challenge_method", "S256"),
    ]);
    suite.browser.get(&format!("/oauth2/authorize?{query}")).await
}

/// O02: the port is free for a native client on the loopback, and nothing else is.
#[tokio::test]
async fn a_native_client_may_choose_its_port_and_nothing_else() {
    let mut suite = Suite::start(Mode::Query).await;
    create_native(&suite).await;
    for port in ["", ":80", ":49152", ":65535"] {
        let uri = format!("http://127.0.0.1{port}/cb");
        let answer = ask_from(&mut suite, "desktop", &uri).await;
        assert!(answer.header("location").starts_with("/login?flow="), "{uri}");
    }
    for uri in [
        "http://localhost:49152/cb",
        "http://[::1]:49152/cb",
        "http://0.0.0.0:49152/cb",
        "http://127.1:49152/cb",
        "http://2130706433:49152/cb",
        "http://127.0.0.1:49152/other",
        "http://127.0.0.1:49152/cb/",
        "http://127.0.0.1:49152/cb?x=1",
        "https://127.0.0.1:49152/cb",
        "http://127.0.0.1:80@evil.test/cb",
        "http://127.0.0.1.evil.test/cb",
        "http://127.0.0.1:65536/cb",
    ] {
        let answer = ask_from(&mut suite, "desktop", uri).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{uri}");
        assert!(
            answer.has_page("page-error") && answer.header("location").is_empty(),
            "{uri}"
        );
    }
    let web = ask_from(&mut suite, "one", "https://rp.example:444/cb").await;
    assert!(web.has_page("page-error") && web.header("location").is_empty());
}

/// O05: after logout nobody is sent where the client has not said.
#[tokio::test]
async fn logout_sends_nobody_to_a_place_that_is_not_registered() {
    let mut suite = Suite::start(Mode::Query).await;
    let (tokens, _) = suite.tokens(&[]).await;
    let hint = tokens["id_token"].as_str().unwrap();
    for evil in [
        "//evil.test",
        "/\\evil.test",
        "https:evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://rp.example/bye",
        "https://rp.example/bye/",
        "https://rp.example/BYE",
        "https://rp.example:444/bye",
        "https://rp.example@evil.test/bye",
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("id_token_hint", hint), ("post_logout_redirect_uri", evil)])
            .finish();
        let answer = suite.browser.get(&format!("/oauth2/logout?{query}")).await;
        assert!(
            answer.header("location").is_empty(),
            "{evil}: {}",
            answer.header("location")
        );
        assert!(answer.has_page("page-error"), "{evil}: {}", answer.status);
        assert!(!answer.body.contains("evil.test\""), "{evil}");
    }
    assert!(suite.browser.is_signed_in().await);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("id_token_hint", hint), ("post_logout_redirect_uri", BYE)])
        .finish();
    let answer = suite.browser.get(&format!("/oauth2/logout?{query}")).await;
    assert_eq!(answer.header("location"), BYE);
}

/// The consent page that a person who has signed in is shown.
async fn consent_page(suite: &mut Suite) -> Answer {
    let query = suite.query(&[("scope", "openid email")]);
    let answer = suite.browser.get(&format!("/oauth2/authorize?{query}")).await;
    let login = suite.browser.get(answer.header("location")).await;
    let fields = [("username", "ada"), ("password", PASSWORD)];
    let mut answer = suite.press(&login, "/login", &fields).await;
    while answer.status == StatusCode::SEE_OTHER {
        answer = suite.browser.get(answer.header("location")).await;
    }
    assert!(answer.has_page("page-consent"));
    answer
}

/// O28
#[tokio::test]
async fn consent_is_given_only_by_the_form_that_was_shown_and_once() {
    let mut suite = Suite::start(Mode::Query).await;
    let page = consent_page(&mut suite).await;
    let flow = crate::suite::hidden(&page.body, "flow").unwrap();
    let csrf = page.csrf();
    let mut other = suite.app.browser();
    other.register("eve").await;
    let foreign = other.get("/").await.csrf();
    for token in ["", "x", foreign.as_str()] {
        let fields = [("flow", flow.as_str()), ("csrf", token), ("decision", "approve")];
        let answer = suite.browser.post("/consent", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{token}");
    }
    let fields = [
        ("flow", flow.as_str()),
        ("csrf", csrf.as_str()),
        ("decision", "approve"),
        ("scope", "openid email phone address"),
    ];
    // The right token in another person's browser.
    assert_eq!(
        other.post("/consent", &fields).await.status,
        StatusCode::FORBIDDEN
    );
    let cross = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")];
    let answer = suite.browser.post_with("/consent", &fields, &cross).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let by_get = format!("/consent?flow={flow}&csrf={csrf}&decision=approve");
    assert!(suite.browser.get(&by_get).await.has_page("page-consent"));

    let answer = suite.browser.post("/consent", &fields).await;
    assert!(answer.header("location").starts_with(CALLBACK), "{}", answer.body);
    let outcome = suite.go_on(answer).await;
    let again = suite.browser.post("/consent", &fields).await;
    assert!(
        again.has_page("page-error") && again.header("location").is_empty(),
        "{}",
        again.status
    );
    let (_, tokens) = suite.redeem(outcome.code()).await;
    assert_eq!(tokens["scope"], "email openid");
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
}

/// S09: what people's browsers are sent to answers no script of another origin; the rest never with credentials.
#[tokio::test]
async fn no_origin_is_allowed_credentials_and_authorize_answers_no_script() {
    let suite = Suite::start(Mode::Query).await;
    let mut browser = suite.app.browser();
    let paths = [
        "/.well-known/openid-configuration",
        "/oauth2/jwks",
        "/oauth2/userinfo",
        "/oauth2/authorize",
        "/login",
        "/consent",
        "/oauth2/logout",
    ];
    for origin in [
        "null",
        "https://rp.example",
        "https://op.example.evil.test",
        "https://sub.op.example",
    ] {
        for path in paths {
            let answer = browser.get_with(path, &[("origin", origin)]).await;
            let allowed = answer.header("access-control-allow-origin");
            let is_open =
                path.starts_with("/.well-known") || path.ends_with("jwks") || path.ends_with("userinfo");
            assert_eq!(allowed, if is_open { "*" } else { "" }, "{path} {origin}");
            assert_eq!(
                answer.header("access-control-allow-credentials"),
                "",
                "{path} {origin}"
            );
        }
        let preflight = [("origin", origin), ("access-control-request-method", "POST")];
        let answer = browser
            .ask(Method::OPTIONS, "/oauth2/authorize", &preflight)
            .await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert_eq!(answer.header("access-control-allow-methods"), "");
    }
}
