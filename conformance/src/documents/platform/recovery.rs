//! What document 000 does by mail: password reset and the confirmation of an address.
//! Needs letters that can be read.

use serde_json::{Value, json};

use super::pair;
use crate::person::{OTHER_PASSWORD, newcomer};
use crate::scenario::Scenario;
use crate::trouble::wrong;

pub(super) async fn run(scenario: &mut Scenario) {
    forgotten(scenario).await;
    confirmed(scenario).await;
}

async fn forgotten(scenario: &mut Scenario) {
    let http = scenario.http();
    let mail = scenario.world.mail.clone();
    let ask = |email: &str| http.post("/auth/forgot-password").json(&json!({"email": email}));
    let case = async {
        let ada = newcomer(&http).await?;
        let known = ask(&ada.person.email).answers(202, &json!({})).await?;
        let unknown = ask("nobody@conformance.example").answers(202, &json!({})).await?;
        match known == unknown {
            true => Ok(ada),
            false => Err(wrong(
                "POST /auth/forgot-password",
                known.to_string(),
                unknown.to_string(),
            )),
        }
    };
    let ada = scenario
        .case(
            "POST /auth/forgot-password",
            "answers alike for known and unknown",
            case,
        )
        .await;
    let reset = |token: &str, password: &str| {
        let body = json!({"token": token, "password": password});
        http.post("/auth/reset-password").json(&body)
    };
    let operation = "POST /auth/reset-password";
    let case = async {
        let ada = crate::trouble::had(&ada, "POST /auth/forgot-password")?;
        let token = mail.token(&ada.person.email, &["reset"]).await?;
        reset(&token, "short").refused(400, "").await?;
        reset(&token, OTHER_PASSWORD).answers(200, &json!({})).await?;
        http.post("/auth/login")
            .json(&ada.person.credentials())
            .refused(401, "")
            .await?;
        http.get("/auth/me").bearer(&ada.token).refused(401, "").await?;
        let new = json!({"email": ada.person.email, "password": OTHER_PASSWORD});
        http.post("/auth/login").json(&new).answers(200, &pair()).await?;
        reset(&token, OTHER_PASSWORD).refused(410, "").await
    };
    scenario
        .case(
            operation,
            "the mailed token sets it once and ends all sessions",
            case,
        )
        .await;
    let case = async {
        let reply = reset("no-such-token", OTHER_PASSWORD).send().await?;
        match reply.status {
            400 | 410 => Ok(()),
            _ => Err(reply.unlike("400 or 410")),
        }
    };
    scenario.case(operation, "an unknown token", case).await;
}

async fn confirmed(scenario: &mut Scenario) {
    let http = scenario.http();
    let mail = scenario.world.mail.clone();
    let operation = "POST /auth/verify-email";
    let verify = |body: &Value| http.post("/auth/verify-email").json(body);
    let yes = json!({"email_verified": true});
    let case = async {
        let ada = newcomer(&http).await?;
        let code = mail.code(&ada.person.email, &["confirm", "verify"]).await?;
        let other = if code == "000000" { "000001" } else { "000000" };
        verify(&json!({"otp": other}))
            .bearer(&ada.token)
            .refused(400, "")
            .await?;
        verify(&json!({"otp": code}))
            .bearer(&ada.token)
            .answers(200, &yes)
            .await?;
        http.get("/auth/me").bearer(&ada.token).answers(200, &yes).await
    };
    scenario.case(operation, "the mailed code, signed in", case).await;
    let case = async {
        let ada = newcomer(&http).await?;
        let code = mail.code(&ada.person.email, &["confirm", "verify"]).await?;
        verify(&json!({"otp": code, "email": ada.person.email}))
            .answers(200, &yes)
            .await
    };
    scenario
        .case(operation, "the mailed code, with the address", case)
        .await;
}
