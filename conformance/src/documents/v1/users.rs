//! The own account, and the list of all for administrators.
//! Deletes only accounts that it has made.

use serde_json::{Value, json};

use super::heading;
use crate::clock;
use crate::curl;
use crate::http::Http;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::{Outcome, given, had, wrong};
use crate::world::{World, text};

const HERE: Heading = heading("Users", Area::V1);
const SHOWN: Heading = heading("Pagination and API keys", Area::V1);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/v1/users/me", Caller::Signed),
    HERE.row("PATCH", "/v1/users/me", Caller::Signed),
    HERE.row("DELETE", "/v1/users/me", Caller::Signed),
    SHOWN.row("GET", "/v1/users", Caller::Admin),
    SHOWN.row("GET", "/v1/admin/users", Caller::Admin),
];

pub(super) async fn run(scenario: &mut Scenario) {
    let ada = newcomer(&scenario.http()).await.ok();
    me(scenario, &ada).await;
    change(scenario, &ada).await;
    delete(scenario).await;
    all(scenario).await;
    by_key(scenario).await;
}

fn profile(ada: &Signed) -> Value {
    json!({"id": "@text", "email": ada.person.email, "name": ada.person.name, "avatar": "@text?", "company": "@text?",
        "plan": "@text", "role": "user", "two_factor_enabled": false, "email_verified_at": "@time?",
        "created_at": "@time", "updated_at": "@time"})
}

async fn me(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let operation = "GET /v1/users/me";
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let me = http.get("/v1/users/me").bearer(&ada.token);
        me.enveloped(200, &profile(ada)).await
    };
    scenario.case(operation, "enveloped", case).await;
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let filled = [("YOUR_ACCESS_TOKEN", ada.token.as_str())];
        let shape = json!({"data": profile(ada), "meta": {"requestId": "@starts:req_"}});
        curl::run(&http, ("004", operation), &filled, (200, &shape)).await
    };
    scenario.case(operation, "the printed command", case).await;
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let reply = http.get("/v1/users/me").bearer(&ada.token).send().await?;
        for name in ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"] {
            reply.must_have(name)?;
        }
        let both = http.get("/v1/users/me").bearer(&ada.token);
        both.header("X-API-Key", "ch_live_another")
            .refused_at_the_door()
            .refused(400, "")
            .await?;
        http.get("/v1/no-such-path")
            .refused_at_the_door()
            .refused(404, "")
            .await
    };
    scenario
        .case(operation, "its limit is told; two credentials: 400", case)
        .await;
}

async fn change(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let patch = |body: &Value| http.patch("/v1/users/me").bearer(&ada.token).json(body);
        let username = format!("ada{}", clock::seconds());
        let changed = json!({"name": "Ada King", "company": "Analytical Engines"});
        patch(&changed).enveloped(200, &changed).await?;
        patch(&json!({"username": username}))
            .enveloped(200, &json!({"name": "Ada King"}))
            .await?;
        patch(&json!({"name": 7})).refused(400, "invalid_request").await?;
        patch(&json!({"email": "no address"})).refused(400, "").await?;
        // Another address counts when it is confirmed.
        let email = format!("new-{}", ada.person.email);
        patch(&json!({"email": email}))
            .enveloped(200, &json!({"email": ada.person.email}))
            .await?;
        let me = http.get("/v1/users/me").bearer(&ada.token);
        me.enveloped(200, &changed).await
    };
    scenario
        .case("PATCH /v1/users/me", "name, company, user name and address", case)
        .await;
}

async fn delete(scenario: &mut Scenario) {
    let http = scenario.http();
    let case = async {
        let ada = newcomer(&http).await?;
        let delete = |body: &Value| http.delete("/v1/users/me").bearer(&ada.token).json(body);
        let wrong = delete(&json!({"password": "wrong-horse-battery"})).send().await?;
        if !matches!(wrong.status, 400 | 401 | 403) {
            return Err(wrong.unlike("a refusal of the wrong password"));
        }
        let reply = delete(&json!({"password": ada.person.password})).send().await?;
        if !matches!(reply.status, 200 | 202) {
            return Err(reply.unlike("200 or 202"));
        }
        let status = http.get("/api/auth/deletion-status").bearer(&ada.token);
        status
            .answers(200, &json!({"pending": true, "scheduledFor": "@time"}))
            .await
    };
    scenario
        .case(
            "DELETE /v1/users/me",
            "with the password; starts the deletion",
            case,
        )
        .await;
}

/// A list with its totals.
async fn listed(http: &Http, path: &str, (header, value): (&str, &str)) -> Outcome<Value> {
    let shape = json!({"data": ["@some", {"id": "@text", "email": "@text"}],
        "meta": {"requestId": "@starts:req_", "page": 1, "limit": 2, "total": "@count", "totalPages": "@count"}});
    let call = http.get(&format!("{path}?page=1&limit=2")).header(header, value);
    let answer = call.answers(200, &shape).await?;
    let total = answer["meta"]["total"].as_u64().unwrap_or_default();
    let pages = answer["meta"]["totalPages"].as_u64();
    let shown = answer["data"].as_array().map_or(0, Vec::len);
    match pages == Some(total.div_ceil(2)) && shown <= 2 {
        true => Ok(answer),
        false => Err(wrong(
            path,
            "totals that fit together",
            answer["meta"].to_string(),
        )),
    }
}

async fn all(scenario: &mut Scenario) {
    let world = scenario.world.clone();
    for path in ["/v1/users", "/v1/admin/users"] {
        let case = async {
            let admin = world.admin().await?;
            let bearer = format!("Bearer {admin}");
            listed(&world.http, path, ("Authorization", &bearer)).await?;
            let ada = newcomer(&world.http).await?;
            let search = world
                .http
                .get(&format!("{path}?q={}", ada.person.email))
                .bearer(&admin);
            search
                .enveloped(200, &json!([{"email": ada.person.email}]))
                .await?;
            let bad = world
                .http
                .get(&format!("{path}?limit=1000"))
                .bearer(&admin)
                .send()
                .await?;
            match bad.status {
                400 => Ok(()),
                200 if bad.json()?["meta"]["limit"] == 100 => Ok(()),
                _ => Err(bad.unlike("400, or 100 at most")),
            }
        };
        let operation = format!("GET {path}");
        scenario
            .case(&operation, "all users in pages, and a search", case)
            .await;
    }
}

/// A key of the administrator that may list users.
async fn admin_key(world: &World, scope: &str) -> Outcome<String> {
    let admin = world.admin().await?;
    let body = json!({"name": clock::unique(), "scopes": [scope], "expires_in": "1d"});
    let call = world.http.post("/v1/auth/api-keys").bearer(&admin).json(&body);
    let made = given(
        call.answers(201, &json!({"api_key": "@text"})).await,
        "a key of an administrator",
    )?;
    Ok(text(&made, "api_key"))
}

async fn by_key(scenario: &mut Scenario) {
    let world = scenario.world.clone();
    let operation = "GET /v1/admin/users";
    let case = async {
        let key = admin_key(&world, "admin:users:read").await?;
        listed(&world.http, "/v1/admin/users", ("X-API-Key", &key)).await?;
        let shape = json!({"data": ["@some", {"id": "@text"}], "meta": {"total": "@count"}});
        let filled = [("YOUR_API_KEY", key.as_str())];
        curl::run(&world.http, ("004", operation), &filled, (200, &shape)).await
    };
    scenario
        .case(operation, "the printed command, with a key", case)
        .await;
    let case = async {
        let key = admin_key(&world, "databases:read").await?;
        let call = world.http.get("/v1/admin/users").header("X-API-Key", &key);
        call.refused(403, "").await
    };
    scenario
        .case(operation, "a key without the scope: 403", case)
        .await;
}
