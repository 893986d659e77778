//! IAM users and groups, their own second factor, and the account's password rules.
//! Keys stand in `access_keys`, signing in in `iam_login`.

use serde_json::{Value, json};

use super::heading;
use crate::authenticator::Authenticator;
use crate::http::Http;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{OTHER_PASSWORD, PASSWORD, Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::{Outcome, given, had, wrong};
use crate::world::text;

const HERE: Heading = heading("IAM", Area::Iam);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/auth/iam/users", Caller::Signed),
    HERE.with_body("POST", "/auth/iam/users", Caller::Signed),
    HERE.row("DELETE", "/auth/iam/users/{username}", Caller::Signed),
    HERE.with_body("PATCH", "/auth/iam/users/{username}/password", Caller::Signed),
    HERE.row("GET", "/auth/iam/groups", Caller::Signed),
    HERE.with_body("POST", "/auth/iam/groups", Caller::Signed),
    HERE.row("DELETE", "/auth/iam/groups/{name}", Caller::Signed),
    HERE.row("GET", "/auth/iam/me/mfa", Caller::Signed),
    HERE.row("POST", "/auth/iam/me/mfa/setup", Caller::Signed),
    // The caller of the common cases is a person, whom these turn away before they read a body.
    HERE.row("POST", "/auth/iam/me/mfa/enable", Caller::Signed),
    HERE.row("POST", "/auth/iam/me/mfa/disable", Caller::Signed),
    HERE.row("GET", "/auth/account/password-policy", Caller::Signed),
    HERE.row("PUT", "/auth/account/password-policy", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario, root: &Option<Signed>) {
    users(scenario, root).await;
    groups(scenario, root).await;
    password_policy(scenario).await;
    second_factor(scenario, root).await;
}

/// A user of the account, as a precondition.
pub(super) async fn user(http: &Http, root: &Option<Signed>, username: &str) -> Outcome<Value> {
    let root = had(root, "a root user")?;
    let body = json!({"username": username, "password": PASSWORD, "console_access": true});
    let call = http.post("/auth/iam/users").bearer(&root.token).json(&body);
    given(
        call.answers(201, &json!({"username": username})).await,
        "an IAM user",
    )
}

/// The number of the account.
pub(super) async fn account_id(http: &Http, root: &Option<Signed>) -> Outcome<String> {
    let me = http.get("/auth/me").bearer(&had(root, "a root user")?.token);
    let me = given(
        me.answers(200, &json!({"account_id": "@text"})).await,
        "an account",
    )?;
    Ok(text(&me, "account_id"))
}

/// A user of the account, signed in: its token.
pub(super) async fn signed_user(http: &Http, root: &Option<Signed>, username: &str) -> Outcome<String> {
    let account = account_id(http, root).await?;
    user(http, root, username).await?;
    let answer = given(login(http, &account, username, PASSWORD).await, "an IAM sign-in")?;
    Ok(text(&answer, "access_token"))
}

/// Signs in with account, name and password.
pub(super) async fn login(http: &Http, account: &str, username: &str, password: &str) -> Outcome<Value> {
    let body = json!({"account_id": account, "username": username, "password": password});
    let shape = json!({"access_token": "@jwt"});
    http.post("/auth/iam-login")
        .json(&body)
        .answers(200, &shape)
        .await
}

async fn users(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let make = |token: &str, body: &Value| http.post("/auth/iam/users").bearer(token).json(body);
    let case = async {
        let root = had(root, "a root user")?;
        let body = json!({"username": "deploy.bot", "password": PASSWORD, "console_access": true});
        let shape = json!({"username": "deploy.bot", "arn": "@starts:arn:", "created_at": "@time", "password": "@absent"});
        make(&root.token, &body).answers(201, &shape).await?;
        make(&root.token, &body).refused(409, "").await?;
        make(&root.token, &json!({"username": "no spaces"}))
            .refused(400, "")
            .await
    };
    let operation = "POST /auth/iam/users";
    scenario
        .case(operation, "makes one; taken: 409, bad name: 400", case)
        .await;
    let case = async {
        let root = had(root, "a root user")?;
        let call = http.get("/auth/iam/users").bearer(&root.token);
        let each = json!({"username": "@text", "arn": "@starts:arn:", "created_at": "@time"});
        call.answers(200, &json!(["@some", each])).await?;
        call.send().await?.must_have("X-Total-Count").map(|_| ())
    };
    scenario
        .case("GET /auth/iam/users", "lists those of the account", case)
        .await;
    let case = async {
        let account = account_id(&http, root).await?;
        user(&http, root, "carol").await?;
        let root = had(root, "a root user")?;
        let set = |body: Value| {
            let call = http.patch("/auth/iam/users/carol/password");
            call.bearer(&root.token).json(&body)
        };
        set(json!({"password": "short"})).refused(400, "").await?;
        set(json!({"password": OTHER_PASSWORD}))
            .answers(200, &json!({}))
            .await?;
        login(&http, &account, "carol", OTHER_PASSWORD).await?;
        set(json!({"disabled": true})).answers(200, &json!({})).await?;
        let body = json!({"account_id": account, "username": "carol", "password": OTHER_PASSWORD});
        http.post("/auth/iam-login")
            .json(&body)
            .refused(401, "invalid_credentials")
            .await
    };
    let operation = "PATCH /auth/iam/users/{username}/password";
    scenario.case(operation, "sets, and disables", case).await;
    let operation = "DELETE /auth/iam/users/{username}";
    let case = async {
        let token = signed_user(&http, root, "dave").await?;
        let stranger = newcomer(&http).await?;
        let delete = |token: &str| http.delete("/auth/iam/users/dave").bearer(token);
        delete(&stranger.token).refused(404, "").await?;
        delete(&token).refused(403, "").await?;
        delete(&had(root, "a root user")?.token)
            .answers(200, &json!({}))
            .await?;
        http.get("/auth/me").bearer(&token).refused(401, "").await
    };
    scenario
        .case(operation, "its tokens die at once; of another account: 404", case)
        .await;
}

async fn groups(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let make = |body: &Value, token: &str| http.post("/auth/iam/groups").bearer(token).json(body);
    let case = async {
        let root = had(root, "a root user")?;
        let body = json!({"name": "developers"});
        make(&body, &root.token)
            .answers(201, &json!({"name": "developers"}))
            .await?;
        make(&body, &root.token).refused(409, "").await
    };
    scenario
        .case("POST /auth/iam/groups", "makes one; taken: 409", case)
        .await;
    let case = async {
        let root = had(root, "a root user")?;
        let call = http.get("/auth/iam/groups").bearer(&root.token);
        call.answers(200, &json!(["@some", {"name": "@text"}])).await
    };
    scenario.case("GET /auth/iam/groups", "lists them", case).await;
    let case = async {
        let root = had(root, "a root user")?;
        let delete = http.delete("/auth/iam/groups/developers").bearer(&root.token);
        delete.answers(200, &json!({})).await?;
        delete.refused(404, "").await
    };
    scenario
        .case("DELETE /auth/iam/groups/{name}", "once", case)
        .await;
}

async fn password_policy(scenario: &mut Scenario) {
    let http = scenario.http();
    let root = newcomer(&http).await.ok();
    let path = "/auth/account/password-policy";
    let shape = json!({"min_length": "@count", "require_uppercase": "@bool", "require_lowercase": "@bool",
        "require_number": "@bool", "require_symbol": "@bool", "max_age_days": "@any", "prevent_reuse": "@any",
        "hard_expiry": "@bool"});
    let case = async {
        let root = had(&root, "a root user")?;
        http.get(path).bearer(&root.token).answers(200, &shape).await
    };
    let before = scenario
        .case("GET /auth/account/password-policy", "all its members", case)
        .await;
    let case = async {
        let token = &had(&root, "a root user")?.token;
        let mut policy = had(&before, "GET /auth/account/password-policy")?.clone();
        policy["min_length"] = json!(40);
        let put = |body: &Value| http.put(path).bearer(token).json(body);
        put(&policy).answers(200, &policy).await?;
        http.get(path).bearer(token).answers(200, &policy).await?;
        let body = json!({"username": "erin", "password": PASSWORD});
        http.post("/auth/iam/users")
            .bearer(token)
            .json(&body)
            .refused(400, "")
            .await?;
        policy["min_length"] = json!("many");
        put(&policy).refused(400, "").await
    };
    let operation = "PUT /auth/account/password-policy";
    scenario
        .case(operation, "counts for every password set afterwards", case)
        .await;
}

async fn second_factor(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let token = signed_user(&http, root, "frank").await;
    let token = || token.clone();
    let call = |token: &str, path: &str, body: &Value| http.post(path).bearer(token).json(body);
    let case = async {
        let mfa = http.get("/auth/iam/me/mfa").bearer(&token()?);
        mfa.answers(200, &json!({"enabled": false})).await
    };
    scenario.case("GET /auth/iam/me/mfa", "none at first", case).await;
    let case = async {
        let setup = http.post("/auth/iam/me/mfa/setup").bearer(&token()?);
        let answer = setup.answers(200, &json!({"secret": "@text"})).await?;
        Authenticator::new(&text(&answer, "secret"))
    };
    let mut app = scenario
        .case("POST /auth/iam/me/mfa/setup", "a secret", case)
        .await;
    let operation = "POST /auth/iam/me/mfa/enable";
    let case = async {
        let Some(app) = &mut app else {
            return had(&None, "POST /auth/iam/me/mfa/setup").copied();
        };
        let path = "/auth/iam/me/mfa/enable";
        call(&token()?, path, &json!({"code": app.wrong_code()}))
            .refused(400, "")
            .await?;
        call(&token()?, path, &json!({"code": app.code().await}))
            .answers(200, &json!({}))
            .await?;
        let mfa = http.get("/auth/iam/me/mfa").bearer(&token()?);
        mfa.answers(200, &json!({"enabled": true})).await.map(|_| ())
    };
    let on = scenario.case(operation, "a code from it turns it on", case).await;
    let case = async {
        had(&on, operation)?;
        let Some(app) = &mut app else {
            return had(&None, "POST /auth/iam/me/mfa/setup").copied();
        };
        let path = "/auth/iam/me/mfa/disable";
        let bad = json!({"password": "wrong-horse-battery", "code": app.code().await});
        match call(&token()?, path, &bad).send().await? {
            reply if matches!(reply.status, 400 | 401 | 403) => {}
            reply => return Err(reply.unlike("a refusal of the wrong password")),
        }
        let good = json!({"password": PASSWORD, "code": app.code().await});
        let answer = call(&token()?, path, &good).answers(200, &json!({})).await?;
        let mfa = http.get("/auth/iam/me/mfa").bearer(&token()?).send().await?;
        match mfa.json()?["enabled"].as_bool() {
            Some(false) => Ok(()),
            _ => Err(wrong(
                "GET /auth/iam/me/mfa",
                "enabled: false",
                answer.to_string(),
            )),
        }
    };
    scenario
        .case(
            "POST /auth/iam/me/mfa/disable",
            "asks for password and code",
            case,
        )
        .await;
}
