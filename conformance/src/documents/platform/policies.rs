//! Managed and custom policies of an account.
//! What they decide is seen where IAM users call.

use serde_json::{Value, json};

use super::heading;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::{had, wrong};
use crate::world::text;

const HERE: Heading = heading("IAM", Area::Iam);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/auth/iam/policies", Caller::Signed),
    HERE.with_body("POST", "/auth/iam/policies", Caller::Signed),
    HERE.row("DELETE", "/auth/iam/policies/{id}", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["compute:Get*", "compute:List*"], "Resource": "*"}]});
    let make = |token: &str, name: &str, document: &Value| {
        let body = json!({"name": name, "description": "Looks, never touches", "document": document});
        http.post("/auth/iam/policies").bearer(token).json(&body)
    };
    let case = async {
        let root = had(root, "a root user")?;
        let shape = json!({"id": "@text", "name": "compute-read", "description": "Looks, never touches",
            "document": document});
        let made = make(&root.token, "compute-read", &document)
            .answers(201, &shape)
            .await?;
        make(&root.token, "compute-read", &document)
            .refused(409, "")
            .await?;
        let bad = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]});
        make(&root.token, "maybe", &bad).refused(400, "").await?;
        Ok(made)
    };
    let operation = "POST /auth/iam/policies";
    let made = scenario
        .case(operation, "makes a custom one; taken: 409, senseless: 400", case)
        .await;
    let case = async {
        let list = http
            .get("/auth/iam/policies")
            .bearer(&had(root, "a root user")?.token);
        let each = json!({"id": "@text", "name": "@text"});
        let list = list.answers(200, &json!(["@some", each])).await?;
        let id = &had(&made, "POST /auth/iam/policies")?["id"];
        let mut others = list
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["id"] != *id);
        match others.next() {
            Some(managed) => Ok(text(managed, "id")),
            None => Err(wrong(
                "GET /auth/iam/policies",
                "managed policies too",
                list.to_string(),
            )),
        }
    };
    let managed = scenario
        .case("GET /auth/iam/policies", "managed and custom", case)
        .await;
    let case = async {
        let delete = |id: &str, token: &str| {
            let path = format!("/auth/iam/policies/{}", id.replace('/', "%2F"));
            http.delete(&path).bearer(token)
        };
        let token = &had(root, "a root user")?.token;
        let id = text(had(&made, "POST /auth/iam/policies")?, "id");
        let stranger = newcomer(&http).await?;
        delete(&id, &stranger.token).refused(404, "").await?;
        delete(&id, token).answers(200, &json!({})).await?;
        delete(&id, token).refused(404, "").await?;
        match delete(had(&managed, "GET /auth/iam/policies")?, token)
            .send()
            .await?
        {
            reply if matches!(reply.status, 400 | 403 | 409) => Ok(()),
            reply => Err(reply.unlike("a refusal: managed ones stay")),
        }
    };
    let operation = "DELETE /auth/iam/policies/{id}";
    scenario
        .case(operation, "of others: 404, managed ones: refused", case)
        .await;
}
