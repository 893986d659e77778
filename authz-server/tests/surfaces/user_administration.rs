//! `/v1/users` and `/v1/admin/users`: what administrators do over HTTP.

use std::time::Duration;

use domain::api_keys::NewApiKey;
use model::PlainSecret;
use model::api_key::{KeyKind, KeyName};
use model::audit::Actor;
use model::user::Role;
use oauth::permission::PermissionSet;
use serde_json::json;

use crate::app::json::{Program, Reply};
use crate::app::letter::letters;
use crate::app::{App, PASSWORD};

/// An administrator and the id of theirs.
async fn root(app: &App) -> (Program, String) {
    let form = domain::people::AccountForm {
        username: "root".to_owned(),
        email: "root@example.org".to_owned(),
        name: "Root".to_owned(),
        company: String::new(),
        password: PlainSecret::new(PASSWORD),
    };
    let made = app
        .authority
        .create_user(&app.ctx(), form, Role::Admin, Actor::Operator)
        .await;
    (
        signed_in(app, "root@example.org").await,
        made.unwrap().id.to_string(),
    )
}

async fn signed_in(app: &App, email: &str) -> Program {
    let reply = app
        .program()
        .post("/auth/login", json!({"email": email, "password": PASSWORD}))
        .await;
    app.program().bearing(reply.text("/access_token"))
}

async fn create(program: &Program, name: &str) -> Reply {
    let body = json!({"email": format!("{name}@example.org"), "username": name, "name": "Ada", "password": PASSWORD});
    program.post("/v1/admin/users", body).await
}

fn emails(reply: &Reply) -> Vec<&str> {
    let users = reply.body["data"].as_array().unwrap();
    users.iter().map(|user| user["email"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_is_enveloped_with_its_totals_and_a_search_finds_words() {
    let app = App::new().await;
    let (root, _) = root(&app).await;
    for name in ["ada", "bob"] {
        assert_eq!(create(&root, name).await.status, 201);
    }
    for path in ["/v1/users", "/v1/admin/users"] {
        let page = root.get(&format!("{path}?page=1&limit=2")).await;
        assert_eq!(emails(&page), ["bob@example.org", "ada@example.org"]);
        let meta = &page.body["meta"];
        assert_eq!(
            (&meta["page"], &meta["limit"], &meta["total"], &meta["totalPages"]),
            (&json!(1), &json!(2), &json!(3), &json!(2))
        );
        assert!(page.text("/meta/requestId").starts_with("req_"));
        assert_eq!(
            emails(&root.get(&format!("{path}?q=BOB%40exa")).await),
            ["bob@example.org"]
        );
        assert_eq!(
            root.get(&format!("{path}?limit=1000")).await.refusal(),
            (400, "INVALID_REQUEST")
        );
    }
    assert!(!root.get("/v1/users").await.body.to_string().contains("argon2"));
}

/// T07: not for nobody, not for anybody, and no longer for whoever was one.
#[tokio::test]
async fn administration_is_refused_to_whoever_is_no_administrator() {
    let app = App::new().await;
    let (root, id) = root(&app).await;
    create(&root, "ada").await;
    let ada = signed_in(&app, "ada@example.org").await;
    let one = format!("/v1/admin/users/{id}");
    for (program, refusal) in [(app.program(), (401, "UNAUTHORIZED")), (ada, (403, "FORBIDDEN"))] {
        assert_eq!(program.get("/v1/users").await.refusal(), refusal);
        assert_eq!(program.get("/v1/admin/users").await.refusal(), refusal);
        assert_eq!(program.get(&one).await.refusal(), refusal);
        assert_eq!(create(&program, "eve").await.refusal(), refusal);
        assert_eq!(
            program.patch(&one, json!({"role": "user"})).await.refusal(),
            refusal
        );
        assert_eq!(program.delete(&one).await.refusal(), refusal);
    }
    assert_eq!(root.get("/v1/users").await.body["meta"]["total"], 2);
}

#[tokio::test]
async fn a_user_is_renamed_promoted_disabled_and_deleted() {
    let app = App::new().await;
    let (root, _) = root(&app).await;
    let made = create(&root, "ada").await;
    let one = format!("/v1/admin/users/{}", made.text("/data/id"));
    let ada = signed_in(&app, "ada@example.org").await;
    assert_eq!(ada.get("/auth/me").await.status, 200);
    let changed = root
        .patch(
            &one,
            json!({"name": "Countess", "role": "admin", "disabled": true}),
        )
        .await;
    let data = &changed.body["data"];
    assert_eq!(
        (&data["name"], &data["role"], &data["disabled"]),
        (&json!("Countess"), &json!("admin"), &json!(true))
    );
    assert_eq!(ada.get("/auth/me").await.status, 401, "at once");
    let enabled = root.patch(&one, json!({"disabled": false})).await;
    assert_eq!(enabled.body["data"]["disabled_at"], json!(null));
    assert_eq!(root.get(&one).await.body["data"]["name"], "Countess");
    let gone = root.delete(&one).await;
    assert_eq!(gone.body["data"]["deleted"], true);
    assert_eq!(gone.text("/data/scheduled_for"), "2026-01-15T00:00:00Z");
    let again = app
        .program()
        .post(
            "/auth/login",
            json!({"email": "ada@example.org", "password": PASSWORD}),
        )
        .await;
    assert!(again.status == 401 || again.status == 403);
    letters(&app).await;
    assert_eq!(root.get(&one).await.status, 200, "it can still be undone");
    app.clock.advance(Duration::from_secs(14 * 24 * 3600));
    letters(&app).await;
    let root = signed_in(&app, "root@example.org").await;
    assert_eq!(root.get(&one).await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(root.get("/v1/users").await.body["meta"]["total"], 1);
}

/// A slip can be undone: until the time of grace is over, enabling the account keeps it, whatever was queued meanwhile.
#[tokio::test]
async fn a_deletion_by_an_administrator_is_taken_back_by_enabling() {
    let app = App::new().await;
    let (root, _) = root(&app).await;
    let made = create(&root, "ada").await;
    let one = format!("/v1/admin/users/{}", made.text("/data/id"));
    assert_eq!(root.delete(&one).await.status, 200);
    app.clock.advance(Duration::from_secs(24 * 3600));
    let root = signed_in(&app, "root@example.org").await;
    let again = root.delete(&one).await;
    assert_eq!(
        again.text("/data/scheduled_for"),
        "2026-01-15T00:00:00Z",
        "the first date stands"
    );
    let kept = root.patch(&one, json!({"disabled": false})).await;
    assert_eq!(kept.body["data"]["disabled"], false);
    app.clock.advance(Duration::from_secs(30 * 24 * 3600));
    letters(&app).await;
    let ada = signed_in(&app, "ada@example.org").await;
    let me = ada.get("/v1/auth/me").await;
    assert_eq!((me.status.as_u16(), me.text("/email")), (200, "ada@example.org"));
}

#[tokio::test]
async fn administrators_keep_their_own_rights() {
    let app = App::new().await;
    let (root, id) = root(&app).await;
    let own = format!("/v1/admin/users/{id}");
    for body in [json!({"role": "user"}), json!({"disabled": true})] {
        assert_eq!(root.patch(&own, body).await.refusal(), (403, "NOT_ON_ONESELF"));
    }
    assert_eq!(root.delete(&own).await.refusal(), (403, "NOT_ON_ONESELF"));
    assert_eq!(
        root.patch(&own, json!({"role": "owner"})).await.refusal(),
        (400, "INVALID_REQUEST")
    );
    assert_eq!(
        root.get("/v1/admin/users/usr_x").await.refusal(),
        (404, "NOT_FOUND")
    );
    assert_eq!(create(&root, "root").await.refusal(), (409, "EMAIL_TAKEN"));
}

#[tokio::test]
async fn a_user_without_a_password_is_asked_to_choose_one() {
    let app = App::new().await;
    let (root, _) = root(&app).await;
    letters(&app).await;
    let made = root
        .post("/v1/admin/users", json!({"email": "ada@example.org"}))
        .await;
    assert_eq!(
        (made.status.as_u16(), &made.body["data"]["role"]),
        (201, &json!("user"))
    );
    let letters = letters(&app).await;
    assert!(
        letters.len() == 1 && letters[0].contains("account is ready"),
        "{letters:?}"
    );
    let token = crate::app::letter::link(&letters[0], "/reset-password").token;
    let body = json!({"token": token, "password": PASSWORD});
    assert_eq!(app.program().post("/auth/reset-password", body).await.status, 200);
    signed_in(&app, "ada@example.org").await;
}

/// T07: the key of an administrator does what its scope says, and ends to do it with its owner's rights.
#[tokio::test]
async fn a_key_reads_or_changes_users_as_its_scope_says() {
    let app = App::new().await;
    let (root, _) = root(&app).await;
    let second = app.admin("second@example.org", Role::Admin).await;
    let key = async |scope: &str| {
        let permissions = PermissionSet::from_list([scope]).unwrap();
        let new = NewApiKey::new(KeyKind::Api, KeyName::parse(scope).unwrap(), permissions);
        let made = app.authority.create_api_key(&app.ctx(), &second, new).await;
        app.program().with("x-api-key", made.unwrap().1.expose())
    };
    let (reader, stranger) = (key("admin:users:read").await, key("databases:read").await);
    assert_eq!(reader.get("/v1/admin/users").await.body["meta"]["total"], 2);
    assert_eq!(
        create(&reader, "ada").await.refusal(),
        (403, "INSUFFICIENT_SCOPE")
    );
    assert_eq!(
        stranger.get("/v1/users").await.refusal(),
        (403, "INSUFFICIENT_SCOPE")
    );
    let writer = key("admin:users:write").await;
    assert_eq!(create(&writer, "ada").await.status, 201);
    let one = format!("/v1/admin/users/{}", second.id);
    assert_eq!(root.patch(&one, json!({"role": "user"})).await.status, 200);
    assert!(matches!(create(&writer, "bob").await.status.as_u16(), 401 | 403));
}
