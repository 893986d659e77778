//! Preferences: known members checked, unknown ones kept.
//! Tries the size limit too.

use serde_json::{Value, json};

use super::heading;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::newcomer;
use crate::scenario::Scenario;
use crate::trouble::had;

const HERE: Heading = heading("Authentication", Area::Console);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/api/auth/preferences", Caller::Signed),
    HERE.row("PUT", "/api/auth/preferences", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let path = "/api/auth/preferences";
    let ada = newcomer(&http).await.ok();
    let get = |token: &str| http.get(path).bearer(token);
    let case = async {
        let ada = had(&ada, "somebody signed up")?;
        get(&ada.token).answers(200, &json!("@object")).await
    };
    scenario
        .case("GET /api/auth/preferences", "an object from the start", case)
        .await;
    let case = async {
        let token = &had(&ada, "somebody signed up")?.token;
        let put = |body: &Value| http.put(path).bearer(token).json(body);
        let set = json!({"theme": "dark", "language": "en", "timezone": "Asia/Kolkata",
            "notifications": {"email": true}, "sidebar": {"collapsed": true}});
        put(&set).answers(200, &set).await?;
        get(token).answers(200, &set).await?;
        put(&json!({"theme": "purple"})).refused(400, "").await?;
        put(&json!([1, 2])).refused(400, "invalid_request").await?;
        let much = json!({"padding": "x".repeat(17 * 1024)});
        match put(&much).send().await? {
            reply if matches!(reply.status, 400 | 413) => {}
            reply => return Err(reply.unlike("400 or 413 for more than 16 KiB")),
        }
        get(token).answers(200, &set).await
    };
    scenario
        .case(
            "PUT /api/auth/preferences",
            "kept as sent; bad ones change nothing",
            case,
        )
        .await;
}
