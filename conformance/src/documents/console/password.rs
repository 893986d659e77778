//! Sign-up, sign-in, recovery, refresh and logout of document 003.
//! GitHub stands in `github`.

use serde_json::json;

use super::heading;
use crate::curl;
use crate::documents::login::{bad_members_are_named, strangers_look_alike, with_second_factor};
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{OTHER_PASSWORD, Person, Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::{had, wrong};
use crate::world::text;

const HERE: Heading = heading("Authentication", Area::Console);

pub(super) const TABLE: &[Operation] = &[
    HERE.with_body("POST", "/api/auth/register", Caller::Open),
    HERE.with_body("POST", "/api/auth/login", Caller::Open),
    HERE.with_body("POST", "/api/auth/forgot-password", Caller::Open),
    HERE.with_body("POST", "/api/auth/reset-password", Caller::Open),
    HERE.row("POST", "/api/auth/logout", Caller::Signed),
    HERE.with_body("POST", "/api/auth/refresh", Caller::Open),
];

pub(super) async fn run(scenario: &mut Scenario) {
    let ada = register(scenario).await;
    let ada = log_in(scenario, &ada).await;
    second_factor(scenario).await;
    recover(scenario).await;
    refresh_and_logout(scenario, &ada).await;
    printed(scenario).await;
}

async fn register(scenario: &mut Scenario) -> Option<Signed> {
    let http = scenario.http();
    let operation = "POST /api/auth/register";
    let ada = Person::new();
    let case = async {
        let shape =
            json!({"token": "@jwt", "refreshToken": "@token", "user": {"id": "@text", "email": ada.email}});
        let made = http
            .post("/api/auth/register")
            .json(&ada.form())
            .answers(201, &shape)
            .await?;
        Ok(Signed {
            person: ada.clone(),
            id: text(&made["user"], "id"),
            token: text(&made, "token"),
            refresh_token: text(&made, "refreshToken"),
        })
    };
    let signed = scenario.case(operation, "as the document shows", case).await;
    let bad = vec![("email", json!("no address")), ("password", json!("short12"))];
    let case = bad_members_are_named(&http, "/api/auth/register", bad);
    scenario
        .case(operation, "bad members: 400 that names them", case)
        .await;
    signed
}

async fn log_in(scenario: &mut Scenario, ada: &Option<Signed>) -> Option<Signed> {
    let http = scenario.http();
    let operation = "POST /api/auth/login";
    let case = async {
        let ada = had(ada, "POST /api/auth/register")?;
        let shape = json!({"token": "@jwt", "refreshToken": "@token",
            "user": {"id": ada.id, "email": ada.person.email, "role": "user"}});
        let login = http.post("/api/auth/login").json(&ada.person.credentials());
        let answer = login.answers(200, &shape).await?;
        Ok(Signed {
            token: text(&answer, "token"),
            refresh_token: text(&answer, "refreshToken"),
            ..ada.clone()
        })
    };
    let signed = scenario.case(operation, "as the document shows", case).await;
    strangers_look_alike(scenario, "/api/auth", ada).await;
    signed
}

async fn second_factor(scenario: &mut Scenario) {
    let http = scenario.http();
    let case = async {
        let (ada, mut app) = with_second_factor(&http).await?;
        let login = http.post("/api/auth/login").json(&ada.person.credentials());
        let error = login.refused(401, "mfa_required").await?;
        if error["details"]["pending_token"].as_str().is_none() {
            return Err(wrong(
                "POST /api/auth/login",
                "details.pending_token",
                error.to_string(),
            ));
        }
        let mut body = ada.person.credentials();
        body["totpCode"] = json!(app.code().await);
        http.post("/api/auth/login")
            .json(&body)
            .answers(200, &json!({"token": "@jwt"}))
            .await
    };
    scenario
        .case("POST /api/auth/login", "never without the second factor", case)
        .await;
}

async fn recover(scenario: &mut Scenario) {
    let http = scenario.http();
    let mail = scenario.world.mail.clone();
    let case = async {
        let ada = newcomer(&http).await?;
        for email in [&ada.person.email, "nobody@conformance.example"] {
            let ask = http
                .post("/api/auth/forgot-password")
                .json(&json!({"email": email}));
            ask.answers(202, &json!({"status": "ok"})).await?;
        }
        Ok(ada)
    };
    let ada = scenario
        .case(
            "POST /api/auth/forgot-password",
            "answers alike for known and unknown",
            case,
        )
        .await;
    let case = async {
        let ada = had(&ada, "POST /api/auth/forgot-password")?;
        let token = mail.token(&ada.person.email, &["reset"]).await?;
        let body = json!({"token": token, "password": OTHER_PASSWORD});
        let reset = http.post("/api/auth/reset-password").json(&body);
        reset.answers(200, &json!({})).await?;
        http.get("/api/auth/me")
            .bearer(&ada.token)
            .refused(401, "")
            .await?;
        let new = json!({"email": ada.person.email, "password": OTHER_PASSWORD});
        http.post("/api/auth/login")
            .json(&new)
            .answers(200, &json!({}))
            .await?;
        reset.refused(410, "").await
    };
    scenario
        .case(
            "POST /api/auth/reset-password",
            "the mailed token, once; all sessions end",
            case,
        )
        .await;
}

async fn refresh_and_logout(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let refresh = |token: &str| {
        http.post("/api/auth/refresh")
            .json(&json!({"refreshToken": token}))
    };
    let case = async {
        let first = &had(ada, "POST /api/auth/login")?.refresh_token;
        let shape = json!({"token": "@jwt", "refreshToken": "@token"});
        let answer = refresh(first).answers(200, &shape).await?;
        refresh("not-a-refresh-token").refused(401, "").await?;
        match text(&answer, "refreshToken") == *first {
            true => Err(wrong(
                "POST /api/auth/refresh",
                "another refresh token",
                "the same",
            )),
            false => Ok((text(&answer, "token"), text(&answer, "refreshToken"))),
        }
    };
    let pair = scenario
        .case(
            "POST /api/auth/refresh",
            "as the document says, and rotating",
            case,
        )
        .await;
    let case = async {
        let (token, refresh_token) = had(&pair, "POST /api/auth/refresh")?;
        let logout = http.post("/api/auth/logout").bearer(token);
        logout.answers(200, &json!({"status": "ok"})).await?;
        http.get("/api/auth/me").bearer(token).refused(401, "").await?;
        refresh(refresh_token).refused(401, "").await
    };
    scenario
        .case(
            "POST /api/auth/logout",
            "the session and all its tokens end",
            case,
        )
        .await;
}

/// With an address of this run; the password is the printed one.
async fn printed(scenario: &mut Scenario) {
    let http = scenario.http();
    let ada = Person::new();
    let mut token: Option<String> = None;
    for (operation, status, shape) in [
        ("POST /api/auth/register", 201, json!({"token": "@jwt"})),
        ("POST /api/auth/login", 200, json!({"token": "@jwt"})),
        ("POST /api/auth/forgot-password", 202, json!({"status": "ok"})),
        ("GET /api/auth/me", 200, json!({"email": ada.email})),
    ] {
        let case = async {
            let bearer = match operation.starts_with("GET") {
                true => had(&token, "POST /api/auth/login")?,
                false => "",
            };
            let filled = [("user@example.com", ada.email.as_str()), ("TOKEN", bearer)];
            curl::run(&http, ("003", operation), &filled, (status, &shape)).await
        };
        // Registration and login give a token; the other answers have none.
        let answer = scenario.case(operation, "the printed command", case).await;
        token = answer
            .map(|answer| text(&answer, "token"))
            .filter(|token| !token.is_empty())
            .or(token);
    }
}
