//! The GitHub App with its JWT and its installation tokens.

use std::time::Duration;

use github_double::{AppKey, GithubApp, Installation, Repository};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::stand::{APP_CLIENT, Stand, header, now, problem, text};

const FAR: &str = "'Expiration time' claim ('exp') is too far in the future";
const PAST: &str = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which \
                    the assertion expires";
const EARLY: &str =
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
const UNDECODABLE: &str = "A JSON web token could not be decoded";

async fn app(stand: &Stand, token: &str) -> (u16, String) {
    problem(stand.get("/app", token).await).await
}

#[tokio::test]
async fn an_app_is_known_by_number_or_client_id() {
    let stand = Stand::new();
    for issuer in [json!("7"), json!(7), json!(APP_CLIENT)] {
        let answer = stand.get("/app", &stand.jwt(&issuer, -60, 540)).await;
        assert_eq!(answer.status(), 200);
        let body: Value = answer.json().await.unwrap();
        assert_eq!((&body["id"], &body["slug"]), (&json!(7), &json!("builder")));
    }
    let unknown = stand.jwt(&json!("8"), -60, 540);
    assert_eq!(
        app(&stand, &unknown).await,
        (404, "Integration not found".to_owned())
    );
}

#[tokio::test]
async fn a_jwt_lives_ten_minutes_at_most() {
    let stand = Stand::new();
    let seven = json!("7");
    let far = stand.jwt(&seven, -60, 700);
    assert_eq!(app(&stand, &far).await, (401, FAR.to_owned()));
    let past = stand.jwt(&seven, -600, -1);
    assert_eq!(app(&stand, &past).await, (401, PAST.to_owned()));
    let early = stand.jwt(&seven, 300, 540);
    assert_eq!(app(&stand, &early).await, (401, EARLY.to_owned()));
}

#[tokio::test]
async fn a_jwt_of_another_key_or_no_jwt_at_all_cannot_be_decoded() {
    let stand = Stand::new();
    let stranger = AppKey::generate().unwrap();
    let forged = stranger
        .sign(&json!({"iss": "7", "iat": now() - 60, "exp": now() + 540}))
        .unwrap();
    let user = stand.sign_in("octo", "user").await;
    let token = stand.app_jwt();
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    for token in [&forged, &user, &unsigned, "a.b.c", "gho_x"] {
        assert_eq!(app(&stand, token).await, (401, UNDECODABLE.to_owned()), "{token}");
    }
}

#[tokio::test]
async fn an_app_lists_and_removes_its_installations() {
    let stand = Stand::new();
    let own = stand
        .double
        .install(&Installation::new("builder", "octo"))
        .unwrap();
    stand
        .double
        .install(&Installation::new("builder", "mona"))
        .unwrap();
    let answer = stand.get("/app/installations?per_page=1", &stand.app_jwt()).await;
    assert!(header(&answer, "link").contains("rel=\"next\""));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body.as_array().unwrap().len(), 1);
    assert_eq!(body[0]["app_id"], 7);
    let path = format!("/app/installations/{own}");
    assert_eq!(stand.get(&path, &stand.app_jwt()).await.status(), 200);
    let token = stand.installation_token(own).await;
    let request = stand.api(Method::DELETE, &path).bearer_auth(stand.app_jwt());
    assert_eq!(request.send().await.unwrap().status(), 204);
    assert_eq!(stand.get(&path, &stand.app_jwt()).await.status(), 404);
    let answer = stand.get("/installation/repositories", &token).await;
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn repositories_come_in_pages_with_links() {
    let stand = Stand::new();
    for number in 0..5 {
        let name = format!("more-{number}");
        stand
            .double
            .add_repository(Repository::new("mona", &name))
            .unwrap();
    }
    let installation = stand
        .double
        .install(&Installation::new("builder", "mona"))
        .unwrap();
    let token = stand.installation_token(installation).await;
    let base = format!(
        "{}/installation/repositories?per_page=2&page",
        stand.double.api_url()
    );
    let page = async |number: u32| {
        let path = format!("/installation/repositories?per_page=2&page={number}");
        let answer: Response = stand.get(&path, &token).await;
        let link = header(&answer, "link").to_owned();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["total_count"], 5);
        (link, body["repositories"].as_array().unwrap().len())
    };
    let first = format!("<{base}=2>; rel=\"next\", <{base}=3>; rel=\"last\"");
    assert_eq!(page(1).await, (first, 2));
    let second = format!(
        "<{base}=1>; rel=\"prev\", <{base}=3>; rel=\"next\", <{base}=3>; rel=\"last\", <{base}=1>; rel=\"first\""
    );
    assert_eq!(page(2).await, (second, 2));
    let third = format!("<{base}=2>; rel=\"prev\", <{base}=1>; rel=\"first\"");
    assert_eq!(page(3).await, (third, 1));
    let whole = stand
        .get("/installation/repositories?per_page=1000", &token)
        .await;
    assert!(whole.headers().get("link").is_none());
}

#[tokio::test]
async fn an_installation_token_lives_an_hour_and_reaches_the_chosen_repositories() {
    let stand = Stand::new();
    let wanted = Installation::new("builder", "octo").only(["one", "two"]);
    let installation = stand.double.install(&wanted).unwrap();
    let token = stand.installation_token(installation).await;
    assert!(token.starts_with("ghs_"));
    let answer = stand.get("/installation/repositories", &token).await;
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["total_count"], 2);
    assert_eq!(body["repository_selection"], "selected");
    assert_eq!(body["repositories"][0]["full_name"], "octo/one");
    let user = stand.get("/user", &token).await;
    assert_eq!(user.status(), 403);
    stand.double.advance(Duration::from_secs(3600));
    let answer = stand.get("/installation/repositories", &token).await;
    assert_eq!(problem(answer).await, (401, "Bad credentials".to_owned()));
}

#[tokio::test]
async fn a_token_can_be_limited_and_never_widened() {
    let stand = Stand::new();
    let wanted = Installation::new("builder", "octo").only(["one", "two"]);
    let installation = stand.double.install(&wanted).unwrap();
    let path = format!("/app/installations/{installation}/access_tokens");
    let create = async |body: Value| {
        let request = stand.api(Method::POST, &path).bearer_auth(stand.app_jwt());
        request.json(&body).send().await.unwrap()
    };
    let answer = create(json!({"repositories": ["two"], "permissions": {"metadata": "read"}})).await;
    assert_eq!(answer.status(), 201);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["permissions"], json!({"metadata": "read"}));
    assert_eq!(body["repositories"][0]["name"], "two");
    let token = text(&body["token"]);
    let answer = stand.get("/installation/repositories", &token).await;
    assert_eq!(answer.json::<Value>().await.unwrap()["total_count"], 1);
    for wide in [
        json!({"repositories": ["three"]}),
        json!({"repository_ids": [1]}),
        json!({"permissions": {"contents": "write"}}),
        json!({"permissions": {"metadata": "write"}}),
    ] {
        assert_eq!(create(wide.clone()).await.status(), 422, "{wide}");
    }
    let request = stand
        .api(Method::DELETE, "/installation/token")
        .bearer_auth(&token);
    assert_eq!(request.send().await.unwrap().status(), 204);
    let answer = stand.get("/installation/repositories", &token).await;
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn a_suspended_installation_gets_no_tokens() {
    let stand = Stand::new();
    let installation = stand
        .double
        .install(&Installation::new("builder", "octo"))
        .unwrap();
    let token = stand.installation_token(installation).await;
    stand.double.suspend(installation).unwrap();
    let answer = stand.get("/installation/repositories", &token).await;
    assert_eq!(answer.status(), 401);
    let path = format!("/app/installations/{installation}");
    let create = stand.api(Method::POST, &format!("{path}/access_tokens"));
    let answer = create.bearer_auth(stand.app_jwt()).send().await.unwrap();
    assert_eq!(
        problem(answer).await,
        (403, "This installation has been suspended".to_owned())
    );
    let body: Value = stand.get(&path, &stand.app_jwt()).await.json().await.unwrap();
    assert!(body["suspended_at"].is_string());
    let lift = stand.api(Method::DELETE, &format!("{path}/suspended"));
    let answer = lift.bearer_auth(stand.app_jwt()).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    stand.installation_token(installation).await;
}

#[tokio::test]
async fn only_an_installation_token_lists_an_installations_repositories() {
    let stand = Stand::new();
    let user = stand.sign_in("octo", "repo").await;
    for token in [&user, &stand.app_jwt()] {
        let answer = stand.get("/installation/repositories", token).await;
        let (status, message) = problem(answer).await;
        assert_eq!(status, 403);
        assert!(message.contains("installation access token"), "{message}");
    }
}

#[tokio::test]
async fn an_installation_of_another_app_is_not_found() {
    let stand = Stand::new();
    let key = AppKey::generate().unwrap();
    let other = GithubApp::new(8, "other", key.clone());
    stand.double.add_github_app(other);
    let installation = stand
        .double
        .install(&Installation::new("builder", "octo"))
        .unwrap();
    let claims = json!({"iss": "8", "iat": now() - 60, "exp": now() + 540});
    let jwt = key.sign(&claims).unwrap();
    assert_eq!(stand.get("/app", &jwt).await.status(), 200);
    let path = format!("/app/installations/{installation}");
    assert_eq!(stand.get(&path, &jwt).await.status(), 404);
    let create = stand.api(Method::POST, &format!("{path}/access_tokens"));
    let answer = create.bearer_auth(&jwt).send().await.unwrap();
    assert_eq!(problem(answer).await, (404, "Not Found".to_owned()));
    let list: Value = stand.get("/app/installations", &jwt).await.json().await.unwrap();
    assert_eq!(list, json!([]));
}
