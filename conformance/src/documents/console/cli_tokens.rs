//! Tokens for the command line.
//! They make no tokens themselves.

use serde_json::{Value, json};

use super::heading;
use crate::clock;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::newcomer;
use crate::scenario::Scenario;
use crate::trouble::{had, wrong};
use crate::world::text;

const HERE: Heading = heading("CLI Tokens", Area::Console);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/api/auth/cli-tokens", Caller::Signed),
    HERE.with_body("POST", "/api/auth/cli-tokens", Caller::Signed),
    HERE.row("DELETE", "/api/auth/cli-tokens/{tokenId}", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let ada = newcomer(&http).await.ok();
    let path = "/api/auth/cli-tokens";
    let form = json!({"name": "CI Pipeline", "scopes": ["repos:read", "scans:trigger"]});
    let make = |token: &str, form: &Value| http.post(path).bearer(token).json(form);
    let operation = "POST /api/auth/cli-tokens";
    let case = async {
        let token = &had(&ada, "somebody signed up")?.token;
        let shape = json!({"token": "@starts:ci_", "id": "@text", "name": "CI Pipeline",
            "scopes": ["repos:read", "scans:trigger"]});
        make(token, &form).answers(201, &shape).await
    };
    let made = scenario.case(operation, "as the document shows", case).await;
    let case = async {
        let token = &had(&ada, "somebody signed up")?.token;
        for (member, value) in [
            ("name", json!("")),
            ("scopes", json!([])),
            ("allRepositories", json!("yes")),
        ] {
            let mut form = form.clone();
            form[member] = value;
            make(token, &form).refused(400, "").await?;
        }
        let key = clock::unique();
        let mut form = form.clone();
        form["name"] = json!("Once");
        let once = || make(token, &form).header("Idempotency-Key", &key);
        let first = once().answers(201, &json!({"id": "@text"})).await?;
        once().answers(201, &first).await?;
        let own = text(had(&made, operation)?, "token");
        match make(&own, &form).send().await? {
            reply if matches!(reply.status, 401 | 403) => Ok(()),
            reply => Err(reply.unlike("401 or 403: a token makes no tokens")),
        }
    };
    scenario
        .case(
            operation,
            "bad members: 400; once for each key; not by such a token",
            case,
        )
        .await;
    let case = async {
        let token = &had(&ada, "somebody signed up")?.token;
        let made = had(&made, operation)?;
        let each = json!({"id": "@text", "name": "@text", "scopes": "@list", "allRepositories": false,
            "repositories": "@list", "prefix": "@starts:ci_", "lastUsedAt": "@time?", "expiresAt": "@time?",
            "createdAt": "@time", "token": "@absent"});
        let list = http
            .get(path)
            .bearer(token)
            .answers(200, &json!(["@some", each]))
            .await?;
        let mut listed = list.as_array().into_iter().flatten();
        match listed.any(|one| one["id"] == made["id"]) {
            true => Ok(()),
            false => Err(wrong(path, made["id"].to_string(), list.to_string())),
        }
    };
    scenario
        .case("GET /api/auth/cli-tokens", "without the tokens themselves", case)
        .await;
    let case = async {
        let made = had(&made, operation)?;
        let delete = |token: &str| {
            let call = http.delete(&format!("{path}/{}", text(made, "id")));
            call.bearer(token)
        };
        let stranger = newcomer(&http).await?;
        delete(&stranger.token).refused(404, "").await?;
        let token = &had(&ada, "somebody signed up")?.token;
        delete(token).answers(200, &json!({})).await?;
        delete(token).refused(404, "").await?;
        let used = http.get("/api/auth/me").bearer(&text(made, "token"));
        used.refused(401, "").await
    };
    let operation = "DELETE /api/auth/cli-tokens/{tokenId}";
    scenario
        .case(operation, "of others: 404; dead at once", case)
        .await;
}
