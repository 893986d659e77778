//! The audit log: the 200 newest state-changing requests of the caller's account.
//! Looks for what the cases before have done, and for secrets.

use serde_json::json;

use super::heading;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{PASSWORD, Signed};
use crate::scenario::Scenario;
use crate::trouble::{had, wrong};

const HERE: Heading = heading("Audit logs", Area::Audit);

pub(super) const TABLE: &[Operation] = &[HERE.row("GET", "/auth/audit-logs", Caller::Signed)];

pub(super) async fn run(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let operation = "GET /auth/audit-logs";
    let get = |token: &str, query: &str| http.get(&format!("/auth/audit-logs{query}")).bearer(token);
    let case = async {
        let each = json!({"id": "@text", "at": "@time", "actor": "@any", "actor_type": "@text", "service": "@text",
            "method": "@text", "path": "@starts:/", "status": "@count", "ip": "@any", "user_agent": "@any",
            "request_id": "@any", "resource": "@any", "details": "@any"});
        let token = &had(root, "a root user")?.token;
        let log = get(token, "").answers(200, &json!(["@some", each])).await?;
        let times: Vec<&str> = log
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|entry| entry["at"].as_str())
            .collect();
        if times.len() > 200 || !times.is_sorted_by(|newer, older| newer >= older) {
            return Err(wrong(operation, "at most 200, newest first", times.join(", ")));
        }
        match log.to_string().contains(PASSWORD) {
            true => Err(wrong(operation, "no secrets", "a password")),
            false => Ok(()),
        }
    };
    scenario
        .case(operation, "newest first, without secrets", case)
        .await;
    let case = async {
        let token = &had(root, "a root user")?.token;
        let all = get(token, "?method=POST&q=iam")
            .answers(200, &json!(["@each", {"method": "POST"}]))
            .await?;
        if all.as_array().is_none_or(Vec::is_empty) {
            return Err(wrong(operation, "the POST requests to IAM", all.to_string()));
        }
        get(token, "?service=no-such-service")
            .answers(200, &json!([]))
            .await
    };
    scenario
        .case(operation, "filtered by service, method and text", case)
        .await;
}
