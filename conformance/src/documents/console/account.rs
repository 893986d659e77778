//! The own profile of document 003, what was already shown to its owner, quotas, and tokens for machines.
//! Changes nothing but flags and the picture.

use serde_json::{Value, json};

use super::heading;
use crate::clock;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{Signed, newcomer};
use crate::picture;
use crate::scenario::Scenario;
use crate::trouble::{had, wrong};
use crate::world::text;

const HERE: Heading = heading("Authentication", Area::Console);
const PLANS: Heading = heading("Authentication", Area::Licenses);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/api/auth/me", Caller::Signed),
    HERE.row("POST", "/api/auth/complete-onboarding", Caller::Signed),
    HERE.row("POST", "/api/auth/complete-tour", Caller::Signed),
    PLANS.row("GET", "/api/auth/quota", Caller::Signed),
    HERE.row("GET", "/api/auth/credential-rotation-status", Caller::Signed),
    HERE.row("POST", "/api/auth/avatar", Caller::Signed),
    HERE.row("POST", "/api/auth/download-token", Caller::Signed),
    HERE.row("POST", "/api/auth/service-token", Caller::ServiceKey),
];

pub(super) async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let ada = newcomer(&http).await.ok();
    me(scenario, &ada).await;
    rotation(scenario, &ada).await;
    avatar(scenario, &ada).await;
    short_lived(scenario, &ada).await;
}

async fn me(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let get = |ada: &Signed| http.get("/api/auth/me").bearer(&ada.token);
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let shape = json!({"id": ada.id, "email": ada.person.email, "name": ada.person.name, "role": "user",
            "githubId": "@text?", "avatar": "@text?", "onboardingCompleted": false, "tourCompleted": false,
            "twoFactorEnabled": false});
        get(ada).answers(200, &shape).await?;
        http.get("/api/auth/no-such-path")
            .refused_at_the_door()
            .refused(404, "")
            .await
    };
    scenario
        .case("GET /api/auth/me", "as the document shows", case)
        .await;
    for (operation, flag) in [
        ("POST /api/auth/complete-onboarding", "onboardingCompleted"),
        ("POST /api/auth/complete-tour", "tourCompleted"),
    ] {
        let case = async {
            let ada = had(ada, "somebody signed up")?;
            let path = operation.trim_start_matches("POST ");
            for _ in 0..2 {
                let call = http.post(path).bearer(&ada.token);
                call.answers(200, &json!({flag: true})).await?;
            }
            get(ada).answers(200, &json!({flag: true})).await
        };
        scenario
            .case(operation, "sets its flag, twice the same", case)
            .await;
    }
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let each = json!({"metric": "@text", "used": "@count", "limit": "@any", "remaining": "@any", "resetsAt": "@time?"});
        let shape = json!({"plan": "@text", "quotas": ["@each", each]});
        http.get("/api/auth/quota")
            .bearer(&ada.token)
            .answers(200, &shape)
            .await
    };
    scenario
        .case("GET /api/auth/quota", "the plan with its metrics", case)
        .await;
}

async fn rotation(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let operation = "GET /api/auth/credential-rotation-status";
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let shape = json!({"rotationRequired": false, "rotationRecommended": "@bool", "daysUntilRequired": "@any",
            "lastRotatedAt": "@time?", "thresholds": {"warningDays": "@count", "requiredDays": "@count"}});
        let call = http
            .get("/api/auth/credential-rotation-status")
            .bearer(&ada.token);
        let status = call.answers(200, &shape).await?;
        let members = status.as_object().map_or(0, serde_json::Map::len);
        match members {
            5 => Ok(()),
            _ => Err(wrong(
                operation,
                "exactly the document's members",
                status.to_string(),
            )),
        }
    };
    scenario
        .case(operation, "exactly as the document shows", case)
        .await;
}

async fn avatar(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let upload = |kind: &str, file: &[u8]| {
            let (content_type, body) = picture::form(kind, file);
            let call = http.post("/api/auth/avatar").bearer(&ada.token);
            call.body(&content_type, body)
        };
        let made = upload("image/png", &picture::png())
            .answers(200, &json!({"avatar": "@url"}))
            .await?;
        let shown = http.get(&text(&made, "avatar")).send().await?;
        let kind = shown.header("content-type").unwrap_or_default();
        if shown.status != 200 || !kind.starts_with("image/") {
            return Err(shown.unlike("a picture"));
        }
        let me = http.get("/api/auth/me").bearer(&ada.token);
        me.answers(200, &made).await?;
        upload("image/png", b"<svg onload=alert(1)>")
            .refused(400, "")
            .await?;
        let json = http.post("/api/auth/avatar").bearer(&ada.token).json(&json!({}));
        json.refused(415, "").await
    };
    let operation = "POST /api/auth/avatar";
    scenario
        .case(operation, "a picture; what is none: 400", case)
        .await;
}

async fn short_lived(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let world = scenario.world.clone();
    let case = async {
        let ada = had(ada, "somebody signed up")?;
        let call = http
            .post("/api/auth/download-token")
            .bearer(&ada.token)
            .json(&json!({}));
        let shape = json!({"token": "@token", "expiresAt": "@time"});
        let made = call.answers(200, &shape).await?;
        let now = clock::basic_time(clock::seconds() + 120);
        let ends: String = text(&made, "expiresAt")
            .chars()
            .filter(|c| !"-:".contains(*c))
            .collect();
        if ends.get(..15) > now.get(..15) {
            return Err(wrong("expiresAt", "within a minute", made.to_string()));
        }
        let me = http.get("/api/auth/me").bearer(&text(&made, "token"));
        me.refused(401, "").await
    };
    let operation = "POST /api/auth/download-token";
    scenario
        .case(operation, "good for a minute, and for downloads only", case)
        .await;
    let case = async {
        let ask = |body: &Value| {
            let call = http.post("/api/auth/service-token");
            Ok(call.header("x-service-key", world.service_key()?).json(body))
        };
        ask(&json!({}))?
            .answers(200, &json!({"token": "@jwt", "expiresIn": "@count"}))
            .await?;
        match ask(&json!({"scopes": ["no:such-scope"]}))?.send().await? {
            reply if matches!(reply.status, 400 | 403) => Ok(()),
            reply => Err(reply.unlike("a refusal of scopes the key has not")),
        }
    };
    let operation = "POST /api/auth/service-token";
    scenario
        .case(operation, "a token for a machine, no more than its key may", case)
        .await;
}
