//! Asking for the end of the own account, and taking it back.
//! Lets no grace period pass.

use serde_json::{Value, json};

use super::heading;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::newcomer;
use crate::scenario::Scenario;
use crate::trouble::had;

const HERE: Heading = heading("Authentication", Area::Console);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/api/auth/deletion-status", Caller::Signed),
    HERE.row("POST", "/api/auth/request-deletion", Caller::Signed),
    HERE.with_body("POST", "/api/auth/cancel-deletion", Caller::Open),
];

pub(super) async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let mail = scenario.world.mail.clone();
    let ada = newcomer(&http).await.ok();
    let status = |token: &str| http.get("/api/auth/deletion-status").bearer(token);
    let none = json!({"pending": false, "requestedAt": null, "scheduledFor": null});
    let case = async {
        let ada = had(&ada, "somebody signed up")?;
        status(&ada.token).answers(200, &none).await
    };
    scenario
        .case("GET /api/auth/deletion-status", "nothing at first", case)
        .await;
    let case = async {
        let ada = had(&ada, "somebody signed up")?;
        let ask = |body: &Value| {
            let call = http.post("/api/auth/request-deletion");
            call.bearer(&ada.token).json(body)
        };
        match ask(&json!({"password": "wrong-horse-battery"})).send().await? {
            reply if matches!(reply.status, 400 | 401 | 403) => {}
            reply => return Err(reply.unlike("a refusal of the wrong password")),
        }
        ask(&json!({"password": ada.person.password}))
            .answers(202, &json!({}))
            .await?;
        let pending = json!({"pending": true, "requestedAt": "@time", "scheduledFor": "@time"});
        status(&ada.token).answers(200, &pending).await
    };
    let operation = "POST /api/auth/request-deletion";
    let asked = scenario
        .case(operation, "with the password; sessions stay", case)
        .await;
    let case = async {
        had(&asked, operation)?;
        let ada = had(&ada, "somebody signed up")?;
        let token = mail.token(&ada.person.email, &["delet"]).await?;
        let cancel = |token: &str| {
            let call = http.post("/api/auth/cancel-deletion");
            call.json(&json!({"token": token}))
        };
        match cancel("no-such-token").send().await? {
            reply if matches!(reply.status, 400 | 404 | 410) => {}
            reply => return Err(reply.unlike("a refusal of an unknown token")),
        }
        cancel(&token).answers(200, &json!({})).await?;
        status(&ada.token).answers(200, &none).await
    };
    let operation = "POST /api/auth/cancel-deletion";
    scenario.case(operation, "with the mailed token", case).await;
}
