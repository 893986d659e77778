//! API tokens of document 001: made, listed, checked by anybody, deleted.
//! Looks into a token no further than that it is a JWT.

use serde_json::{Value, json};

use crate::clock;
use crate::http::Http;
use crate::person::{Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::{Outcome, had, wrong};
use crate::world::text;

const DAY: i64 = 86_400;

pub(super) async fn run(scenario: &mut Scenario, ada: &Option<Signed>) {
    let made = make(scenario, ada).await;
    look(scenario, ada, &made).await;
    limits_of_tokens(scenario, ada, &made).await;
    end(scenario, ada, &made).await;
}

fn shape(scopes: &Value) -> Value {
    json!({"id": "@starts:tok_", "name": "ci-deploy", "scopes": scopes,
        "expires_at": "@epoch", "created_at": "@epoch", "last_used_at": 0})
}

fn scopes(ada: &Signed) -> Value {
    json!({format!("compute.{}.containers", ada.id): ["read", "create", "delete"]})
}

async fn make(scenario: &mut Scenario, ada: &Option<Signed>) -> Option<Value> {
    let http = scenario.http();
    let operation = "POST /api/tokens";
    let case = async {
        let ada = had(ada, "POST /api/login")?;
        let body = json!({"name": "ci-deploy", "scopes": scopes(ada), "expires_in": "90d"});
        let mut shape = shape(&scopes(ada));
        shape["token"] = json!("@text");
        let made = http
            .post("/api/tokens")
            .bearer(&ada.token)
            .json(&body)
            .answers(201, &shape)
            .await?;
        lasts(&made, 90)?;
        Ok(made)
    };
    let made = scenario.case(operation, "as the document shows", case).await;
    let case = async {
        let ada = had(ada, "POST /api/login")?;
        let body = json!({"name": "for ever", "scopes": scopes(ada)});
        let shape = json!({"expires_at": 0, "token": "@text"});
        http.post("/api/tokens")
            .bearer(&ada.token)
            .json(&body)
            .answers(201, &shape)
            .await
    };
    scenario.case(operation, "never expires unless told", case).await;
    let case = refusals(&http, ada);
    scenario
        .case(operation, "bad names, scopes and terms: 400", case)
        .await;
    made
}

fn lasts(made: &Value, days: i64) -> Outcome {
    let ends = made["expires_at"].as_i64().unwrap_or_default();
    let begins = made["created_at"].as_i64().unwrap_or_default();
    let fresh = (begins - clock::seconds()).abs() < 120;
    match fresh && (ends - begins - days * DAY).abs() < 2 {
        true => Ok(()),
        false => Err(wrong(
            "the times",
            format!("{days} days from now"),
            made.to_string(),
        )),
    }
}

async fn refusals(http: &Http, ada: &Option<Signed>) -> Outcome {
    let ada = had(ada, "POST /api/login")?;
    let key = format!("compute.{}", ada.id);
    for body in [
        json!({"name": "", "scopes": {&key: ["read"]}}),
        json!({"name": "n".repeat(65), "scopes": {&key: ["read"]}}),
        json!({"name": 7, "scopes": {&key: ["read"]}}),
        json!({"name": "n", "scopes": {}}),
        json!({"name": "n", "scopes": {&key: []}}),
        json!({"name": "n", "scopes": {&key: ["fly"]}}),
        json!({"name": "n", "scopes": {"compute": ["read"]}}),
        json!({"name": "n", "scopes": {&key: ["read"]}, "expires_in": "31d"}),
    ] {
        let call = http.post("/api/tokens").bearer(&ada.token).json(&body);
        call.refused(400, "").await?;
    }
    let other = json!({"name": "n", "scopes": {"compute.somebody-else": ["read"]}});
    let reply = http
        .post("/api/tokens")
        .bearer(&ada.token)
        .json(&other)
        .send()
        .await?;
    match reply.status {
        400 | 403 => Ok(()),
        _ => Err(reply.unlike("400 or 403 for a scope of somebody else")),
    }
}

async fn look(scenario: &mut Scenario, ada: &Option<Signed>, made: &Option<Value>) {
    let http = scenario.http();
    let case = async {
        let (ada, made) = (had(ada, "POST /api/login")?, had(made, "POST /api/tokens")?);
        let call = http.get("/api/tokens").bearer(&ada.token);
        let mut each = shape(&json!("@object"));
        each["name"] = json!("@text");
        each["expires_at"] = json!("@count");
        each["last_used_at"] = json!("@count");
        each["token"] = json!("@absent");
        let list = call.answers(200, &json!(["@some", each])).await?;
        let mut listed = list.as_array().into_iter().flatten();
        if !listed.any(|token| token["id"] == made["id"] && token["scopes"] == made["scopes"]) {
            return Err(wrong("GET /api/tokens", made["id"].to_string(), list.to_string()));
        }
        let reply = http
            .get("/api/tokens?page=1&limit=1")
            .bearer(&ada.token)
            .send()
            .await?;
        let total = reply.must_have("X-Total-Count")?.parse::<usize>().ok();
        match total == list.as_array().map(Vec::len) && reply.must_have("Link")?.contains("rel=\"next\"") {
            true => Ok(()),
            false => Err(reply.unlike("X-Total-Count of all, Link to the next page")),
        }
    };
    scenario
        .case("GET /api/tokens", "as the document shows, in pages", case)
        .await;
    let case = async {
        let id = text(had(made, "POST /api/tokens")?, "id");
        let check = |id: &str| http.get(&format!("/api/tokens/{id}/check"));
        check(&id).answers(200, &json!({"status": "valid"})).await?;
        check("tok_5f3a").refused(404, "").await?;
        check("no%20id").refused(404, "").await
    };
    let operation = "GET /api/tokens/{id}/check";
    scenario
        .case(operation, "valid, and 404 for an unknown one", case)
        .await;
}

/// What a token is, and what it may never do.
async fn limits_of_tokens(scenario: &mut Scenario, ada: &Option<Signed>, made: &Option<Value>) {
    let http = scenario.http();
    let case = async {
        let token = text(had(made, "POST /api/tokens")?, "token");
        let ada = had(ada, "POST /api/login")?;
        let jwt = token.split_once('_').map_or("", |(_, jwt)| jwt).to_owned();
        crate::shape::fits(&json!("@jwt"), &json!(jwt))
            .map_err(|reason| wrong("the token", "a prefix, `_`, a JWT", reason))?;
        let body = json!({"name": "more", "scopes": scopes(ada)});
        let reply = http.post("/api/tokens").bearer(&token).json(&body).send().await?;
        match reply.status {
            401 | 403 => Ok(()),
            _ => Err(reply.unlike("401 or 403: a token makes no tokens")),
        }
    };
    scenario
        .case(
            "POST /api/tokens",
            "a token is a signed JWT and makes no tokens",
            case,
        )
        .await;
    let case = async {
        let ada = had(ada, "POST /api/login")?;
        let key = clock::unique();
        let make = |name: &str| {
            let body = json!({"name": name, "scopes": scopes(ada)});
            let call = http.post("/api/tokens").bearer(&ada.token);
            call.header("Idempotency-Key", &key).json(&body)
        };
        let first = make("once").answers(201, &json!({"id": "@text"})).await?;
        make("once").answers(201, &first).await?;
        make("twice").refused(409, "").await
    };
    scenario
        .case("POST /api/tokens", "once for each Idempotency-Key", case)
        .await;
}

async fn end(scenario: &mut Scenario, ada: &Option<Signed>, made: &Option<Value>) {
    let http = scenario.http();
    let path = |made: &Value| format!("/api/tokens/{}", text(made, "id"));
    let case = async {
        let path = path(had(made, "POST /api/tokens")?);
        let stranger = newcomer(&http).await?;
        let call = http.delete(&path).bearer(&stranger.token);
        call.refused(404, "").await
    };
    scenario
        .case("DELETE /api/tokens/{id}", "of somebody else: 404", case)
        .await;
    let case = async {
        let path = path(had(made, "POST /api/tokens")?);
        let delete = http.delete(&path).bearer(&had(ada, "POST /api/login")?.token);
        delete.answers(200, &json!({"status": "ok"})).await?;
        delete.refused(404, "").await?;
        http.get(&format!("{path}/check")).refused(404, "").await
    };
    scenario
        .case("DELETE /api/tokens/{id}", "the check knows at once", case)
        .await;
}
