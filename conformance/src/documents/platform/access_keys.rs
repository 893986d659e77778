//! Access keys of IAM users: shown once, two at most.
//! Uses none of them; that is `iam_login`.

use serde_json::{Value, json};

use super::{heading, iam};
use crate::http::Http;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::Signed;
use crate::scenario::Scenario;
use crate::trouble::{Outcome, given, had};
use crate::world::text;

const HERE: Heading = heading("IAM", Area::Iam);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/auth/iam/users/{username}/access-keys", Caller::Signed),
    HERE.row("POST", "/auth/iam/users/{username}/access-keys", Caller::Signed),
    HERE.row(
        "DELETE",
        "/auth/iam/users/{username}/access-keys/{id}",
        Caller::Signed,
    ),
];

fn shape() -> Value {
    json!({"access_key_id": "@starts:AKIA", "secret_access_key": "@token", "created_at": "@time"})
}

/// A key of a user, as a precondition.
pub(super) async fn key(http: &Http, root: &Option<Signed>, username: &str) -> Outcome<Value> {
    let root = had(root, "a root user")?;
    let call = http.post(&format!("/auth/iam/users/{username}/access-keys"));
    given(
        call.bearer(&root.token).answers(201, &shape()).await,
        "an access key",
    )
}

pub(super) async fn run(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let path = "/auth/iam/users/judy/access-keys";
    let case = async {
        iam::user(&http, root, "judy").await?;
        let make = http.post(path).bearer(&had(root, "a root user")?.token);
        let first = make.answers(201, &shape()).await?;
        make.answers(201, &shape()).await?;
        let third = make.send().await?;
        match third.status {
            400 | 409 => Ok(first),
            _ => Err(third.unlike("409: two at most")),
        }
    };
    let operation = "POST /auth/iam/users/{username}/access-keys";
    let made = scenario.case(operation, "shown once, two at most", case).await;
    let case = async {
        had(&made, operation)?;
        let list = http.get(path).bearer(&had(root, "a root user")?.token);
        let each =
            json!({"access_key_id": "@starts:AKIA", "created_at": "@time", "secret_access_key": "@absent"});
        list.answers(200, &json!([each, each])).await
    };
    let operation = "GET /auth/iam/users/{username}/access-keys";
    scenario.case(operation, "without secrets", case).await;
    let case = async {
        let key = had(&made, "POST /auth/iam/users/{username}/access-keys")?;
        let one = format!("{path}/{}", text(key, "access_key_id"));
        let delete = http.delete(&one).bearer(&had(root, "a root user")?.token);
        delete.answers(200, &json!({})).await?;
        delete.refused(404, "").await?;
        let body =
            json!({"access_key_id": key["access_key_id"], "secret_access_key": key["secret_access_key"]});
        let exchange = http.post("/auth/iam/exchange-credentials").json(&body);
        exchange.refused(401, "").await
    };
    let operation = "DELETE /auth/iam/users/{username}/access-keys/{id}";
    scenario.case(operation, "is no longer exchanged", case).await;
}
