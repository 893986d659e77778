//! `/login` and `/`.

use http::{StatusCode, header};

use crate::app::{App, Browser, PASSWORD};

/// O38, S02
#[tokio::test]
async fn success_redirects_with_303_and_a_fenced_cookie() {
    let app = App::with(|settings| settings.issuer = "https://id.example.org".to_owned()).await;
    app.browser().register("ada").await;
    let mut browser = app.browser();
    let answer = browser.log_in("ada", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header(header::LOCATION), "/");
    assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let cookie = answer.header(header::SET_COOKIE);
    assert!(cookie.starts_with("__Host-session=az_sk_"));
    for attribute in ["; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{attribute}");
    }
    assert!(!cookie.to_lowercase().contains("domain"));
    assert!(browser.is_signed_in().await);
}

/// S02: on plain loopback the cookies can't have the prefix, but keep the rest.
#[tokio::test]
async fn on_loopback_the_cookies_work_without_https() {
    let app = App::new().await;
    let mut browser = app.browser();
    browser.register("ada").await;
    assert!(browser.cookies.contains_key("session") && browser.cookies.contains_key("browser"));
    assert!(browser.is_signed_in().await);
}

/// S01: a session known to an attacker before the login is dead after it, and a made-up one is never adopted.
#[tokio::test]
async fn a_planted_session_is_not_adopted() {
    let app = App::new().await;
    let mut attacker = app.browser();
    attacker.register("mallory").await;
    app.browser().register("ada").await;
    let mut victim = app.browser();
    victim
        .cookies
        .insert("session".to_owned(), attacker.cookies["session"].clone());
    victim.log_in("ada", PASSWORD).await;
    assert_ne!(victim.cookies["session"], attacker.cookies["session"]);
    assert!(victim.is_signed_in().await);
    assert!(!attacker.is_signed_in().await);
}

/// L01: but for the nonce, the answers are the same byte for byte.
#[tokio::test]
async fn unknown_users_and_wrong_passwords_get_one_page() {
    let app = App::new().await;
    app.browser().register("ada").await;
    let mut browser = app.browser();
    let known = browser.log_in("ada", "wrong").await;
    let unknown = browser.log_in("eva", "wrong").await;
    assert_eq!(
        (known.status, unknown.status),
        (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED)
    );
    let redact = |body: &str| {
        let (_, rest) = body.split_once("nonce=\"").unwrap();
        body.replace(rest.split_once('"').unwrap().0, "N")
            .replace("ada", "eva")
    };
    assert_eq!(redact(&known.body), redact(&unknown.body));
    let names = |headers: &http::HeaderMap| headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&known.headers), names(&unknown.headers));
}

#[tokio::test]
async fn a_refused_login_keeps_the_name_and_not_the_password() {
    let app = App::new().await;
    let answer = app.browser().log_in("ada@example.org", "canary-password").await;
    assert!(answer.has_page("page-login"));
    assert!(answer.body.contains("value=\"ada@example.org\""));
    assert!(!answer.body.contains("canary-password"));
}

/// L02
#[tokio::test]
async fn too_many_attempts_are_told_when_to_come_back() {
    let app = App::new().await;
    let mut browser = app.browser();
    for _ in 0..10 {
        assert_eq!(
            browser.log_in("ada", "wrong").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let answer = browser.log_in("ada", "wrong").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header(header::RETRY_AFTER), "30");
    assert!(answer.has_page("page-login"));
}

/// L05: what the hashing threads can't take is told to come back, and nobody hangs.
#[tokio::test]
async fn surplus_logins_get_503_with_retry_after() {
    let app = App::with(|settings| {
        settings.passwords.memory_kib = 19_456;
        settings.passwords.passes = 12;
        settings.passwords.queue = 1;
    })
    .await;
    let mut browsers: Vec<Browser> = (1..=12)
        .map(|n| app.browser_at(&format!("192.0.2.{n}")))
        .collect();
    let attempts = browsers
        .iter_mut()
        .enumerate()
        .map(|(n, browser)| async move { browser.log_in(&format!("user{n}"), "wrong").await });
    let answers = futures::future::join_all(attempts).await;
    let (busy, judged): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.status == StatusCode::SERVICE_UNAVAILABLE);
    assert!(!busy.is_empty() && !judged.is_empty());
    assert!(
        busy.iter()
            .all(|answer| answer.header(header::RETRY_AFTER) == "1")
    );
    assert!(
        judged
            .iter()
            .all(|answer| answer.status == StatusCode::UNAUTHORIZED)
    );
    assert_eq!(app.authority.hasher.figures().most, 1);
}

/// O05
#[tokio::test]
async fn no_parameter_leads_off_the_server() {
    let app = App::new().await;
    app.browser().register("ada").await;
    for evil in [
        "//evil.test",
        "/\\evil.test",
        "https:evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
    ] {
        let fields = [
            ("username", "ada"),
            ("password", PASSWORD),
            ("flow", evil),
            ("next", evil),
            ("return_to", evil),
        ];
        let answer = app.browser().fill("/login", &fields).await;
        assert_eq!(
            (answer.status, answer.header(header::LOCATION)),
            (StatusCode::SEE_OTHER, "/"),
            "{evil}"
        );
    }
}

#[tokio::test]
async fn a_flow_is_carried_on_and_can_be_cancelled() {
    let app = App::new().await;
    app.browser().register("ada").await;
    let fields = [("username", "ada"), ("password", PASSWORD), ("flow", "AbC-_9")];
    let answer = app.browser().fill("/login?flow=AbC-_9", &fields).await;
    assert_eq!(
        answer.header(header::LOCATION),
        "/oauth2/authorize/resume?flow=AbC-_9"
    );
    let mut browser = app.browser();
    let answer = browser
        .fill("/login", &[("decision", "cancel"), ("flow", "AbC-_9")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header(header::LOCATION),
        "/oauth2/authorize/cancel?flow=AbC-_9"
    );
    assert!(!browser.is_signed_in().await);
}

/// Several tabs: a form stays good after another tab has signed in.
#[tokio::test]
async fn two_tabs_can_both_sign_in() {
    let app = App::new().await;
    app.browser().register("ada").await;
    let mut browser = app.browser();
    let (one, other) = (
        browser.get("/login").await.csrf(),
        browser.get("/login").await.csrf(),
    );
    for csrf in [one, other] {
        let fields = [("username", "ada"), ("password", PASSWORD), ("csrf", &csrf)];
        assert_eq!(
            browser.post("/login", &fields).await.status,
            StatusCode::SEE_OTHER
        );
    }
    assert!(browser.is_signed_in().await);
}

/// S03: GET changes nothing, whatever is in the query.
#[tokio::test]
async fn credentials_in_the_address_sign_nobody_in() {
    let app = App::new().await;
    app.browser().register("ada").await;
    let mut browser = app.browser();
    browser
        .get("/login?username=ada&password=vexing+plum+orbit&decision=login")
        .await;
    assert!(!browser.is_signed_in().await);
    assert_eq!(app.authority.hasher.figures().done, 2);
}

/// S04
#[tokio::test]
async fn a_name_with_markup_is_shown_as_text() {
    let app = App::new().await;
    let mut browser = app.browser();
    let fields = [
        ("username", "ada"),
        ("email", "ada@example.org"),
        ("name", "<script>alert(1)</script>\"'><img src=x>"),
        ("password", PASSWORD),
    ];
    assert_eq!(
        browser.fill("/register", &fields).await.status,
        StatusCode::SEE_OTHER
    );
    let home = browser.get("/").await;
    assert!(!home.body.contains("<script>alert") && !home.body.contains("<img src=x>"));
    assert!(home.body.contains("alert(1)"));
    let policy = home.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"));
}
