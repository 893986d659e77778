//! Signing in through another provider or by mail, refresh and logout of document 004.
//! The stand-in for GitHub plays the provider.

use serde_json::json;
use url::Url;

use super::{heading, signed_in};
use crate::browser;
use crate::github::parameter;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::newcomer;
use crate::scenario::Scenario;
use crate::trouble::{had, wrong};
use crate::world::text;

const HERE: Heading = heading("Authentication", Area::V1);
const GITHUB: Heading = heading("Authentication", Area::Github);

pub(super) const TABLE: &[Operation] = &[
    GITHUB.with_body("POST", "/v1/auth/login", Caller::Open),
    GITHUB.with_body("POST", "/v1/auth/callback", Caller::Open),
    HERE.with_body("POST", "/v1/auth/magic-link", Caller::Open),
    HERE.with_body("POST", "/v1/auth/verify", Caller::Open),
    HERE.with_body("POST", "/v1/auth/refresh", Caller::Open),
    HERE.row("POST", "/v1/auth/logout", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario) {
    by_github(scenario).await;
    by_mail(scenario).await;
    refresh_and_logout(scenario).await;
}

async fn by_github(scenario: &mut Scenario) {
    let http = scenario.http();
    let github = scenario.world.github.clone();
    let case = async {
        let person = github.person().await?;
        let browser = browser::open(&http)?;
        let start = browser
            .post("/v1/auth/login")
            .json(&json!({"provider": "github"}));
        let shape = json!({"authorization_url": "@url", "state": "@token"});
        let data = start.enveloped(200, &shape).await?;
        let address = text(&data, "authorization_url");
        let there = Url::parse(&address)
            .map_err(|error| wrong("authorization_url", "an address", error.to_string()))?;
        match parameter(&there, "state").as_deref() == data["state"].as_str() {
            true => Ok((browser, there, person)),
            false => Err(wrong("authorization_url", "the state in it", address)),
        }
    };
    let started = scenario
        .case("POST /v1/auth/login", "starts a visit to the provider", case)
        .await;
    let case = async {
        let unknown = http
            .post("/v1/auth/login")
            .json(&json!({"provider": "no-such-provider"}));
        unknown.refused(400, "").await?;
        let error = http
            .post("/v1/auth/login")
            .json(&json!({"x": 1}))
            .refused(400, "invalid_request")
            .await?;
        let said = error.to_string();
        match said.contains("email") && said.contains("provider") {
            true => Ok(()),
            false => Err(wrong(
                "POST /v1/auth/login",
                "both email and provider named",
                said,
            )),
        }
    };
    scenario
        .case(
            "POST /v1/auth/login",
            "neither address nor known provider: 400",
            case,
        )
        .await;
    let operation = "POST /v1/auth/callback";
    let case = async {
        let (browser, there, person) = had(&started, "POST /v1/auth/login")?;
        let back = github.allow(there, person).await?;
        let answer = |code: Option<String>| {
            let body = json!({"code": code, "state": parameter(&back, "state")});
            body
        };
        let body = answer(parameter(&back, "code"));
        // Without the browser's cookie it is somebody else's visit.
        let reply = http.post("/v1/auth/callback").json(&body).send().await?;
        if !matches!(reply.status, 400 | 401 | 403) {
            return Err(reply.unlike("a refusal in another browser"));
        }
        let data = browser
            .post("/v1/auth/callback")
            .json(&body)
            .enveloped(200, &signed_in())
            .await?;
        let me = http.get("/v1/users/me").bearer(&text(&data, "access_token"));
        me.enveloped(200, &json!({"email": person.email})).await?;
        match browser.post("/v1/auth/callback").json(&body).send().await? {
            reply if (400..=410).contains(&reply.status) => Ok(()),
            reply => Err(reply.unlike("a refusal of the used code")),
        }
    };
    scenario
        .case(operation, "signs in, in the same browser, once", case)
        .await;
}

async fn by_mail(scenario: &mut Scenario) {
    let http = scenario.http();
    let mail = scenario.world.mail.clone();
    let case = async {
        let ada = newcomer(&http).await?;
        for email in [&ada.person.email, "nobody@conformance.example"] {
            let ask = http.post("/v1/auth/magic-link").json(&json!({"email": email}));
            ask.enveloped(202, &json!({"sent": true})).await?;
        }
        Ok(ada)
    };
    let ada = scenario
        .case(
            "POST /v1/auth/magic-link",
            "answers alike for known and unknown",
            case,
        )
        .await;
    let case = async {
        let ada = had(&ada, "POST /v1/auth/magic-link")?;
        let token = mail
            .token(&ada.person.email, &["login/link", "magic", "sign in"])
            .await?;
        let verify = http.post("/v1/auth/verify").json(&json!({"token": token}));
        let data = verify.enveloped(200, &signed_in()).await?;
        verify.refused(410, "").await?;
        let me = http.get("/v1/users/me").bearer(&text(&data, "access_token"));
        me.enveloped(200, &json!({"email": ada.person.email})).await
    };
    scenario
        .case("POST /v1/auth/verify", "the mailed token, once", case)
        .await;
    let case = async {
        match http
            .post("/v1/auth/verify")
            .json(&json!({"token": "no-such-token"}))
            .send()
            .await?
        {
            reply if matches!(reply.status, 400 | 401 | 410) => Ok(()),
            reply => Err(reply.unlike("a refusal of an unknown token")),
        }
    };
    scenario
        .case("POST /v1/auth/verify", "an unknown token", case)
        .await;
}

async fn refresh_and_logout(scenario: &mut Scenario) {
    let http = scenario.http();
    let refresh = |token: &str| {
        http.post("/v1/auth/refresh")
            .json(&json!({"refresh_token": token}))
    };
    let case = async {
        let ada = newcomer(&http).await?;
        let pair = json!({"token": "@jwt", "refresh_token": "@token", "expires_in": "@count"});
        let shape = json!({"token": "@jwt", "refresh_token": "@token", "data": pair,
            "meta": {"requestId": "@starts:req_"}});
        let answer = refresh(&ada.refresh_token).answers(200, &shape).await?;
        let same = answer["data"]["token"] == answer["token"]
            && answer["data"]["refresh_token"] == answer["refresh_token"];
        match same {
            true => Ok((text(&answer, "token"), text(&answer, "refresh_token"))),
            false => Err(wrong(
                "POST /v1/auth/refresh",
                "one pair, at both places",
                answer.to_string(),
            )),
        }
    };
    let pair = scenario
        .case("POST /v1/auth/refresh", "plain and enveloped at once", case)
        .await;
    let case = async {
        let (token, refresh_token) = had(&pair, "POST /v1/auth/refresh")?;
        let logout = http.post("/v1/auth/logout").bearer(token).json(&json!({}));
        logout.enveloped(200, &json!({"revoked": true})).await?;
        http.get("/v1/users/me")
            .bearer(token)
            .refused(401, "unauthorized")
            .await?;
        refresh(refresh_token).refused(401, "").await
    };
    scenario
        .case("POST /v1/auth/logout", "ends the session and its tokens", case)
        .await;
}
