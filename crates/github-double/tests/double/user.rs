//! The REST API with a person's token.

use github_double::{AuthenticatedAs, Email, Endpoint, Installation};
use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::{CLIENT, Stand, header, problem, text};

#[tokio::test]
async fn the_profile_has_githubs_members_and_headers() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "user:email").await;
    let answer = stand.get("/user", &token).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "x-oauth-scopes"), "user:email");
    assert_eq!(header(&answer, "x-oauth-client-id"), CLIENT);
    assert_eq!(header(&answer, "x-ratelimit-limit"), "5000");
    assert_eq!(header(&answer, "x-ratelimit-remaining"), "4999");
    assert_eq!(header(&answer, "x-ratelimit-resource"), "core");
    assert_eq!(header(&answer, "x-github-request-id").split(':').count(), 5);
    let user: Value = answer.json().await.unwrap();
    assert_eq!(user["login"], "octo");
    assert_eq!(user["type"], "User");
    assert_eq!(user["email"], Value::Null);
    assert_eq!(user["name"], "Octo <Cat>");
    assert!(user["id"].is_u64() && user["avatar_url"].is_string());
    assert!(user.get("plan").is_none());
    let second = stand.api(Method::GET, "/api/v3/user");
    let second = second.header("authorization", format!("token {token}"));
    let second = second.send().await.unwrap();
    assert_eq!(header(&second, "x-ratelimit-remaining"), "4998");
    assert_eq!(second.json::<Value>().await.unwrap()["id"], user["id"]);
}

#[tokio::test]
async fn the_private_profile_needs_a_scope() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "read:user").await;
    let user: Value = stand.get("/user", &token).await.json().await.unwrap();
    assert_eq!(user["owned_private_repos"], 3);
}

#[tokio::test]
async fn a_request_without_user_agent_is_forbidden() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    let bare = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = bare.get(stand.web("/user")).bearer_auth(token);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let body = answer.text().await.unwrap();
    assert!(body.contains("User-Agent header"), "{body}");
}

#[tokio::test]
async fn bad_credentials_and_none_are_told_apart() {
    let stand = Stand::new();
    let answer = stand.get("/user", "gho_wrong").await;
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        body,
        json!({
            "message": "Bad credentials",
            "documentation_url": "https://docs.github.com/rest",
            "status": "401",
        })
    );
    let answer = stand.api(Method::GET, "/user").send().await.unwrap();
    assert_eq!(header(&answer, "x-ratelimit-limit"), "60");
    assert_eq!(problem(answer).await, (401, "Requires authentication".to_owned()));
    let answer = stand.get("/user", &stand.app_jwt()).await;
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn addresses_need_their_scope() {
    let stand = Stand::new();
    for scope in ["", "read:user", "repo"] {
        let token = stand.sign_in("octo", scope).await;
        let answer = stand.get("/user/emails", &token).await;
        assert_eq!(header(&answer, "x-oauth-scopes"), scope);
        assert_eq!(header(&answer, "x-accepted-oauth-scopes"), "user, user:email");
        assert_eq!(problem(answer).await, (404, "Not Found".to_owned()));
    }
    for scope in ["user:email", "user"] {
        let token = stand.sign_in("octo", scope).await;
        assert_eq!(stand.get("/user/emails", &token).await.status(), 200);
    }
}

#[tokio::test]
async fn addresses_say_which_is_primary_verified_and_shown() {
    let stand = Stand::new();
    let emails = [
        Email::primary("octo@example.com").shown(),
        Email::secondary("other@example.com").unverified(),
    ];
    stand.double.set_emails("octo", emails).unwrap();
    let token = stand.sign_in("octo", "user:email").await;
    let answer = stand.get("/user/emails", &token).await;
    assert_eq!(
        answer.json::<Value>().await.unwrap(),
        json!([
            {"email": "octo@example.com", "primary": true, "verified": true, "visibility": "public"},
            {"email": "other@example.com", "primary": false, "verified": false, "visibility": null},
        ])
    );
    let user: Value = stand.get("/user", &token).await.json().await.unwrap();
    assert_eq!(user["email"], "octo@example.com");
}

#[tokio::test]
async fn addresses_need_a_permission_of_a_github_app() {
    let stand = Stand::new();
    let token = text(&stand.sign_in_to_app("octo").await["access_token"]);
    assert_eq!(stand.get("/user/emails", &token).await.status(), 200);
    let forget = |app: &mut github_double::GithubApp| app.permissions.clear();
    stand.double.edit_github_app("builder", forget).unwrap();
    let answer = stand.get("/user/emails", &token).await;
    assert_eq!(
        problem(answer).await,
        (403, "Resource not accessible by integration".to_owned())
    );
}

#[tokio::test]
async fn a_person_sees_own_installations_and_those_of_own_organizations() {
    let stand = Stand::new();
    let own = stand
        .double
        .install(&Installation::new("builder", "octo"))
        .unwrap();
    let team = stand
        .double
        .install(&Installation::new("builder", "acme"))
        .unwrap();
    stand
        .double
        .install(&Installation::new("builder", "mona"))
        .unwrap();
    let token = text(&stand.sign_in_to_app("octo").await["access_token"]);
    let answer = stand.get("/user/installations", &token).await;
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["total_count"], 2);
    assert_eq!(body["installations"][0]["id"], own);
    assert_eq!(body["installations"][0]["account"]["login"], "octo");
    assert_eq!(body["installations"][1]["id"], team);
    assert_eq!(body["installations"][1]["target_type"], "Organization");
    let path = format!("/user/installations/{own}/repositories");
    let body: Value = stand.get(&path, &token).await.json().await.unwrap();
    assert_eq!(body["total_count"], 3);
    let mona = text(&stand.sign_in_to_app("mona").await["access_token"]);
    assert_eq!(stand.get(&path, &mona).await.status(), 404);
}

#[tokio::test]
async fn an_oauth_apps_token_lists_no_installations() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "user,repo").await;
    let (status, message) = problem(stand.get("/user/installations", &token).await).await;
    assert_eq!(status, 403);
    assert!(message.contains("authorized to a GitHub App"), "{message}");
}

#[tokio::test]
async fn a_renamed_person_keeps_the_number_and_a_deleted_one_loses_the_token() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    let before: Value = stand.get("/user", &token).await.json().await.unwrap();
    stand.double.rename_person("octo", "inky").unwrap();
    let after: Value = stand.get("/user", &token).await.json().await.unwrap();
    assert_eq!(after["login"], "inky");
    assert_eq!(after["id"], before["id"]);
    stand.double.delete_person("inky").unwrap();
    let answer = stand.get("/user", &token).await;
    assert_eq!(problem(answer).await, (401, "Bad credentials".to_owned()));
}

#[tokio::test]
async fn requests_are_noted_with_whom_they_were_made_as() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    stand.get("/api/v3/user", &token).await;
    stand.get("/nowhere", &token).await;
    let seen = stand.double.requests();
    let brief: Vec<_> = seen
        .iter()
        .map(|one| (one.path.as_str(), one.endpoint, one.status.unwrap()))
        .collect();
    assert_eq!(
        brief,
        [
            ("/login/oauth/authorize", Some(Endpoint::Decide), 302),
            ("/login/oauth/access_token", Some(Endpoint::AccessToken), 200),
            ("/api/v3/user", Some(Endpoint::User), 200),
            ("/nowhere", None, 404),
        ]
    );
    assert_eq!(
        seen[1].authenticated_as,
        AuthenticatedAs::Client(CLIENT.to_owned())
    );
    assert_eq!(
        seen[2].authenticated_as,
        AuthenticatedAs::Person("octo".to_owned())
    );
}
