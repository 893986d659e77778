//! The commands of document 001 in the order in which a reader would type them.
//! Changes nothing but host, token, ids, name and password.

use serde_json::json;

use super::TABLE;
use crate::curl;
use crate::operation::Caller;
use crate::person::newcomer;
use crate::scenario::Scenario;
use crate::trouble::had;
use crate::world::text;

pub(super) async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let ada = newcomer(&http).await.ok();
    let mut token: Option<String> = None;
    let mut id = String::new();
    for row in [0, 1, 3, 4, 6, 5, 2].map(|index| &TABLE[index]) {
        let name = row.name();
        let case = async {
            let ada = had(&ada, "somebody signed up")?;
            let bearer = match row.caller {
                Caller::Signed => had(&token, "POST /api/login")?,
                _ => "",
            };
            let filled = [
                ("eyJhbGci...", bearer),
                ("alice", ada.person.email.as_str()),
                ("secret", ada.person.password.as_str()),
                ("abc123", ada.id.as_str()),
                ("tok_5f3a", id.as_str()),
            ];
            let (status, shape) = match row.name().as_str() {
                "POST /api/tokens" => (201, json!({"token": "@text"})),
                "GET /api/tokens/{id}/check" => (200, json!({"status": "valid"})),
                _ => (200, json!("@any")),
            };
            curl::run(&http, ("001", &name), &filled, (status, &shape)).await
        };
        let answer = scenario.case(&name, "the printed command", case).await;
        match (row.path, answer) {
            ("/api/login", Some(answer)) => token = Some(text(&answer, "token")),
            ("/api/tokens", Some(answer)) if row.method == "POST" => id = text(&answer, "id"),
            _ => {}
        }
    }
}
