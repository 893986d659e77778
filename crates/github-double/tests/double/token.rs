//! The token endpoint with a code.

use std::time::Duration;

use github_double::Email;
use serde_json::{Value, json};

use crate::stand::{
    APP_CLIENT, APP_SECRET, CALLBACK, CHALLENGE, CLIENT, Pairs, SECRET, Stand, VERIFIER, header, text,
};

const CREDENTIALS: [(&str, &str); 2] = [("client_id", CLIENT), ("client_secret", SECRET)];

async fn exchange(stand: &Stand, more: Pairs<'_>) -> Value {
    stand.exchange(&[&CREDENTIALS, more].concat()).await
}

#[tokio::test]
async fn a_code_is_good_for_one_token() {
    let stand = Stand::new();
    let code = stand
        .code(
            &[("client_id", CLIENT), ("scope", "user:email read:user")],
            "octo",
        )
        .await;
    let first = exchange(&stand, &[("code", &code)]).await;
    assert_eq!(first["token_type"], "bearer");
    assert_eq!(first["scope"], "read:user,user:email");
    let token = text(&first["access_token"]);
    assert!(token.starts_with("gho_") && token.len() == 40);
    assert_eq!(first.as_object().unwrap().len(), 3);
    let second = exchange(&stand, &[("code", &code)]).await;
    assert_eq!(second["error"], "bad_verification_code");
    assert_eq!(stand.get("/user", &token).await.status(), 200);
}

#[tokio::test]
async fn a_code_lives_ten_minutes() {
    let stand = Stand::new();
    let code = stand.code(&[("client_id", CLIENT)], "octo").await;
    stand.double.advance(Duration::from_secs(600));
    let answer = exchange(&stand, &[("code", &code)]).await;
    assert_eq!(answer["error"], "bad_verification_code");
}

#[tokio::test]
async fn a_code_of_another_client_is_refused_and_stays_good() {
    let stand = Stand::new();
    let code = stand.code(&[("client_id", CLIENT)], "octo").await;
    let form = [
        ("client_id", APP_CLIENT),
        ("client_secret", APP_SECRET),
        ("code", &code),
    ];
    assert_eq!(stand.exchange(&form).await["error"], "bad_verification_code");
    assert!(exchange(&stand, &[("code", &code)]).await["access_token"].is_string());
}

#[tokio::test]
async fn a_challenge_wants_its_verifier() {
    let stand = Stand::new();
    let query = [
        ("client_id", CLIENT),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("redirect_uri", CALLBACK),
    ];
    for wrong in [
        &[("redirect_uri", CALLBACK), ("code_verifier", CHALLENGE)][..],
        &[("redirect_uri", CALLBACK)],
        &[("code_verifier", "")],
    ] {
        let code = stand.code(&query, "octo").await;
        let answer = exchange(&stand, &[wrong, &[("code", &code)]].concat()).await;
        assert_eq!(answer["error"], "bad_verification_code", "{wrong:?}");
    }
    let code = stand.code(&query, "octo").await;
    let answer = exchange(&stand, &[("code", &code), ("code_verifier", VERIFIER)]).await;
    assert!(answer["access_token"].is_string());
}

#[tokio::test]
async fn another_address_than_the_one_asked_for_is_a_mismatch() {
    let stand = Stand::new();
    let asked = "http://127.0.0.1:99/back/x";
    let query = [("client_id", CLIENT), ("redirect_uri", asked)];
    let code = stand.code(&query, "octo").await;
    let answer = exchange(&stand, &[("code", &code), ("redirect_uri", CALLBACK)]).await;
    assert_eq!(answer["error"], "redirect_uri_mismatch");
    let code = stand.code(&query, "octo").await;
    let answer = exchange(&stand, &[("code", &code), ("redirect_uri", asked)]).await;
    assert!(answer["access_token"].is_string());
}

#[tokio::test]
async fn errors_come_with_200_and_three_members() {
    let stand = Stand::new();
    let wrong_secret = [("client_id", CLIENT), ("client_secret", "x"), ("code", "x")];
    let wrong_client = [("client_id", "x"), ("client_secret", SECRET), ("code", "x")];
    for form in [&wrong_secret, &wrong_client] {
        let body = stand.exchange(form).await;
        assert_eq!(
            body,
            json!({
                "error": "incorrect_client_credentials",
                "error_description": "The client_id and/or client_secret passed are incorrect.",
                "error_uri": "https://docs.github.com/apps/managing-oauth-apps/\
                    troubleshooting-oauth-app-access-token-request-errors/#incorrect-client-credentials",
            })
        );
    }
    let body = exchange(&stand, &[("code", "0123456789abcdef0123")]).await;
    assert_eq!(body["error"], "bad_verification_code");
    let body = exchange(&stand, &[("grant_type", "password")]).await;
    assert_eq!(body["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn the_answer_is_a_form_unless_json_is_asked_for() {
    let stand = Stand::new();
    let code = stand
        .code(&[("client_id", CLIENT), ("scope", "user:email,gist")], "octo")
        .await;
    let url = stand.web("/login/oauth/access_token");
    let body = json!({"client_id": CLIENT, "client_secret": SECRET, "code": code});
    let answer = stand.http.post(url.clone()).json(&body).send().await.unwrap();
    assert!(header(&answer, "content-type").starts_with("application/x-www-form-urlencoded"));
    let form = answer.text().await.unwrap();
    assert!(form.starts_with("access_token=gho_"), "{form}");
    assert!(
        form.ends_with("&scope=gist%2Cuser%3Aemail&token_type=bearer"),
        "{form}"
    );
    let answer = stand.http.post(url).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let form = answer.text().await.unwrap();
    assert!(form.starts_with("error=bad_verification_code&"), "{form}");
}

#[tokio::test]
async fn a_person_without_verified_primary_address_gets_no_token() {
    let stand = Stand::new();
    stand
        .double
        .set_emails("octo", [Email::primary("octo@example.com").unverified()])
        .unwrap();
    let code = stand.code(&[("client_id", CLIENT)], "octo").await;
    let answer = exchange(&stand, &[("code", &code)]).await;
    assert_eq!(answer["error"], "unverified_user_email");
}

#[tokio::test]
async fn the_eleventh_token_ends_the_first() {
    let stand = Stand::new();
    let mut tokens = Vec::new();
    for _ in 0..11 {
        tokens.push(stand.sign_in("octo", "").await);
    }
    assert_eq!(stand.get("/user", &tokens[0]).await.status(), 401);
    assert_eq!(stand.get("/user", &tokens[1]).await.status(), 200);
    assert_eq!(stand.get("/user", &tokens[10]).await.status(), 200);
}
