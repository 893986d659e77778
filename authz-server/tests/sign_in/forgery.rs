//! Forms that we did not show to this browser.

use http::StatusCode;

use crate::app::{App, PASSWORD};

const LOGIN: [(&str, &str); 2] = [("username", "ada"), ("password", PASSWORD)];

/// S03: nothing happens without a token, with somebody else's, or with one for another form.
#[tokio::test]
async fn a_form_without_its_token_has_no_effect() {
    let app = App::new().await;
    app.browser().register("ada").await;
    let hashes = app.authority.hasher.figures().done;
    let (foreign, other_form) = {
        let mut mallory = app.browser();
        (
            mallory.get("/login").await.csrf(),
            mallory.get("/register").await.csrf(),
        )
    };
    let mut victim = app.browser();
    let own_for_register = victim.get("/register").await.csrf();
    for csrf in ["", "x", &foreign, &other_form, &own_for_register] {
        let fields = [LOGIN[0], LOGIN[1], ("csrf", csrf)];
        let answer = victim.post("/login", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{csrf}");
        assert!(answer.has_page("page-error"));
    }
    assert!(!victim.is_signed_in().await);
    assert_eq!(app.authority.hasher.figures().done, hashes);
}

/// S03: a token without the browser it was made for.
#[tokio::test]
async fn a_token_without_its_cookie_has_no_effect() {
    let app = App::new().await;
    app.browser().register("ada").await;
    let csrf = app.browser().get("/login").await.csrf();
    let fields = [LOGIN[0], LOGIN[1], ("csrf", &csrf)];
    assert_eq!(
        app.browser().post("/login", &fields).await.status,
        StatusCode::FORBIDDEN
    );
}

/// S03: what the browser says of where the form comes from.
#[tokio::test]
async fn forms_of_other_origins_have_no_effect() {
    let app = App::new().await;
    app.browser().register("ada").await;
    let own = app.authority.settings.issuer.clone();
    let mut browser = app.browser();
    for headers in [
        vec![("origin", "null")],
        vec![("origin", "https://evil.test")],
        vec![("origin", "http://127.0.0.1:9")],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site"), ("origin", own.as_str())],
    ] {
        let csrf = browser.get("/login").await.csrf();
        let answer = browser
            .post_with("/login", &[LOGIN[0], LOGIN[1], ("csrf", &csrf)], &headers)
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert!(!browser.is_signed_in().await);
    let csrf = browser.get("/login").await.csrf();
    let ours = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    let answer = browser
        .post_with("/login", &[LOGIN[0], LOGIN[1], ("csrf", &csrf)], &ours)
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// S03: other media types are not forms.
#[tokio::test]
async fn other_media_types_get_415() {
    let app = App::new().await;
    app.browser().register("ada").await;
    let mut browser = app.browser();
    let csrf = browser.get("/login").await.csrf();
    let fields = [LOGIN[0], LOGIN[1], ("csrf", csrf.as_str())];
    for kind in [
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let answer = browser
            .post_with("/login", &fields, &[("content-type", kind)])
            .await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    assert!(!browser.is_signed_in().await);
}

/// A field that is sent twice is not read either way.
#[tokio::test]
async fn repeated_fields_are_refused() {
    let app = App::new().await;
    let mut browser = app.browser();
    let csrf = browser.get("/login").await.csrf();
    let fields = [LOGIN[0], ("username", "bob"), LOGIN[1], ("csrf", csrf.as_str())];
    assert_eq!(
        browser.post("/login", &fields).await.status,
        StatusCode::BAD_REQUEST
    );
}
