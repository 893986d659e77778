//! Installations of the GitHub App: made at GitHub, listed, synchronised, removed.
//! A local stand-in plays GitHub.

use serde_json::{Value, json};
use url::Url;

use super::heading;
use crate::browser;
use crate::github::{GithubPerson, fragment_parameter, parameter};
use crate::http::Http;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::newcomer;
use crate::scenario::Scenario;
use crate::trouble::{Outcome, given, had, wrong};
use crate::world::{World, text};

const HERE: Heading = heading("GitHub App", Area::GithubApp);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/api/auth/github-app/install", Caller::Open),
    HERE.row("GET", "/api/auth/github-app/callback", Caller::Open),
    HERE.row("GET", "/api/auth/github-app/installations", Caller::Signed),
    HERE.with_body("POST", "/api/auth/github-app/set-active", Caller::Signed),
    HERE.row("POST", "/api/auth/github-app/sync-repos", Caller::Signed),
    HERE.row(
        "DELETE",
        "/api/auth/github-app/installations/{installationId}",
        Caller::Signed,
    ),
];

/// Somebody at GitHub who is signed in here through GitHub: whose installations can be confirmed there.
struct Owner {
    person: GithubPerson,
    browser: Http,
    token: String,
}

async fn owner(world: &World) -> Outcome<Owner> {
    let person = world.github.person().await?;
    let browser = browser::open(&world.http)?;
    let signed = async {
        let there = browser.get("/api/auth/github").redirects().await?;
        let back = world.github.allow(&there, &person).await?;
        let front = browser.get(back.as_str()).redirects().await?;
        let token =
            fragment_parameter(&front, "token").or_else(|| fragment_parameter(&front, "access_token"));
        token.ok_or_else(|| wrong("the callback", "a token in the fragment", front.as_str()))
    };
    let token = given(signed.await, "a sign-in with GitHub")?;
    Ok(Owner {
        person,
        browser,
        token,
    })
}

pub(super) async fn run(scenario: &mut Scenario) {
    let owner = owner(&scenario.world).await;
    let installed = install(scenario, owner.as_ref()).await;
    let token = owner.as_ref().ok().map(|owner| owner.token.clone());
    let token = installed.and(token);
    let installation = list(scenario, &token).await;
    use_it(scenario, &token, &installation).await;
    remove(scenario, &token, &installation).await;
}

async fn install(scenario: &mut Scenario, owner: Result<&Owner, &crate::trouble::Trouble>) -> Option<()> {
    let world = scenario.world.clone();
    let operation = "GET /api/auth/github-app/install";
    let case = async {
        let owner = owner.map_err(Clone::clone)?;
        world
            .http
            .get("/api/auth/github-app/install")
            .answers(200, &json!({"url": "@url"}))
            .await?;
        let call = owner
            .browser
            .get("/api/auth/github-app/install")
            .bearer(&owner.token);
        let answer = call.answers(200, &json!({"url": "@url"})).await?;
        let url = Url::parse(&text(&answer, "url"))
            .map_err(|error| wrong(operation, "an address", error.to_string()))?;
        match parameter(&url, "state").is_some() {
            true => Ok(url),
            false => Err(wrong(operation, "a state in the address", url.as_str())),
        }
    };
    let there = scenario
        .case(operation, "an address at GitHub, with state", case)
        .await;
    let operation = "GET /api/auth/github-app/callback";
    let case = async {
        let owner = owner.map_err(Clone::clone)?;
        let there = had(&there, "GET /api/auth/github-app/install")?;
        let back = world.github.install(there, &owner.person).await?;
        let front = owner.browser.get(back.as_str()).redirects().await?;
        match parameter(&front, "error").or_else(|| fragment_parameter(&front, "error")) {
            None => Ok(()),
            Some(_) => Err(wrong(operation, "the front end, without error", front.as_str())),
        }
    };
    let installed = scenario
        .case(operation, "stores what GitHub confirms", case)
        .await;
    let case = async {
        owner.map_err(Clone::clone)?;
        let claim = "/api/auth/github-app/callback?installation_id=1&setup_action=install&state=made-up";
        let reply = world.http.get(claim).send().await?;
        let told = reply.location().ok().and_then(|url| parameter(&url, "error"));
        match (reply.status, told) {
            (400 | 401 | 403, _) | (_, Some(_)) => Ok(()),
            _ => Err(reply.unlike("a refusal of a made-up state")),
        }
    };
    scenario.case(operation, "a made-up state is refused", case).await;
    installed
}

async fn list(scenario: &mut Scenario, token: &Option<String>) -> Option<Value> {
    let http = scenario.http();
    let case = async {
        let token = had(token, "an installation")?;
        let each = json!({"installationId": "@any", "account": "@any", "repositorySelection": "@text",
            "active": "@bool", "repositories": "@list"});
        let call = http.get("/api/auth/github-app/installations").bearer(token);
        let list = call.answers(200, &json!([each])).await?;
        Ok(list[0]["installationId"].clone())
    };
    let operation = "GET /api/auth/github-app/installations";
    scenario.case(operation, "the one that was made", case).await
}

async fn use_it(scenario: &mut Scenario, token: &Option<String>, installation: &Option<Value>) {
    let http = scenario.http();
    let case = async {
        let (token, id) = (
            had(token, "an installation")?,
            had(installation, "an installation")?,
        );
        let set = |id: &Value| {
            let call = http.post("/api/auth/github-app/set-active").bearer(token);
            call.json(&json!({"installationId": id}))
        };
        set(id)
            .answers(200, &json!({"installationId": id, "active": true}))
            .await?;
        let other = if id.is_string() { json!("1") } else { json!(1) };
        set(&other).refused(404, "").await
    };
    let operation = "POST /api/auth/github-app/set-active";
    scenario.case(operation, "the own one; another: 404", case).await;
    let case = async {
        let token = had(token, "an installation")?;
        let sync = http.post("/api/auth/github-app/sync-repos").bearer(token);
        sync.answers(200, &json!({"synced": 1})).await
    };
    let operation = "POST /api/auth/github-app/sync-repos";
    scenario.case(operation, "counts the repositories", case).await;
}

async fn remove(scenario: &mut Scenario, token: &Option<String>, installation: &Option<Value>) {
    let http = scenario.http();
    let case = async {
        let (token, id) = (
            had(token, "an installation")?,
            had(installation, "an installation")?,
        );
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let delete = |token: &str| {
            let call = http.delete(&format!("/api/auth/github-app/installations/{id}"));
            call.bearer(token)
        };
        let stranger = newcomer(&http).await?;
        delete(&stranger.token).refused(404, "").await?;
        delete(token).answers(200, &json!({})).await?;
        delete(token).refused(404, "").await?;
        let call = http.get("/api/auth/github-app/installations").bearer(token);
        call.answers(200, &json!([])).await
    };
    let operation = "DELETE /api/auth/github-app/installations/{installationId}";
    scenario.case(operation, "the own one, once", case).await;
}
