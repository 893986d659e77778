//! Sign-up, sign-in, the second step, refresh and `me` of document 000.
//! What arrives by mail stands in `recovery`.

use serde_json::json;

use super::{heading, pair};
use crate::clock;
use crate::curl;
use crate::documents::login::{bad_members_are_named, strangers_look_alike};
use crate::http::Http;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{Person, Signed};
use crate::scenario::Scenario;
use crate::trouble::{Outcome, given, had, wrong};
use crate::world::text;

const HERE: Heading = heading("Sessions", Area::Sessions);

pub(super) const TABLE: &[Operation] = &[
    HERE.with_body("POST", "/auth/register", Caller::Open),
    HERE.with_body("POST", "/auth/login", Caller::Open),
    HERE.with_body("POST", "/auth/2fa/login-verify", Caller::Open),
    HERE.with_body("POST", "/auth/refresh", Caller::Open),
    HERE.with_body("POST", "/auth/forgot-password", Caller::Open),
    HERE.with_body("POST", "/auth/reset-password", Caller::Open),
    HERE.with_body("POST", "/auth/verify-email", Caller::Open),
    HERE.row("GET", "/auth/me", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario) {
    let ada = register(scenario).await;
    let ada = log_in(scenario, &ada).await;
    refresh(scenario, &ada).await;
    me(scenario, &ada).await;
    one_credential(scenario, &ada).await;
}

async fn register(scenario: &mut Scenario) -> Option<Signed> {
    let http = scenario.http();
    let operation = "POST /auth/register";
    let ada = Person::new();
    let case = async {
        let mut shape = pair();
        shape["user"] = json!({"id": "@text", "email": ada.email});
        let made = http
            .post("/auth/register")
            .json(&ada.form())
            .answers(201, &shape)
            .await?;
        Ok(Signed {
            person: ada.clone(),
            id: text(&made["user"], "id"),
            token: text(&made, "access_token"),
            refresh_token: text(&made, "refresh_token"),
        })
    };
    let signed = scenario
        .case(operation, "returns access and refresh tokens", case)
        .await;
    let bad = vec![
        ("email", json!("no address")),
        ("password", json!("short12")),
        ("email", json!(7)),
    ];
    let case = bad_members_are_named(&http, "/auth/register", bad);
    scenario
        .case(operation, "bad members: 400 that names them", case)
        .await;
    let case = async {
        had(&signed, operation)?;
        // Where addresses must be confirmed first, a taken one is answered as a fresh one.
        let reply = http.post("/auth/register").json(&ada.form()).send().await?;
        match reply.status {
            201 | 202 => Ok(()),
            409 => crate::envelope::refusal(&reply, 409, "").map(|_| ()),
            _ => Err(reply.unlike("409, or as for a fresh address")),
        }
    };
    scenario.case(operation, "a taken address", case).await;
    signed
}

async fn log_in(scenario: &mut Scenario, ada: &Option<Signed>) -> Option<Signed> {
    let http = scenario.http();
    let operation = "POST /auth/login";
    let mut shape = pair();
    shape["user"] = json!({"id": "@text"});
    let case = async {
        let ada = had(ada, "POST /auth/register")?;
        let login = http.post("/auth/login").json(&ada.person.credentials());
        let answer = login.answers(200, &shape).await?;
        Ok(Signed {
            token: text(&answer, "access_token"),
            refresh_token: text(&answer, "refresh_token"),
            ..ada.clone()
        })
    };
    let signed = scenario.case(operation, "a token pair", case).await;
    strangers_look_alike(scenario, "/auth", ada).await;
    let case = async {
        let person = &had(ada, "POST /auth/register")?.person;
        let filled = [
            ("[email protected]", person.email.as_str()),
            ("…", &person.password),
        ];
        curl::run(&http, ("000", operation), &filled, (200, &shape)).await
    };
    scenario.case(operation, "the printed command", case).await;
    signed
}

async fn refresh(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let operation = "POST /auth/refresh";
    let refresh = |token: &str| http.post("/auth/refresh").json(&json!({"refresh_token": token}));
    let case = async {
        let first = &had(ada, "POST /auth/login")?.refresh_token;
        let second = refresh(first).answers(200, &pair()).await?;
        let next = text(&second, "refresh_token");
        if next == *first {
            return Err(wrong(operation, "another refresh token", "the same"));
        }
        http.get("/auth/me")
            .bearer(&text(&second, "access_token"))
            .answers(200, &json!({}))
            .await?;
        refresh(&next).answers(200, &pair()).await?;
        // Its successor was used: somebody else must have it.
        refresh(first).refused(401, "").await
    };
    scenario
        .case(operation, "rotates, and an old one is refused", case)
        .await;
    let case = async { refresh("not-a-refresh-token").refused(401, "").await };
    scenario.case(operation, "an unknown token: 401", case).await;
}

async fn me(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let operation = "GET /auth/me";
    let case = async {
        let ada = fresh(&http, ada).await?;
        let shape = json!({"type": "root", "id": "@text", "account_id": "@text", "email": ada.person.email,
            "name": ada.person.name, "arn": "@starts:arn:", "two_factor_enabled": false, "email_verified": "@bool",
            "groups": "@list", "created_at": "@time"});
        let answer = http
            .get("/auth/me")
            .bearer(&ada.token)
            .answers(200, &shape)
            .await?;
        let account = text(&answer, "account_id");
        match account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(()),
            false => Err(wrong(operation, "account_id of 12 digits", account)),
        }
    };
    scenario.case(operation, "the profile of a root user", case).await;
    let case = async {
        let ada = fresh(&http, ada).await?;
        let asked = format!("req_{}", clock::unique());
        let call = http
            .get("/auth/me")
            .bearer(&ada.token)
            .header("X-Request-Id", &asked);
        let reply = call.send().await?;
        if reply.must_have("X-Request-Id")? != asked {
            return Err(reply.unlike(&format!("X-Request-Id: {asked}")));
        }
        let call = http
            .get("/auth/me")
            .bearer(&ada.token)
            .header("X-Request-Id", "<script>");
        let reply = call.send().await?;
        match reply.must_have("X-Request-Id")?.starts_with("req_") {
            true => Ok(()),
            false => Err(reply.unlike("a request id of the server's own")),
        }
    };
    scenario.case(operation, "keeps a sane request id", case).await;
    let case = async {
        http.get("/auth/no-such-path")
            .refused_at_the_door()
            .refused(404, "")
            .await
    };
    scenario
        .case(operation, "an unknown path beside it: 404", case)
        .await;
}

async fn one_credential(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let case = async {
        let ada = fresh(&http, ada).await?;
        let call = http.get("/auth/me").bearer(&ada.token);
        call.header("X-API-Key", "ch_live_another")
            .refused_at_the_door()
            .refused(400, "")
            .await
    };
    scenario
        .case("GET /auth/me", "two different credentials: 400", case)
        .await;
}

/// The replayed refresh token has ended the session: sign in again.
async fn fresh(http: &Http, ada: &Option<Signed>) -> Outcome<Signed> {
    let ada = had(ada, "POST /auth/login")?;
    let login = http.post("/auth/login").json(&ada.person.credentials());
    let answer = given(login.answers(200, &pair()).await, "POST /auth/login")?;
    let token = text(&answer, "access_token");
    Ok(Signed { token, ..ada.clone() })
}
