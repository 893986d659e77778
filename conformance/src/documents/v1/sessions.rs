//! The own sessions: seen, ended one by one, ended all.
//! What ends must be dead at once.

use serde_json::json;

use super::heading;
use crate::http::Http;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::{Outcome, given, had, wrong};
use crate::world::text;

const HERE: Heading = heading("Sessions", Area::V1);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/v1/sessions", Caller::Signed),
    HERE.row("DELETE", "/v1/sessions/{id}", Caller::Signed),
    HERE.row("DELETE", "/v1/sessions", Caller::Signed),
];

/// Another session of the same person.
async fn another(http: &Http, ada: &Signed) -> Outcome<String> {
    let login = http.post("/v1/auth/login").json(&ada.person.credentials());
    let answer = login.answers(200, &json!({"token": "@jwt"})).await;
    Ok(text(&given(answer, "a second session")?, "token"))
}

pub(super) async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let ada = newcomer(&http).await.ok();
    let list = |token: &str| http.get("/v1/sessions").bearer(token);
    let each = json!({"id": "@text", "current": "@bool", "created_at": "@time", "last_seen_at": "@time?",
        "ip": "@text?", "user_agent": "@any", "amr": "@list"});
    let case = async {
        let ada = had(&ada, "somebody signed up")?;
        let other = another(&http, ada).await?;
        let mine = list(&other).enveloped(200, &json!([each, each])).await?;
        let mut current = mine
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["current"] == true);
        match (current.next(), current.next()) {
            (Some(one), None) => Ok((other, text(one, "id"))),
            _ => Err(wrong("GET /v1/sessions", "one current session", mine.to_string())),
        }
    };
    let second = scenario
        .case("GET /v1/sessions", "both, one of them current", case)
        .await;
    let case = async {
        let ada = had(&ada, "somebody signed up")?;
        let (other, id) = had(&second, "GET /v1/sessions")?;
        let delete = |token: &str| http.delete(&format!("/v1/sessions/{id}")).bearer(token);
        let stranger = newcomer(&http).await?;
        delete(&stranger.token).refused(404, "").await?;
        delete(&ada.token)
            .enveloped(200, &json!({"revoked": true}))
            .await?;
        list(other).refused(401, "unauthorized").await?;
        delete(&ada.token).refused(404, "").await
    };
    scenario
        .case("DELETE /v1/sessions/{id}", "dead at once; of others: 404", case)
        .await;
    let case = async {
        let ada = had(&ada, "somebody signed up")?;
        let (first, second) = (another(&http, ada).await?, another(&http, ada).await?);
        let others = http.delete("/v1/sessions?except=current").bearer(&first);
        others.enveloped(200, &json!({"revoked": 2})).await?;
        list(&second).refused(401, "unauthorized").await?;
        list(&first).enveloped(200, &json!([each])).await?;
        let all = http.delete("/v1/sessions").bearer(&first);
        all.enveloped(200, &json!({"revoked": 1})).await?;
        list(&first).refused(401, "unauthorized").await
    };
    scenario
        .case("DELETE /v1/sessions", "all others, then all", case)
        .await;
}
