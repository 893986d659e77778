//! API keys of document 002: shown once, listed by prefix, dead once revoked.
//! Only tries that they make no keys; what they may do is decided by their scopes.

use serde_json::{Value, json};

use crate::clock;
use crate::person::{Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::{had, wrong};
use crate::world::text;

pub(super) async fn run(scenario: &mut Scenario, ada: &Option<Signed>) {
    let key = make_key(scenario, ada).await;
    only_by_people(scenario, ada, &key).await;
    list_and_revoke(scenario, ada, &key).await;
}

fn key_shape() -> Value {
    json!({"id": "@text", "name": "Production Key", "prefix": "@starts:ch_live_",
        "scopes": ["databases:read", "databases:write"], "expires_at": "@time"})
}

async fn make_key(scenario: &mut Scenario, ada: &Option<Signed>) -> Option<Value> {
    let http = scenario.http();
    let operation = "POST /v1/auth/api-keys";
    let form = json!({"name": "Production Key", "scopes": ["databases:read", "databases:write"], "expires_in": "365d"});
    let make = |token: &str, form: &Value| http.post("/v1/auth/api-keys").bearer(token).json(form);
    let case = async {
        let mut shape = key_shape();
        shape["api_key"] = json!("@starts:ch_live_");
        let token = &had(ada, "POST /v1/auth/login")?.token;
        let made = make(token, &form).answers(201, &shape).await?;
        match text(&made, "api_key").get(..11) == made["prefix"].as_str() {
            true => Ok(made),
            false => Err(wrong(
                operation,
                "prefix: the key's first 11 characters",
                made["prefix"].to_string(),
            )),
        }
    };
    let made = scenario.case(operation, "as the document shows", case).await;
    let case = async {
        let token = &had(ada, "POST /v1/auth/login")?.token;
        for (member, value) in [
            ("name", json!("")),
            ("scopes", json!([])),
            ("scopes", json!(["databases"])),
            ("scopes", json!("databases:read")),
            ("expires_in", json!("soon")),
        ] {
            let mut form = form.clone();
            form[member] = value;
            make(token, &form).refused(400, "").await?;
        }
        Ok(())
    };
    scenario
        .case(operation, "bad names, scopes and terms: 400", case)
        .await;
    made
}

async fn only_by_people(scenario: &mut Scenario, ada: &Option<Signed>, made: &Option<Value>) {
    let http = scenario.http();
    let operation = "POST /v1/auth/api-keys";
    let form = json!({"name": "Production Key", "scopes": ["databases:read", "databases:write"], "expires_in": "365d"});
    let make = |token: &str, form: &Value| http.post("/v1/auth/api-keys").bearer(token).json(form);
    let case = async {
        let key = text(had(made, operation)?, "api_key");
        match make(&key, &form).send().await? {
            reply if matches!(reply.status, 401 | 403) => Ok(()),
            reply => Err(reply.unlike("401 or 403: a key makes no keys")),
        }
    };
    scenario.case(operation, "a key makes no keys", case).await;
    let case = async {
        let token = &had(ada, "POST /v1/auth/login")?.token;
        let idempotency = clock::unique();
        let mut form = form.clone();
        form["name"] = json!("Once");
        let once = |form: &Value| make(token, form).header("Idempotency-Key", &idempotency);
        let first = once(&form).answers(201, &json!({"id": "@text"})).await?;
        once(&form).answers(201, &first).await?;
        let mut other = form.clone();
        other["name"] = json!("Another");
        once(&other).refused(409, "").await
    };
    scenario
        .case(operation, "once for each Idempotency-Key", case)
        .await;
}

async fn list_and_revoke(scenario: &mut Scenario, ada: &Option<Signed>, key: &Option<Value>) {
    let http = scenario.http();
    let case = async {
        let (ada, key) = (
            had(ada, "POST /v1/auth/login")?,
            had(key, "POST /v1/auth/api-keys")?,
        );
        let mut each = key_shape();
        for (member, shape) in [
            ("last_used_at", "@time?"),
            ("expires_at", "@time?"),
            ("created_at", "@time"),
            ("name", "@text"),
            ("api_key", "@absent"),
        ] {
            each[member] = json!(shape);
        }
        let shape = json!({"api_keys": ["@some", each]});
        let list = http
            .get("/v1/auth/api-keys")
            .bearer(&ada.token)
            .answers(200, &shape)
            .await?;
        let mut listed = list["api_keys"].as_array().into_iter().flatten();
        match listed.any(|other| other["id"] == key["id"]) {
            true => Ok(()),
            false => Err(wrong(
                "GET /v1/auth/api-keys",
                key["id"].to_string(),
                list.to_string(),
            )),
        }
    };
    scenario
        .case("GET /v1/auth/api-keys", "as the document shows", case)
        .await;
    let operation = "DELETE /v1/auth/api-keys/{id}";
    let case = async {
        let (ada, key) = (
            had(ada, "POST /v1/auth/login")?,
            had(key, "POST /v1/auth/api-keys")?,
        );
        let path = format!("/v1/auth/api-keys/{}", text(key, "id"));
        let stranger = newcomer(&http).await?;
        http.delete(&path)
            .bearer(&stranger.token)
            .refused(404, "")
            .await?;
        let delete = http.delete(&path).bearer(&ada.token);
        delete
            .answers(200, &json!({"message_code": "api_key_revoked"}))
            .await?;
        let used = http
            .get("/v1/users/me")
            .header("X-API-Key", &text(key, "api_key"));
        used.refused(401, "").await
    };
    scenario
        .case(
            operation,
            "as the document shows, 404 for others, dead at once",
            case,
        )
        .await;
}
