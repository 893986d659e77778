//! GitHub accounts linked to one user: added, listed, chosen, removed.
//! The table stands in `github`.

use serde_json::{Value, json};

use super::github::{is_sent_home, leaves};
use crate::browser;
use crate::github::GithubPerson;
use crate::http::Http;
use crate::person::newcomer;
use crate::scenario::Scenario;
use crate::trouble::{Outcome, Trouble, given, had, wrong};
use crate::world::text;

pub(super) async fn run(scenario: &mut Scenario, token: &Option<String>) {
    add(scenario, token).await;
    accounts(scenario, token).await;
}

/// Links a new GitHub account to the user of the token; who it is there.
async fn link(scenario: &Scenario, token: &str) -> Outcome<GithubPerson> {
    let (http, github) = (scenario.http(), scenario.world.github.clone());
    let person = github.person().await?;
    let browser = browser::open(&http)?;
    let path = format!("/api/auth/github/add-account?token={token}");
    let there = leaves(&browser, &github, &path).await?;
    let back = github.allow(&there, &person).await?;
    browser.get(back.as_str()).redirects().await?;
    Ok(person)
}

async fn listed(http: &Http, token: &str) -> Outcome<Vec<Value>> {
    let each = json!({"githubId": "@text", "login": "@text", "name": "@any", "avatar": "@text?", "active": "@bool",
        "linkedAt": "@time"});
    let list = http.get("/api/auth/github/accounts").bearer(token);
    let list = list.answers(200, &json!(["@each", each])).await?;
    Ok(list.as_array().cloned().unwrap_or_default())
}

async fn add(scenario: &mut Scenario, token: &Option<String>) {
    let http = scenario.http();
    let operation = "GET /api/auth/github/add-account";
    let case = async {
        let token = had(token, "a sign-in with GitHub")?;
        let person = link(scenario, token).await?;
        let list = listed(&http, token).await?;
        match list.iter().any(|one| one["githubId"] == *person.id) {
            true => Ok(()),
            false => Err(wrong(
                operation,
                "the account in the list",
                json!(list).to_string(),
            )),
        }
    };
    let outcome = Box::pin(case).await;
    scenario.note(operation, "links another account", outcome);
    let case = async {
        let ada = newcomer(&http).await?;
        let body = http
            .post("/api/auth/download-token")
            .bearer(&ada.token)
            .json(&json!({}));
        let answer = body.answers(200, &json!({"token": "@text"})).await;
        let short = text(&given(answer, "a download token")?, "token");
        link(scenario, &short).await
    };
    let outcome = Box::pin(case).await;
    scenario.note(
        operation,
        "with a download token in place of the long one",
        outcome,
    );
    let case = async {
        for path in ["", "?token=nobodys"] {
            let reply = http
                .get(&format!("/api/auth/github/add-account{path}"))
                .send()
                .await?;
            if reply.status != 401 && !is_sent_home(&reply) {
                return Err(reply.unlike("401, or the front end with error"));
            }
        }
        Ok(())
    };
    scenario.case(operation, "without a good token", case).await;
}

async fn accounts(scenario: &mut Scenario, token: &Option<String>) {
    let http = scenario.http();
    let case = async {
        let list = listed(&http, had(token, "a sign-in with GitHub")?).await?;
        let active = list.iter().filter(|one| one["active"] == true).count();
        match (list.len(), active) {
            (2.., 1) => Ok(list),
            _ => Err(Trouble::NotTried(format!(
                "needs two linked accounts: {}",
                json!(list)
            ))),
        }
    };
    let list = scenario
        .case("GET /api/auth/github/accounts", "one of them active", case)
        .await;
    let case = async {
        let token = had(token, "a sign-in with GitHub")?;
        let list = had(&list, "GET /api/auth/github/accounts")?;
        let other = list
            .iter()
            .find(|one| one["active"] == false)
            .cloned()
            .unwrap_or_default();
        let set = |id: &Value| {
            let call = http.post("/api/auth/github/accounts/active").bearer(token);
            call.json(&json!({"githubId": id}))
        };
        let shape = json!({"githubId": other["githubId"], "active": true});
        set(&other["githubId"]).answers(200, &shape).await?;
        set(&json!("1")).refused(404, "").await?;
        Ok(text(&other, "githubId"))
    };
    let operation = "POST /api/auth/github/accounts/active";
    let active = scenario
        .case(operation, "another one; not linked: 404", case)
        .await;
    let case = async {
        let token = had(token, "a sign-in with GitHub")?;
        let delete = |id: &str| {
            let call = http.delete(&format!("/api/auth/github/accounts/{id}"));
            call.bearer(token)
        };
        let id = had(&active, operation)?;
        delete(id).answers(200, &json!({})).await?;
        delete(id).refused(404, "").await?;
        let left = listed(&http, token).await?;
        match left.as_slice() {
            // They signed up with GitHub and have no password.
            [last] => delete(&text(last, "githubId")).refused(409, "").await.map(|_| ()),
            _ => Err(wrong(
                "GET /api/auth/github/accounts",
                "one left",
                json!(left).to_string(),
            )),
        }
    };
    let operation = "DELETE /api/auth/github/accounts/{githubId}";
    scenario
        .case(operation, "but not the only way to sign in: 409", case)
        .await;
}
