//! Signing in with OpenID providers: one that we did not write, and another server of our own.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use github_double::{GithubDouble, OauthApp, Person};
use tests::agent::{Agent, Landing};
use tests::browser::Browser;
use tests::demo::PASSWORD;
use tests::openid_provider::OpenIdProvider;
use tests::page::Page;
use tests::server::{Server, Setup};
use tests::site::picture;
use url::Url;

/// From our sign-in page to the provider's first page, or straight back when it knows the person.
async fn leave(agent: &Agent, server: &Server, provider: &str) -> Landing {
    let page = agent.open(&server.url("/login")).await.unwrap().page().unwrap();
    let button = format!("with-{provider}");
    let there = agent.press(&page, &button, &[]).await.unwrap().left().unwrap();
    agent.open(there.as_str()).await.unwrap()
}

/// Through the foreign provider's pages; the address it sends the person back to.
async fn decide(agent: &Agent, landing: Landing, name: &str) -> Url {
    let mut landing = landing;
    for _ in 0..3 {
        landing = match landing {
            Landing::Left(back) => return back,
            Landing::Page(page) => {
                let filled = [("login", name), ("password", "anything")];
                let known: &[_] = if page.body.contains("name=\"login\"") {
                    &filled
                } else {
                    &[]
                };
                agent.submit(&page, known).await.unwrap()
            }
        };
    }
    landing.left().unwrap()
}

async fn come_back(agent: &Agent, back: &Url) -> Page {
    agent.open(back.as_str()).await.unwrap().page().unwrap()
}

/// The same address with another value of one parameter, or without it.
fn changed(address: &Url, name: &str, value: Option<&str>) -> Url {
    let kept: Vec<(String, String)> = address
        .query_pairs()
        .into_owned()
        .filter(|(key, _)| key != name)
        .collect();
    let mut address = address.clone();
    address
        .query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .extend_pairs(value.map(|value| (name, value)));
    address
}

#[tokio::test]
async fn a_foreign_provider_signs_people_up_and_in() {
    let provider = OpenIdProvider::start().await.unwrap();
    for setup in [Setup::sqlite(), Setup::postgres()] {
        let server = Server::start(setup.with(&provider.section())).await.unwrap();
        for _ in 0..2 {
            let agent = Agent::new().unwrap();
            let back = decide(&agent, leave(&agent, &server, "corp").await, "grace").await;
            let home = come_back(&agent, &back).await;
            assert!(home.has("page-home"), "{}", home.body);
            assert!(home.body.contains("grace of Corp"), "{}", home.body);
            assert!(home.body.contains("grace@corp.example"), "{}", home.body);
            let again = come_back(&agent, &back).await;
            assert!(again.has("page-login-with-failed"), "{}", again.body);
        }
    }
}

#[tokio::test]
async fn an_answer_of_another_issuer_or_of_none_is_not_believed() {
    let provider = OpenIdProvider::start().await.unwrap();
    let server = Server::start(Setup::sqlite().with(&provider.section()))
        .await
        .unwrap();
    for issuer in [Some("https://evil.test"), None] {
        let agent = Agent::new().unwrap();
        let back = decide(&agent, leave(&agent, &server, "corp").await, "grace").await;
        let page = come_back(&agent, &changed(&back, "iss", issuer)).await;
        assert_eq!(page.status, 502, "{}", page.body);
        let home = agent.open(&server.url("/")).await.unwrap().page().unwrap();
        assert!(!home.has("logout-confirm"));
    }
}

#[tokio::test]
async fn who_says_no_there_or_has_no_proven_address_stays_outside() {
    let provider = OpenIdProvider::start().await.unwrap();
    let server = Server::start(Setup::sqlite().with(&provider.section()))
        .await
        .unwrap();
    let agent = Agent::new().unwrap();
    let login = leave(&agent, &server, "corp").await.page().unwrap();
    let cancel = login
        .body
        .split_once("/abort\"")
        .map(|(before, _)| before.rsplit_once('"').unwrap().1);
    let abort = format!("{}/abort", cancel.unwrap());
    let back = agent.open(&abort).await.unwrap().left().unwrap();
    assert_eq!(come_back(&agent, &back).await.status, 403);

    let agent = Agent::new().unwrap();
    let back = decide(&agent, leave(&agent, &server, "corp").await, "unproven-grace").await;
    let page = come_back(&agent, &back).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("Confirm it there"), "{}", page.body);
}

#[tokio::test]
async fn a_provider_that_is_gone_is_told_before_anybody_is_sent_there() {
    let provider = OpenIdProvider::start().await.unwrap();
    let server = Server::start(Setup::sqlite().with(&provider.section()))
        .await
        .unwrap();
    drop(provider);
    let agent = Agent::new().unwrap();
    let login = agent.open(&server.url("/login")).await.unwrap().page().unwrap();
    let page = agent
        .press(&login, "with-corp", &[])
        .await
        .unwrap()
        .page()
        .unwrap();
    assert_eq!(page.status, 502);
    assert!(page.has("page-login-with-failed"), "{}", page.body);
}

/// ES256, and an address that the other server has not confirmed but the operator trusts.
#[tokio::test]
async fn another_server_of_ours_is_a_provider_like_any_other() {
    let client = "[[clients]]\nid = \"below\"\nname = \"Below\"\nsecret = \"only-for-tests-0123456789-abcdef\"\napplication_type = \"native\"\nredirect_uris = [\"http://127.0.0.1/login/with/above/callback\"]\n";
    let above = Server::start(Setup::sqlite().with(client)).await.unwrap();
    let section = format!(
        "[[providers]]\nid = \"above\"\nname = \"Above\"\nissuer = \"{}\"\nclient_id = \"below\"\nclient_secret = \"only-for-tests-0123456789-abcdef\"\ntrust_email = true\n",
        above.issuer()
    );
    let below = Server::start(Setup::sqlite().with(&section)).await.unwrap();
    // Two agents, since cookies do not tell ports apart.
    let (here, there) = (Agent::new().unwrap(), Agent::new().unwrap());
    there.register(&above.issuer(), "ada", PASSWORD).await.unwrap();
    let login = here.open(&below.url("/login")).await.unwrap().page().unwrap();
    let at = here
        .press(&login, "with-above", &[])
        .await
        .unwrap()
        .left()
        .unwrap();
    let back = there.authorize(at.as_str(), "ada", PASSWORD).await.unwrap();
    let home = come_back(&here, &back).await;
    assert!(home.has("page-home"), "{}", home.body);
    assert!(home.body.contains("ada@example.com"), "{}", home.body);
}

/// A real browser checks `form-action` along the whole way: our form, GitHub's form, our callback.
#[tokio::test]
async fn a_real_browser_goes_to_github_and_back() {
    let anywhere = "http://127.0.0.1/login/with/github/callback".parse().unwrap();
    let github = GithubDouble::start(github_double::Settings {
        oauth_apps: vec![OauthApp::new("lighthouse", "only-for-tests", anywhere)],
        people: vec![Person::new("octo").named("Octo Cat"), Person::new("hubot")],
        ..github_double::Settings::default()
    })
    .unwrap();
    let section = format!(
        "[github]\nclient_id = \"lighthouse\"\nclient_secret = \"only-for-tests\"\nweb_url = \"{}\"\napi_url = \"{}\"\n",
        github.web_url(),
        github.api_url()
    );
    let server = Server::start(Setup::sqlite().with(&section)).await.unwrap();
    let callback = server.url("/login/with/github/callback").parse().unwrap();
    github.set_callback_urls("lighthouse", [callback]).unwrap();
    let browser = Browser::start().await.unwrap();
    browser.open(&server.url("/login")).await.unwrap();
    picture(&browser, "login-with-github").await.unwrap();
    browser.leave_by("with-github").await.unwrap();
    browser.leave_by("person-octo").await.unwrap();
    browser.sees("page-home").await.unwrap();
    browser.leave_by("home-linked").await.unwrap();
    browser.sees("page-linked").await.unwrap();
    browser.leave_by("with-github").await.unwrap();
    // GitHub knows who sits there and asks nothing: the same account again.
    browser.sees("page-linked").await.unwrap();
    picture(&browser, "linked-accounts").await.unwrap();
    browser.close().await.unwrap();
}
