//! A client checks and ends tokens with its secret.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::stand::{APP_CLIENT, APP_SECRET, CLIENT, SECRET, Stand, problem, text};

async fn call(stand: &Stand, method: Method, what: &str, body: Value) -> Response {
    let path = format!("/applications/{CLIENT}/{what}");
    let request = stand.api(method, &path).basic_auth(CLIENT, Some(SECRET));
    request.json(&body).send().await.unwrap()
}

#[tokio::test]
async fn a_client_checks_its_own_token() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "user:email").await;
    let answer = call(&stand, Method::POST, "token", json!({"access_token": token})).await;
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["token"], token);
    assert_eq!(body["token_last_eight"], token[32..]);
    assert_eq!(body["scopes"], json!(["user:email"]));
    assert_eq!(body["app"]["client_id"], CLIENT);
    assert_eq!(body["user"]["login"], "octo");
    assert_eq!(body["expires_at"], Value::Null);
}

#[tokio::test]
async fn a_deleted_token_is_gone_and_others_stay() {
    let stand = Stand::new();
    let (first, second) = (stand.sign_in("octo", "").await, stand.sign_in("octo", "").await);
    let answer = call(&stand, Method::DELETE, "token", json!({"access_token": first})).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(stand.get("/user", &first).await.status(), 401);
    assert_eq!(stand.get("/user", &second).await.status(), 200);
    for method in [Method::POST, Method::DELETE] {
        let answer = call(&stand, method, "token", json!({"access_token": first})).await;
        assert_eq!(problem(answer).await, (404, "Not Found".to_owned()));
    }
}

#[tokio::test]
async fn a_deleted_grant_takes_all_tokens_of_the_person_with_it() {
    let stand = Stand::new();
    let (first, second) = (
        stand.sign_in("octo", "").await,
        stand.sign_in("octo", "repo").await,
    );
    let other = stand.sign_in("mona", "").await;
    let answer = call(&stand, Method::DELETE, "grant", json!({"access_token": first})).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(stand.get("/user", &first).await.status(), 401);
    assert_eq!(stand.get("/user", &second).await.status(), 401);
    assert_eq!(stand.get("/user", &other).await.status(), 200);
}

#[tokio::test]
async fn a_body_without_token_is_unprocessable_and_one_that_is_no_json_is_a_bad_request() {
    let stand = Stand::new();
    for body in [json!({}), json!({"access_token": 5})] {
        let (status, message) = problem(call(&stand, Method::DELETE, "token", body).await).await;
        assert_eq!(status, 422);
        assert!(message.starts_with("Invalid request."), "{message}");
    }
    let path = format!("/applications/{CLIENT}/token");
    let request = stand.api(Method::POST, &path).basic_auth(CLIENT, Some(SECRET));
    let answer = request.body("{").send().await.unwrap();
    assert_eq!(problem(answer).await, (400, "Problems parsing JSON".to_owned()));
}

#[tokio::test]
async fn only_the_client_itself_may_ask() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    let path = format!("/applications/{CLIENT}/token");
    let ask = async |id: &str, secret: &str| {
        let request = stand.api(Method::POST, &path).basic_auth(id, Some(secret));
        let request = request.json(&json!({"access_token": token}));
        problem(request.send().await.unwrap()).await.0
    };
    assert_eq!(ask(CLIENT, "wrong").await, 401);
    assert_eq!(ask("unknown", SECRET).await, 401);
    assert_eq!(ask(APP_CLIENT, APP_SECRET).await, 404);
    let answer = stand.api(Method::POST, &path).send().await.unwrap();
    assert_eq!(problem(answer).await.0, 401);
}

#[tokio::test]
async fn a_token_of_another_client_is_not_found() {
    let stand = Stand::new();
    let other = text(&stand.sign_in_to_app("octo").await["access_token"]);
    let answer = call(&stand, Method::POST, "token", json!({"access_token": other})).await;
    assert_eq!(answer.status(), 404);
    assert_eq!(stand.get("/user", &other).await.status(), 200);
}

#[tokio::test]
async fn a_person_ends_a_clients_tokens_in_the_settings() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    stand.double.revoke_authorization("octo", CLIENT).unwrap();
    let answer = stand.get("/user", &token).await;
    assert_eq!(problem(answer).await, (401, "Bad credentials".to_owned()));
}
