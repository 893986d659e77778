//! Document 002, `/v1/auth`: passwords, API keys and the second factor, in plain bodies.
//! What document 004 adds below the same paths is not looked at here.

mod api_keys;
mod second_factor;

use serde_json::{Value, json};

use crate::curl;
use crate::documents::login::{bad_members_are_named, strangers_look_alike};
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{Person, Signed};
use crate::scenario::Scenario;
use crate::trouble::{had, wrong};
use crate::world::text;

const ALL: Heading = Heading {
    document: "002",
    section: "Authentication Endpoints",
    area: Area::V1,
};

/// The operations.
pub const TABLE: &[Operation] = &[
    ALL.with_body("POST", "/v1/auth/register", Caller::Open),
    ALL.with_body("POST", "/v1/auth/login", Caller::Open),
    ALL.with_body("POST", "/v1/auth/refresh", Caller::Open),
    ALL.row("GET", "/v1/auth/me", Caller::Signed),
    ALL.with_body("POST", "/v1/auth/api-keys", Caller::Signed),
    ALL.row("GET", "/v1/auth/api-keys", Caller::Signed),
    ALL.row("DELETE", "/v1/auth/api-keys/{id}", Caller::Signed),
    ALL.row("POST", "/v1/auth/2fa/setup", Caller::Signed),
    ALL.with_body("POST", "/v1/auth/2fa/verify", Caller::Signed),
    ALL.with_body("POST", "/v1/auth/2fa/disable", Caller::Signed),
];

/// Its cases.
pub async fn run(scenario: &mut Scenario) {
    let ada = register(scenario).await;
    let ada = log_in(scenario, &ada).await;
    refresh(scenario, &ada).await;
    me(scenario, &ada).await;
    api_keys::run(scenario, &ada).await;
    second_factor::run(scenario, &ada).await;
}

async fn register(scenario: &mut Scenario) -> Option<Signed> {
    let http = scenario.http();
    let ada = Person::new();
    let operation = "POST /v1/auth/register";
    let form =
        json!({"email": ada.email, "password": ada.password, "name": "John Doe", "company": "Acme Corp"});
    let case = async {
        let shape = json!({"token": "@jwt", "user": {"id": "@text", "email": ada.email, "name": "John Doe"}});
        let made = http
            .post("/v1/auth/register")
            .json(&form)
            .answers(201, &shape)
            .await?;
        Ok(Signed {
            person: ada.clone(),
            id: text(&made["user"], "id"),
            token: text(&made, "token"),
            refresh_token: String::new(),
        })
    };
    let signed = scenario.case(operation, "as the document shows", case).await;
    let bad = vec![
        ("password", json!("short12")),
        ("name", Value::Null),
        ("email", json!("no address")),
        ("email", json!(["x@conformance.example"])),
    ];
    let case = bad_members_are_named(&http, "/v1/auth/register", bad);
    scenario
        .case(
            operation,
            "a short password, no name, no address: 400 that names it",
            case,
        )
        .await;
    signed
}

async fn log_in(scenario: &mut Scenario, ada: &Option<Signed>) -> Option<Signed> {
    let http = scenario.http();
    let operation = "POST /v1/auth/login";
    let case = async {
        let ada = had(ada, "POST /v1/auth/register")?;
        let shape = json!({"token": "@jwt", "refresh_token": "@token",
            "user": {"id": ada.id, "email": ada.person.email, "name": "John Doe", "two_factor_enabled": false}});
        let login = http.post("/v1/auth/login").json(&ada.person.credentials());
        let answer = login.answers(200, &shape).await?;
        Ok(Signed {
            token: text(&answer, "token"),
            refresh_token: text(&answer, "refresh_token"),
            ..ada.clone()
        })
    };
    let signed = scenario.case(operation, "as the document shows", case).await;
    strangers_look_alike(scenario, "/v1/auth", ada).await;
    signed
}

async fn refresh(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let operation = "POST /v1/auth/refresh";
    let refresh = |token: &str| {
        http.post("/v1/auth/refresh")
            .json(&json!({"refresh_token": token}))
    };
    let case = async {
        let first = &had(ada, "POST /v1/auth/login")?.refresh_token;
        let shape = json!({"token": "@jwt", "refresh_token": "@token"});
        let answer = refresh(first).answers(200, &shape).await?;
        if text(&answer, "refresh_token") == *first {
            return Err(wrong(operation, "another refresh token", "the same"));
        }
        http.get("/v1/auth/me")
            .bearer(&text(&answer, "token"))
            .answers(200, &json!({}))
            .await
    };
    scenario
        .case(operation, "as the document shows, and rotating", case)
        .await;
    let case = async { refresh("not-a-refresh-token").refused(401, "").await };
    scenario.case(operation, "an unknown token: 401", case).await;
}

fn profile(ada: &Signed) -> Value {
    json!({"id": ada.id, "email": ada.person.email, "name": "John Doe", "company": "Acme Corp", "plan": "@text",
        "two_factor_enabled": false, "email_verified_at": "@time?", "created_at": "@time"})
}

async fn me(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let operation = "GET /v1/auth/me";
    let case = async {
        let ada = had(ada, "POST /v1/auth/login")?;
        http.get("/v1/auth/me")
            .bearer(&ada.token)
            .answers(200, &profile(ada))
            .await
    };
    scenario.case(operation, "as the document shows", case).await;
    let case = async {
        let ada = had(ada, "POST /v1/auth/login")?;
        let filled = [("YOUR_TOKEN", ada.token.as_str())];
        curl::run(&http, ("002", operation), &filled, (200, &profile(ada))).await
    };
    scenario.case(operation, "the printed command", case).await;
}
