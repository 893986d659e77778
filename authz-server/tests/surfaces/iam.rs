//! `/auth/iam`: users, groups and policies of an account, and what they decide.

use http::Method;
use serde_json::{Value, json};

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};

/// The root user of an account.
struct Root {
    program: Program,
    account: String,
}

impl Root {
    async fn of(app: &App, email: &str) -> Self {
        let body = json!({"email": email, "password": PASSWORD});
        let reply = app.program().post("/auth/register", body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        Self {
            program: app.program().bearing(reply.text("/access_token")),
            account: reply.text("/user/account_id").to_owned(),
        }
    }

    async fn made(&self, path: &str, body: Value) -> Reply {
        let reply = self.program.post(path, body).await;
        assert_eq!(reply.status, 201, "{path}: {}", reply.body);
        reply
    }

    async fn user(&self, username: &str) -> Reply {
        let body = json!({"username": username, "password": PASSWORD, "console_access": true});
        self.made("/auth/iam/users", body).await
    }

    async fn group(&self, name: &str) {
        self.made("/auth/iam/groups", json!({"name": name})).await;
    }

    async fn policy(&self, name: &str, statement: Value) -> String {
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        let body = json!({"name": name, "document": document});
        let made = self.made("/auth/iam/policies", body).await;
        made.text("/id").to_owned()
    }

    async fn attach(&self, who: &str, id: &str) {
        let path = format!("/auth/iam/{who}/policies/{id}");
        let reply = self.program.send(Method::PUT, &path, None).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    /// A user of the account, signed in.
    async fn signed_in(&self, app: &App, username: &str) -> Program {
        let body = json!({"account_id": self.account, "username": username, "password": PASSWORD});
        let reply = app.program().post("/auth/iam-login", body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        app.program().bearing(reply.text("/access_token"))
    }
}

fn allow(action: &str) -> Value {
    json!({"Sid": "It", "Effect": "Allow", "Action": action, "Resource": "*"})
}

async fn put(program: &Program, path: &str) -> Reply {
    program.send(Method::PUT, path, None).await
}

#[tokio::test]
async fn users_are_made_shown_listed_and_ended() {
    let app = App::new().await;
    let root = Root::of(&app, "ada@example.org").await;
    let made = root.user("deploy.bot").await;
    let arn = format!("arn:authz:iam::{}:user/deploy.bot", root.account);
    assert_eq!(made.text("/arn"), arn);
    assert_eq!(made.body["console_access"], true);
    assert!(!made.body.to_string().contains(PASSWORD));
    root.made("/auth/iam/users", json!({"username": "Another"})).await;
    let list = root.program.get("/auth/iam/users?limit=1").await;
    assert_eq!(list.body[0]["username"], "Another");
    assert_eq!(list.header("x-total-count"), "2");
    assert!(list.header("link").contains("rel=\"next\""));
    let card = root.program.get("/auth/iam/users/deploy.bot").await;
    assert_eq!(
        (card.text("/arn"), &card.body["groups"]),
        (arn.as_str(), &json!([]))
    );
    let ended = root.program.delete("/auth/iam/users/deploy.bot").await;
    assert_eq!(
        (ended.status.as_u16(), &ended.body),
        (200, &json!({"status": "ok"}))
    );
    let again = root.program.delete("/auth/iam/users/deploy.bot").await;
    assert_eq!(again.refusal(), (404, "not_found"));
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case_and_a_bad_one_names_the_rule() {
    let app = App::new().await;
    let root = Root::of(&app, "ada@example.org").await;
    root.user("Bob").await;
    let again = root
        .program
        .post("/auth/iam/users", json!({"username": "bOB"}))
        .await;
    assert_eq!(again.refusal(), (409, "name_taken"));
    let bad = root
        .program
        .post("/auth/iam/users", json!({"username": "no spaces"}))
        .await;
    assert_eq!(bad.refusal(), (400, "invalid_request"));
    let rule = bad.text("/error/details/fields/username");
    assert_eq!(
        rule,
        "a name has 1 to 64 letters, digits or characters of +=,.@_-"
    );
    let weak = json!({"username": "cyd", "password": "password1"});
    let weak = root.program.post("/auth/iam/users", weak).await;
    assert!(!weak.text("/error/details/fields/password").is_empty());
}

/// K05: members that nobody has asked for change nothing.
#[tokio::test]
async fn what_a_body_has_beyond_its_members_is_ignored() {
    let app = App::new().await;
    let root = Root::of(&app, "ada@example.org").await;
    let other = Root::of(&app, "eve@example.org").await;
    let body = json!({"username": "bob", "account_id": other.account, "role": "root", "is_admin": true,
        "id": "usr_00000000000000000000000000", "arn": "arn:authz:iam::000000000000:root"});
    let made = root.made("/auth/iam/users", body).await;
    assert_eq!(made.text("/account_id"), root.account);
    assert_ne!(made.text("/id"), "usr_00000000000000000000000000");
    assert_eq!(other.program.get("/auth/iam/users").await.body, json!([]));
}

#[tokio::test]
async fn a_document_that_is_no_policy_is_refused_with_its_place_and_an_odd_one_warns() {
    let app = App::new().await;
    let root = Root::of(&app, "ada@example.org").await;
    let text = "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Maybe\", \"Action\": \"*\", \"Resource\": \"*\"}]}";
    let as_text = json!({"name": "maybe", "document": text}).to_string();
    let as_object = format!("{{\"name\": \"maybe\", \"document\": {text}}}");
    for body in [as_text, as_object] {
        let refused = root
            .program
            .send(Method::POST, "/auth/iam/policies", Some(body))
            .await;
        assert_eq!(refused.refusal(), (400, "malformed_policy"));
        let details = &refused.body["error"]["details"];
        assert_eq!(details["path"], "Statement[0].Effect");
        assert_eq!(details["line"], 2);
        assert!(details["column"].is_u64() && details["reason"].is_string());
    }
    let twice =
        r#"{"name": "x", "document": {"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}}"#;
    let twice = root
        .program
        .send(Method::POST, "/auth/iam/policies", Some(twice.to_owned()))
        .await;
    assert_eq!(twice.refusal(), (400, "malformed_policy"));
    let odd = json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"});
    let body = json!({"name": "odd", "document": {"Version": "2012-10-17", "Statement": [odd]}});
    let made = root.made("/auth/iam/policies", body).await;
    assert_eq!(made.body["warnings"][0]["code"], "allow_not_action");
}

#[tokio::test]
async fn managed_policies_stay_and_a_policy_in_use_names_who_has_it() {
    let app = App::new().await;
    let root = Root::of(&app, "ada@example.org").await;
    root.user("bob").await;
    root.group("makers").await;
    let managed = root
        .program
        .delete("/auth/iam/policies/AdministratorAccess")
        .await;
    assert_eq!(managed.refusal(), (403, "managed_policy"));
    let id = root.policy("start", allow("compute:Start*")).await;
    root.attach("users/bob", &id).await;
    root.attach("groups/makers", &id).await;
    let path = format!("/auth/iam/policies/{id}");
    let used = root.program.delete(&path).await;
    assert_eq!(used.refusal(), (409, "policy_in_use"));
    assert_eq!(
        used.body["error"]["details"]["in_use_by"],
        json!(["user/bob", "group/makers"])
    );
    let had = root.program.get("/auth/iam/users/bob/policies").await;
    assert_eq!((had.text("/0/id"), had.text("/0/name")), (id.as_str(), "start"));
    assert_eq!(
        root.program.delete(&format!("{path}?detach=true")).await.status,
        200
    );
    assert_eq!(
        root.program.get("/auth/iam/groups/makers/policies").await.body,
        json!([])
    );
    let gone = root
        .program
        .delete(&format!("/auth/iam/users/bob/policies/{id}"))
        .await;
    assert_eq!(gone.refusal(), (404, "not_found"));
}

#[tokio::test]
async fn what_is_too_much_is_refused_with_the_limit() {
    let app = App::with(|settings| settings.iam.groups = 1).await;
    let root = Root::of(&app, "ada@example.org").await;
    root.group("one").await;
    let second = root
        .program
        .post("/auth/iam/groups", json!({"name": "two"}))
        .await;
    assert_eq!(second.refusal(), (409, "limit_reached"));
    assert_eq!(second.text("/error/message"), "An account has at most 1 groups.");
}

/// P06, at the doors: with the token of before.
#[tokio::test]
async fn a_user_may_what_policies_say_at_the_moment_of_the_request() {
    let app = App::new().await;
    let root = Root::of(&app, "ada@example.org").await;
    root.user("bob").await;
    root.group("readers").await;
    root.attach("groups/readers", "IAMFullAccess").await;
    let bob = root.signed_in(&app, "bob").await;
    let denied = bob.get("/auth/iam/users").await;
    assert_eq!(denied.refusal(), (403, "access_denied"));
    let details = &denied.body["error"]["details"];
    let resource = format!("arn:authz:iam::{}:user/*", root.account);
    assert_eq!(details["action"], "iam:ListUsers");
    assert_eq!(details["resource"], resource);
    let smallest = json!({"Effect": "Allow", "Action": "iam:ListUsers", "Resource": resource});
    assert_eq!(details["would_allow"], smallest);
    let member = "/auth/iam/groups/readers/users/bob";
    assert_eq!(put(&root.program, member).await.status, 200);
    assert_eq!(bob.get("/auth/iam/users").await.status, 200);
    assert_eq!(root.program.delete(member).await.status, 200);
    assert_eq!(bob.get("/auth/iam/users").await.refusal(), (403, "access_denied"));
    assert_eq!(root.program.delete("/auth/iam/users/bob").await.status, 200);
    assert_eq!(bob.get("/auth/iam/users").await.refusal(), (401, "unauthorized"));
}

/// P07, at the doors.
#[tokio::test]
async fn a_user_with_all_rights_over_users_grants_no_more_than_that() {
    let app = App::new().await;
    let root = Root::of(&app, "ada@example.org").await;
    root.user("clerk").await;
    root.user("boss").await;
    root.attach("users/clerk", "IAMFullAccess").await;
    root.attach("users/boss", "AdministratorAccess").await;
    let clerk = root.signed_in(&app, "clerk").await;
    let beyond = put(&clerk, "/auth/iam/users/clerk/policies/AdministratorAccess").await;
    assert_eq!(beyond.refusal(), (403, "beyond_own_rights"));
    assert_eq!(beyond.body["error"]["details"]["policy"], "AdministratorAccess");
    let made = json!({"username": "puppet", "policies": ["PowerUserAccess"]});
    let made = clerk.post("/auth/iam/users", made).await;
    assert_eq!(made.refusal(), (403, "beyond_own_rights"));
    assert_eq!(root.program.get("/auth/iam/users/puppet").await.status, 404);
    let password = json!({"password": "another plum orbit"});
    let set = clerk.patch("/auth/iam/users/boss/password", password).await;
    assert_eq!(set.refusal(), (403, "administrator_protected"));
    let ended = clerk.delete("/auth/iam/users/boss").await;
    assert_eq!(ended.refusal(), (403, "administrator_protected"));
    let own = put(&clerk, "/auth/iam/users/clerk/policies/IAMFullAccess").await;
    assert_eq!(own.status, 200, "{}", own.body);
}

/// S06
#[tokio::test]
async fn a_new_password_ends_what_the_old_one_has_signed_in() {
    let app = App::new().await;
    let root = Root::of(&app, "ada@example.org").await;
    root.user("bob").await;
    let bob = root.signed_in(&app, "bob").await;
    let path = "/auth/iam/users/bob/password";
    let nothing = root.program.patch(path, json!({})).await;
    assert_eq!(nothing.refusal(), (400, "invalid_request"));
    let set = root
        .program
        .patch(path, json!({"password": "another plum orbit"}))
        .await;
    assert_eq!(set.status, 200, "{}", set.body);
    assert_eq!(bob.get("/auth/me").await.status, 401);
    let off = root.program.patch(path, json!({"disabled": true})).await;
    assert_eq!(off.status, 200);
    let body = json!({"account_id": root.account, "username": "bob", "password": "another plum orbit"});
    let login = app.program().post("/auth/iam-login", body).await;
    assert_eq!(login.refusal(), (401, "invalid_credentials"));
}

#[tokio::test]
async fn a_simulation_says_what_would_be_decided_and_why() {
    let app = App::new().await;
    let root = Root::of(&app, "ada@example.org").await;
    root.user("bob").await;
    let id = root.policy("start", allow("compute:Start*")).await;
    root.attach("users/bob", &id).await;
    let ask = async |action: &str| {
        let body = json!({"principal": "bob", "action": action, "resource": "arn:authz:compute::1:server/x",
            "context": {"iam:mfa": true, "request:ip": ["192.0.2.7"]}});
        root.program.post("/auth/iam/simulate", body).await
    };
    let allowed = ask("compute:StartServer").await;
    assert_eq!(allowed.text("/decision"), "allow");
    let matched = json!([{"policy": "start", "statement": "It", "effect": "Allow"}]);
    assert_eq!(allowed.body["matched_statements"], matched);
    assert_eq!(allowed.text("/explanation"), "Allowed by statement It of start.");
    let denied = ask("compute:StopServer").await;
    assert_eq!(denied.text("/decision"), "implicit_deny");
    assert_eq!(denied.body["would_allow"]["Action"], "compute:StopServer");
    let body = json!({"principal": "eve", "action": "a:B", "resource": "*"});
    let unknown = root.program.post("/auth/iam/simulate", body).await;
    assert_eq!(unknown.refusal(), (404, "not_found"));
}

/// T01, T05
#[tokio::test]
async fn the_account_of_somebody_else_in_the_header_opens_nothing() {
    let app = App::new().await;
    let (root, other) = (
        Root::of(&app, "ada@example.org").await,
        Root::of(&app, "eve@example.org").await,
    );
    other.user("bob").await;
    let wearing = |account: &str| root.program.with("x-account-id", account);
    for path in [
        "/auth/iam/users",
        "/auth/iam/users/bob",
        "/auth/iam/groups",
        "/auth/iam/policies/x",
    ] {
        let known = wearing(&other.account).get(path).await;
        let unknown = wearing("000000000000").get(path).await;
        assert_eq!(known.refusal(), (403, "not_a_member"), "{path}");
        assert_eq!(known.body["error"], unknown.body["error"], "{path}");
        assert_eq!(wearing("12").get(path).await.refusal(), (400, "invalid_request"));
    }
    assert_eq!(
        wearing(&root.account).get("/auth/iam/users").await.body,
        json!([])
    );
}
