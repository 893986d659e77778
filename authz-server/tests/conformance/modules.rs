//! What each module of the plan demands, for both response modes.

use http::StatusCode;
use oauth::pkce::CodeVerifier;
use serde_json::Value;

use crate::suite::{CALLBACK, Mode, Suite};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub async fn server(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let long = "s".repeat(128);
    let outcome = suite.authorize(&[("state", &long)]).await;
    assert_eq!(outcome.get("state"), long, "G2: byte for byte");
    let (status, tokens) = suite.redeem(outcome.code()).await;
    assert_eq!(status, StatusCode::OK);
    let claims = suite.id_token(&tokens, "one").await;
    assert_eq!(claims["nonce"], "the-nonce");
    assert_eq!(suite.userinfo(&tokens).await["sub"], claims["sub"]);
}

pub async fn response_type_missing(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let outcome = suite.authorize(&[("response_type", "")]).await;
    assert!(
        ["unsupported_response_type", "invalid_request"].contains(&outcome.get("error")),
        "{outcome:?}"
    );
    assert_eq!(outcome.get("state"), "the-state");
}

pub async fn idtoken_signature(mode: Mode) {
    // `Suite::tokens` verifies with RS256 alone.
    Suite::start(mode).await.tokens(&[]).await;
}

pub async fn userinfo_get(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let (tokens, claims) = suite.tokens(&[]).await;
    assert_eq!(suite.userinfo(&tokens).await["sub"], claims["sub"]);
}

pub async fn userinfo_post(mode: Mode, in_body: bool) {
    let mut suite = Suite::start(mode).await;
    let (tokens, claims) = suite.tokens(&[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let bearer = format!("Bearer {token}");
    let answer = match in_body {
        true => {
            suite
                .app
                .browser()
                .post("/oauth2/userinfo", &[("access_token", token)])
                .await
        }
        false => {
            suite
                .app
                .browser()
                .post_with("/oauth2/userinfo", &[], &[("authorization", &bearer)])
                .await
        }
    };
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        serde_json::from_str::<Value>(&answer.body).unwrap()["sub"],
        claims["sub"]
    );
}

pub async fn without_nonce(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let (_, claims) = suite.tokens(&[("nonce", "")]).await;
    assert!(claims.get("nonce").is_none());
}

pub async fn scope(mode: Mode, scope: &str, expected: &[&str]) {
    let mut suite = Suite::start(mode).await;
    let (tokens, claims) = suite.tokens(&[("scope", scope)]).await;
    let info = suite.userinfo(&tokens).await;
    for name in expected {
        assert!(!info[*name].is_null(), "{name} is missing: {info}");
        assert!(
            claims.get(*name).is_none(),
            "{name} was not asked for in the ID token"
        );
    }
    for flag in ["email_verified", "phone_number_verified"]
        .iter()
        .filter(|flag| expected.contains(flag))
    {
        assert!(info[*flag].is_boolean());
    }
    assert!(!expected.contains(&"updated_at") || info["updated_at"].is_u64());
    assert!(!expected.contains(&"address") || info["address"].is_object());
    assert_eq!(
        info.as_object().unwrap().len(),
        expected.len() + 1,
        "and nothing else but sub: {info}"
    );
}

pub async fn tolerated(mode: Mode, extra: &[(&str, &str)]) {
    let mut suite = Suite::start(mode).await;
    suite.tokens(extra).await;
}

pub async fn prompt_login(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let (_, first) = suite.tokens(&[]).await;
    suite.pause(2);
    let outcome = suite.authorize(&[("prompt", "login")]).await;
    assert!(outcome.pages.contains(&"page-login"));
    let (_, tokens) = suite.redeem(outcome.code()).await;
    let second = suite.id_token(&tokens, "one").await;
    assert_eq!(first["sub"], second["sub"]);
    assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64());
}

pub async fn prompt_none_not_logged_in(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let outcome = suite.authorize(&[("prompt", "none")]).await;
    assert_eq!(
        (outcome.get("error"), outcome.get("state")),
        ("login_required", "the-state")
    );
    assert!(!outcome.response.contains_key("code") && !outcome.pages.contains(&"page-login"));
}

pub async fn prompt_none_logged_in(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let (_, first) = suite.tokens(&[]).await;
    suite.pause(5);
    let outcome = suite.authorize(&[("prompt", "none")]).await;
    assert!(!outcome.pages.contains(&"page-login") && !outcome.pages.contains(&"page-consent"));
    let (_, tokens) = suite.redeem(outcome.code()).await;
    let second = suite.id_token(&tokens, "one").await;
    assert_eq!(
        (&first["sub"], &first["auth_time"]),
        (&second["sub"], &second["auth_time"])
    );
}

pub async fn max_age(mode: Mode, max_age: &str, asks_again: bool) {
    let mut suite = Suite::start(mode).await;
    let (_, first) = suite.tokens(&[]).await;
    suite.pause(2);
    let outcome = suite.authorize(&[("max_age", max_age)]).await;
    assert_eq!(outcome.pages.contains(&"page-login"), asks_again);
    let (_, tokens) = suite.redeem(outcome.code()).await;
    let second = suite.id_token(&tokens, "one").await;
    assert_eq!(
        second["auth_time"].as_i64() > first["auth_time"].as_i64(),
        asks_again
    );
    assert!(second["auth_time"].is_i64());
}

pub async fn id_token_hint(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let (tokens, first) = suite.tokens(&[]).await;
    let hint = tokens["id_token"].as_str().unwrap().to_owned();
    let (_, second) = suite
        .tokens(&[("prompt", "none"), ("id_token_hint", &hint)])
        .await;
    assert_eq!(first["sub"], second["sub"]);
}

pub async fn acr_values(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let wanted = model::authentication::ACR_VALUES.join(" ");
    let (_, claims) = suite.tokens(&[("acr_values", &wanted)]).await;
    assert!(wanted.split(' ').any(|acr| claims["acr"] == acr));
}

pub async fn code_reuse(mode: Mode, pause: u64) {
    let mut suite = Suite::start(mode).await;
    let outcome = suite.authorize(&[]).await;
    let (_, tokens) = suite.redeem(outcome.code()).await;
    suite.pause(pause);
    let (status, error) = suite.redeem(outcome.code()).await;
    assert_eq!(
        (status, error["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_grant"))
    );
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let answer = suite
        .app
        .browser()
        .get_with("/oauth2/userinfo", &[("authorization", &bearer)])
        .await;
    assert_eq!(
        answer.status,
        StatusCode::UNAUTHORIZED,
        "the first use's access token is revoked"
    );
}

pub async fn registered_redirect_uri(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let outcome = suite
        .authorize(&[("redirect_uri", "https://rp.example/other")])
        .await;
    assert_eq!(outcome.pages, ["page-error"]);
    assert!(outcome.response.is_empty());
}

pub async fn post_request(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let query = suite.query(&[]);
    let fields: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = suite
        .browser
        .post_with(
            "/oauth2/authorize",
            &fields,
            &[("sec-fetch-site", "cross-site"), ("origin", "https://rp.example")],
        )
        .await;
    let outcome = suite.go_on(answer).await;
    assert_eq!(suite.redeem(outcome.code()).await.0, StatusCode::OK);
}

pub async fn client_secret_post(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let outcome = suite.authorize(&[("client_id", "post")]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", outcome.code()),
        ("redirect_uri", CALLBACK),
    ];
    let (status, tokens) = suite.token_by_post(&form).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    suite.id_token(&tokens, "post").await;
}

/// `alg: none` is not offered, so such a request object is refused and never ignored.
pub async fn request_object(mode: Mode, parameter: &str, value: &str, error: &str) {
    let mut suite = Suite::start(mode).await;
    let outcome = suite.authorize(&[(parameter, value)]).await;
    assert_eq!((outcome.get("error"), outcome.get("state")), (error, "the-state"));
}

pub async fn claims_essential(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let (tokens, claims) = suite
        .tokens(&[("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)])
        .await;
    assert_eq!(suite.userinfo(&tokens).await["name"], "Ada Lovelace");
    assert!(claims.get("name").is_none());
}

pub async fn refresh_token(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let (first, claims) = suite
        .tokens(&[("scope", "openid offline_access"), ("prompt", "consent")])
        .await;
    let token = first["refresh_token"].as_str().unwrap().to_owned();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let (status, error) = suite.token("two", &form).await;
    assert_eq!(
        (status, error["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_grant"))
    );
    suite.pause(1);
    let (status, second) = suite.token("one", &form).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(first["access_token"], second["access_token"]);
    let again = suite.id_token(&second, "one").await;
    for name in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(claims[name], again[name], "{name}");
    }
    assert!(again.get("nonce").is_none());
}

pub async fn valid_pkce(mode: Mode) {
    let mut suite = Suite::start(mode).await;
    let challenge = CodeVerifier::parse(VERIFIER).unwrap().challenge();
    let outcome = suite
        .authorize(&[
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ])
        .await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", outcome.code()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(suite.token("one", &form).await.0, StatusCode::OK);
}
