//! The licence of the own account, what it grants, and what was used.
//! Uses nothing up.

use serde_json::json;

use super::heading;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::newcomer;
use crate::scenario::Scenario;
use crate::trouble::had;

const HERE: Heading = heading("Licenses", Area::Licenses);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/v1/licenses/me", Caller::Signed),
    HERE.row("GET", "/v1/licenses/entitlements", Caller::Signed),
    HERE.row("GET", "/v1/licenses/usage", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let ada = newcomer(&http).await.ok();
    let get = |path: &str, token: &str| http.get(path).bearer(token);
    let case = async {
        let shape = json!({"id": "@text", "plan": "@text", "status": "@text", "seats": "@any", "valid_from": "@time",
            "valid_until": "@time?", "features": "@any"});
        let token = &had(&ada, "somebody signed up")?.token;
        get("/v1/licenses/me", token).enveloped(200, &shape).await
    };
    scenario
        .case("GET /v1/licenses/me", "everybody has one", case)
        .await;
    let case = async {
        let each = json!({"feature": "@text", "granted": "@bool", "limit": "@any", "used": "@count", "remaining": "@any"});
        let token = &had(&ada, "somebody signed up")?.token;
        get("/v1/licenses/entitlements", token)
            .enveloped(200, &json!(["@each", each]))
            .await?;
        let one = get("/v1/licenses/entitlements?feature=no-such-feature", token);
        one.enveloped(200, &json!(["@each", {"granted": false}])).await
    };
    scenario
        .case("GET /v1/licenses/entitlements", "all, and one by name", case)
        .await;
    let case = async {
        let each = json!({"metric": "@text", "used": "@count", "limit": "@any", "period_start": "@time",
            "period_end": "@time"});
        let token = &had(&ada, "somebody signed up")?.token;
        get("/v1/licenses/usage", token)
            .enveloped(200, &json!(["@each", each]))
            .await?;
        get("/v1/licenses/usage?from=yesterday", token)
            .refused(400, "")
            .await
    };
    scenario.case("GET /v1/licenses/usage", "of a period", case).await;
}
