//! Signing in as an IAM user: password, second step, and access keys for a short-lived token.
//! Says never whether account or user exist.

use serde_json::{Value, json};
use url::Url;

use super::{access_keys, heading, iam, pair};
use crate::authenticator::Authenticator;
use crate::clock;
use crate::http::Http;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{PASSWORD, Signed};
use crate::scenario::Scenario;
use crate::sigv4;
use crate::trouble::{Outcome, given, wrong};
use crate::world::text;

const HERE: Heading = heading("IAM", Area::Iam);

pub(super) const TABLE: &[Operation] = &[
    HERE.with_body("POST", "/auth/iam-login", Caller::Open),
    HERE.with_body("POST", "/auth/iam-login/verify", Caller::Open),
    HERE.row("POST", "/auth/iam/exchange-credentials", Caller::Open),
];

pub(super) async fn run(scenario: &mut Scenario, root: &Option<Signed>) {
    password(scenario, root).await;
    second_step(scenario, root).await;
    exchange(scenario, root).await;
}

async fn password(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let case = async {
        let account = iam::account_id(&http, root).await?;
        iam::user(&http, root, "grace").await?;
        let body = |account: &str, username: &str, password: &str| {
            let body = json!({"account_id": account, "username": username, "password": password});
            http.post("/auth/iam-login").json(&body)
        };
        let answer = body(&account, "grace", PASSWORD).answers(200, &pair()).await?;
        let me = http.get("/auth/me").bearer(&text(&answer, "access_token"));
        let shape = json!({"type": "iam", "username": "grace", "account_id": account, "arn": "@starts:arn:"});
        me.answers(200, &shape).await?;
        for (account, username) in [
            (account.as_str(), "grace"),
            (&account, "nobody"),
            ("000000000000", "grace"),
        ] {
            let wrong = body(account, username, "wrong-horse-battery");
            wrong.refused(401, "invalid_credentials").await?;
        }
        Ok(())
    };
    let operation = "POST /auth/iam-login";
    scenario
        .case(
            operation,
            "account, name and password; all wrong ones look alike",
            case,
        )
        .await;
}

async fn second_step(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let case = async {
        let account = iam::account_id(&http, root).await?;
        let token = iam::signed_user(&http, root, "heidi").await?;
        let setup = http.post("/auth/iam/me/mfa/setup").bearer(&token);
        let setup = given(
            setup.answers(200, &json!({"secret": "@text"})).await,
            "a second factor",
        )?;
        let mut app = Authenticator::new(&text(&setup, "secret"))?;
        let code = json!({"code": app.code().await});
        let enable = http.post("/auth/iam/me/mfa/enable").bearer(&token).json(&code);
        given(enable.answers(200, &json!({})).await, "a second factor")?;
        let body = json!({"account_id": account, "username": "heidi", "password": PASSWORD});
        let shape = json!({"requires_2fa": true, "pending_token": "@token", "access_token": "@absent"});
        let asked = http
            .post("/auth/iam-login")
            .json(&body)
            .answers(200, &shape)
            .await?;
        let verify = |otp: String| {
            let body = json!({"otp": otp, "pending_token": asked["pending_token"]});
            http.post("/auth/iam-login/verify").json(&body)
        };
        verify(app.wrong_code()).refused(401, "").await?;
        verify(app.code().await).answers(200, &pair()).await
    };
    let operation = "POST /auth/iam-login/verify";
    scenario.case(operation, "completes the login", case).await;
}

fn short_lived() -> Value {
    json!({"access_token": "@jwt", "token_type": "Bearer", "expires_in": 900, "refresh_token": "@absent"})
}

async fn exchange(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let region = scenario.world.options.region.clone();
    let operation = "POST /auth/iam/exchange-credentials";
    let path = "/auth/iam/exchange-credentials";
    iam::user(&http, root, "ivan").await.ok();
    let key = access_keys::key(&http, root, "ivan").await;
    let key = || key.clone();
    let case = async {
        let key = key()?;
        let body =
            json!({"access_key_id": key["access_key_id"], "secret_access_key": key["secret_access_key"]});
        let answer = http.post(path).json(&body).answers(200, &short_lived()).await?;
        let me = http.get("/auth/me").bearer(&text(&answer, "access_token"));
        me.answers(200, &json!({"type": "iam", "username": "ivan"}))
            .await?;
        let wrong = json!({"access_key_id": key["access_key_id"], "secret_access_key": "x".repeat(40)});
        http.post(path)
            .json(&wrong)
            .refused(401, "invalid_credentials")
            .await
    };
    scenario.case(operation, "key and secret in the body", case).await;
    let case = async {
        let key = key()?;
        let signed = signed(&http, &key, (&region, clock::seconds()))?;
        signed.answers(200, &short_lived()).await?;
        signed.refused(401, "").await
    };
    scenario
        .case(operation, "signed with SigV4, each signature once", case)
        .await;
    let case = async {
        let mut key = key()?;
        signed(&http, &key, (&region, clock::seconds() - 900))?
            .refused(401, "")
            .await?;
        key["secret_access_key"] = json!("x".repeat(40));
        signed(&http, &key, (&region, clock::seconds()))?
            .refused(401, "")
            .await
    };
    scenario
        .case(operation, "old and wrong signatures: 401", case)
        .await;
}

fn signed(http: &Http, key: &Value, (region, at): (&str, i64)) -> Outcome<crate::call::Call> {
    let path = "/auth/iam/exchange-credentials";
    let url = Url::parse(&http.url(path)).map_err(|error| wrong(path, "an address", error.to_string()))?;
    let host = match (url.host_str().unwrap_or_default(), url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    let (id, secret) = (text(key, "access_key_id"), text(key, "secret_access_key"));
    let key = sigv4::Key {
        id: &id,
        secret: &secret,
        region,
    };
    let (time, authorization) = sigv4::sign(&key, &host, url.path(), b"", at);
    let call = http.post(path).header("X-Amz-Date", &time);
    Ok(call.header("Authorization", &authorization))
}
