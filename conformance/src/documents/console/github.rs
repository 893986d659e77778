//! Signing in with GitHub, on the web and from the command line, and linked accounts.
//! A local stand-in plays GitHub.

use serde_json::json;
use url::Url;

use super::{heading, linked};
use crate::browser;
use crate::github::{Github, fragment_parameter, parameter};
use crate::http::Http;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::reply::Reply;
use crate::scenario::Scenario;
use crate::trouble::{Outcome, wrong};

const HERE: Heading = heading("GitHub OAuth", Area::Github);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/api/auth/github", Caller::Open),
    HERE.row("GET", "/api/auth/github/callback", Caller::Open),
    HERE.row("GET", "/api/auth/github/add-account", Caller::InQuery),
    HERE.row("GET", "/api/auth/github/accounts", Caller::Signed),
    HERE.with_body("POST", "/api/auth/github/accounts/active", Caller::Signed),
    HERE.row("DELETE", "/api/auth/github/accounts/{githubId}", Caller::Signed),
];

const LOOPBACK: &str = "http://127.0.0.1:49152/callback";

pub(super) async fn run(scenario: &mut Scenario) {
    start(scenario).await;
    let token = come_back(scenario).await;
    from_the_command_line(scenario).await;
    linked::run(scenario, &token).await;
}

/// Where a start leads: GitHub, with state and PKCE.
pub(super) async fn leaves(browser: &Http, github: &Github, path: &str) -> Outcome<Url> {
    let there = browser.get(path).redirects().await?;
    let challenged = parameter(&there, "code_challenge_method").as_deref() == Some("S256");
    let has_state = parameter(&there, "state").is_some_and(|state| state.len() >= 20);
    match github.is_there(&there) && challenged && has_state {
        true => Ok(there),
        false => Err(wrong(
            path,
            "a redirect to GitHub with state and PKCE",
            there.as_str(),
        )),
    }
}

async fn start(scenario: &mut Scenario) {
    let http = scenario.http();
    let github = scenario.world.github.clone();
    let operation = "GET /api/auth/github";
    let case = async {
        github.person().await?;
        let browser = browser::open(&http)?;
        leaves(&browser, &github, "/api/auth/github").await?;
        let forced = leaves(&browser, &github, "/api/auth/github?force=true").await?;
        match parameter(&forced, "prompt").as_deref() {
            Some("select_account") => Ok(()),
            _ => Err(wrong(
                operation,
                "prompt=select_account with force",
                forced.as_str(),
            )),
        }
    };
    scenario
        .case(operation, "leads to GitHub, with a choice on force", case)
        .await;
    let case = async {
        github.person().await?;
        for evil in [
            "http://127.0.0.1:1@evil.example/",
            "http://127.0.0.1.evil.example/",
            "https://evil.example/",
            "http://127.0.0.1:80/#x",
            "http://localhost:8080/",
            "ftp://127.0.0.1:2121/",
        ] {
            let mut query = url::form_urlencoded::Serializer::new("/api/auth/github?cli=true&".to_owned());
            let path = query.append_pair("redirect_uri", evil).finish();
            let reply = http.get(&path).send().await?;
            if reply.status != 400 && !is_sent_home(&reply) {
                return Err(reply.unlike("400, or the front end with error: no loopback address"));
            }
        }
        Ok(())
    };
    scenario
        .case(
            operation,
            "only to a loopback address from the command line",
            case,
        )
        .await;
}

/// The front end, with an error, is where browsers are told.
pub(super) fn is_sent_home(reply: &Reply) -> bool {
    let home = reply.location().ok();
    home.is_some_and(|url| parameter(&url, "error").is_some() && !url.as_str().contains("evil.example"))
}

async fn come_back(scenario: &mut Scenario) -> Option<String> {
    let http = scenario.http();
    let github = scenario.world.github.clone();
    let operation = "GET /api/auth/github/callback";
    let case = async {
        let person = github.person().await?;
        let browser = browser::open(&http)?;
        let there = leaves(&browser, &github, "/api/auth/github").await?;
        let back = github.allow(&there, &person).await?;
        let elsewhere = http.get(back.as_str()).send().await?;
        if elsewhere.location().is_ok_and(|url| has_token(&url)) {
            return Err(elsewhere.unlike("no token in another browser"));
        }
        let front = browser.get(back.as_str()).redirects().await?;
        let token =
            fragment_parameter(&front, "token").or_else(|| fragment_parameter(&front, "access_token"));
        let Some(token) = token else {
            return Err(wrong(operation, "the token in the fragment", front.as_str()));
        };
        let me = http.get("/api/auth/me").bearer(&token);
        let shape = json!({"email": person.email, "githubId": person.id, "avatar": "@url"});
        me.answers(200, &shape).await?;
        Ok(token)
    };
    let token = scenario
        .case(operation, "signs up who is new, in the same browser", case)
        .await;
    let case = async {
        github.person().await?;
        let browser = browser::open(&http)?;
        let there = leaves(&browser, &github, "/api/auth/github").await?;
        let back = github.deny(&there).await?;
        let front = browser.get(back.as_str()).redirects().await?;
        let said = parameter(&front, "error").or_else(|| fragment_parameter(&front, "error"));
        match said.is_some() && !has_token(&front) {
            true => Ok(()),
            false => Err(wrong(operation, "the front end, with error", front.as_str())),
        }
    };
    scenario
        .case(operation, "a no at GitHub reaches the front end", case)
        .await;
    token
}

fn has_token(url: &Url) -> bool {
    ["token", "access_token"]
        .iter()
        .any(|name| fragment_parameter(url, name).is_some() || parameter(url, name).is_some())
}

async fn from_the_command_line(scenario: &mut Scenario) {
    let http = scenario.http();
    let github = scenario.world.github.clone();
    let case = async {
        let person = github.person().await?;
        let browser = browser::open(&http)?;
        let mut query = url::form_urlencoded::Serializer::new("/api/auth/github?cli=true&".to_owned());
        let path = query.append_pair("redirect_uri", LOOPBACK).finish();
        let there = leaves(&browser, &github, &path).await?;
        let back = github.allow(&there, &person).await?;
        let local = browser.get(back.as_str()).redirects().await?;
        let token = parameter(&local, "token").unwrap_or_default();
        if !local.as_str().starts_with(LOOPBACK) || token.is_empty() {
            return Err(wrong(
                "the callback",
                "the loopback address with token",
                local.as_str(),
            ));
        }
        let me = http.get("/api/auth/me").bearer(&token);
        me.answers(200, &json!({"githubId": person.id})).await
    };
    let operation = "GET /api/auth/github/callback";
    scenario
        .case(operation, "hands the command line its token", case)
        .await;
}
