//! Document 001, `/api`: session login, API tokens with scope maps, and the open check.
//! Times are seconds since the epoch here, and 0 is never.

mod api_tokens;
mod printed;

use serde_json::{Value, json};

use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::had;
use crate::world::text;

const LOGIN: Heading = heading("Authentication");
const TOKENS: Heading = heading("API Tokens");

const fn heading(section: &'static str) -> Heading {
    Heading {
        document: "001",
        section,
        area: Area::Tokens,
    }
}

/// The operations.
pub const TABLE: &[Operation] = &[
    LOGIN.with_body("POST", "/api/login", Caller::Open),
    LOGIN.row("GET", "/api/session", Caller::Signed),
    LOGIN.row("POST", "/api/logout", Caller::Open),
    TOKENS.with_body("POST", "/api/tokens", Caller::Signed),
    TOKENS.row("GET", "/api/tokens", Caller::Signed),
    TOKENS.row("DELETE", "/api/tokens/{id}", Caller::Signed),
    TOKENS.row("GET", "/api/tokens/{id}/check", Caller::Open),
];

/// Its cases.
pub async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let ada = newcomer(&http).await.ok();
    let ada = sign_in(scenario, &ada).await;
    sessions(scenario, &ada).await;
    api_tokens::run(scenario, &ada).await;
    printed::run(scenario).await;
}

fn profile(ada: &Signed) -> Value {
    json!({"username": "@text", "display_name": ada.person.name, "user_id": ada.id, "is_admin": false})
}

async fn sign_in(scenario: &mut Scenario, ada: &Option<Signed>) -> Option<Signed> {
    let http = scenario.http();
    let login = |password: &str, ada: &Signed| {
        http.post("/api/login")
            .json(&json!({"username": ada.person.email, "password": password}))
    };
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let mut shape = profile(ada);
        shape["token"] = json!("@jwt");
        let answer = login(&ada.person.password, ada).answers(200, &shape).await?;
        let token = text(&answer, "token");
        Ok(Signed { token, ..ada.clone() })
    };
    let signed = scenario
        .case("POST /api/login", "as the document shows", case)
        .await;
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        login("wrong-horse-battery", ada)
            .refused(401, "invalid_credentials")
            .await?;
        let nobody = json!({"username": "nobody-at-all", "password": "wrong-horse-battery"});
        http.post("/api/login")
            .json(&nobody)
            .refused(401, "invalid_credentials")
            .await
    };
    scenario
        .case(
            "POST /api/login",
            "wrong password and unknown name look alike",
            case,
        )
        .await;
    signed
}

async fn sessions(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let case = async {
        let ada = had(ada, "POST /api/login")?;
        let session = http.get("/api/session").bearer(&ada.token);
        session.answers(200, &profile(ada)).await
    };
    scenario
        .case("GET /api/session", "as the document shows", case)
        .await;
    let case = async {
        let ok = json!({"status": "ok"});
        http.post("/api/logout").answers(200, &ok).await?;
        let login = json!({"username": had(ada, "POST /api/login")?.person.email,
            "password": had(ada, "POST /api/login")?.person.password});
        let answer = http
            .post("/api/login")
            .json(&login)
            .answers(200, &json!({"token": "@jwt"}))
            .await?;
        let token = text(&answer, "token");
        http.post("/api/logout").bearer(&token).answers(200, &ok).await?;
        http.get("/api/session").bearer(&token).refused(401, "").await
    };
    scenario
        .case("POST /api/logout", "with a token its session ends", case)
        .await;
}
