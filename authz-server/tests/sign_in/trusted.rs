//! Browsers that are spared the second step: who gets that, what it is worth, and what ends it.

use std::time::Duration;

use domain::clients::ConfiguredClient;
use http::{StatusCode, header};
use model::client::ClientSettings;
use oauth::scope::ScopeSet;

use crate::app::{App, Browser, PASSWORD};
use crate::second_factor::{Phone, app_with_phone, half_way, second_step, turn_on};

const SECURITY: &str = "/account/security";
const DAY: u64 = 24 * 60 * 60;

/// Signs in with the box ticked, and out again.
async fn trusting(app: &App, phone: &Phone) -> Browser {
    let mut browser = half_way(app).await;
    let fields = [("code", &*phone.code(app)), ("trust", "on")];
    let answer = browser.fill("/login/second", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    leave(&mut browser);
    browser
}

fn leave(browser: &mut Browser) {
    browser.cookies.remove("session");
}

async fn is_asked(browser: &mut Browser, name: &str) -> bool {
    let answer = browser.log_in(name, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header(header::LOCATION) == "/login/second"
}

/// The value of the hidden field that names the first browser of the list.
fn first_trusted(body: &str) -> String {
    let (_, rest) = body.split_once("name=\"trusted\" value=\"").expect("a list");
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_trusted_browser_is_spared_the_second_step_for_thirty_days() {
    let (app, _, phone) = app_with_phone().await;
    let mut browser = half_way(&app).await;
    assert!(browser.get("/login/second").await.has_page("trust"));
    let wrong = browser
        .fill("/login/second", &[("code", "000000"), ("trust", "on")])
        .await;
    assert!(wrong.body.contains("value=\"on\" autocomplete=\"off\" checked"));
    assert!(!browser.cookies.contains_key("trust"));
    let fields = [("code", &*phone.code(&app)), ("trust", "on")];
    let answer = browser.fill("/login/second", &fields).await;
    let cookies: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
    let set = cookies.iter().find_map(|line| {
        let line = line.to_str().unwrap();
        line.starts_with("trust=az_td_").then_some(line)
    });
    assert!(
        set.unwrap()
            .ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000")
    );
    for days in [0, 20, 9] {
        app.clock.advance(Duration::from_secs(days * DAY));
        leave(&mut browser);
        assert!(!is_asked(&mut browser, "ada").await && browser.is_signed_in().await);
    }
    app.clock.advance(Duration::from_secs(DAY));
    leave(&mut browser);
    assert!(is_asked(&mut browser, "ada").await);
}

#[tokio::test]
async fn without_the_tick_nothing_is_trusted() {
    let (app, mut owner, phone) = app_with_phone().await;
    let mut browser = half_way(&app).await;
    second_step(&mut browser, &phone.code(&app)).await;
    assert!(browser.is_signed_in().await && !browser.cookies.contains_key("trust"));
    leave(&mut browser);
    assert!(is_asked(&mut browser, "ada").await);
    assert!(!owner.get(SECURITY).await.has_page("trusted"));
}

/// S08: trust is its user's and its browser's; neither alone is worth anything.
#[tokio::test]
async fn trust_of_another_user_or_in_another_browser_is_worth_nothing() {
    let (app, _, phone) = app_with_phone().await;
    let mut bob = app.browser();
    bob.register("bob").await;
    turn_on(&app, &mut bob).await;
    let mut browser = trusting(&app, &phone).await;
    assert!(is_asked(&mut browser, "bob").await);
    assert!(!is_asked(&mut browser, "ada").await);
    leave(&mut browser);
    let mut thief = app.browser();
    thief.get("/login").await;
    let stolen = browser.cookies["trust"].clone();
    thief.cookies.insert("trust".to_owned(), stolen);
    assert!(is_asked(&mut thief, "ada").await);
    let mut half = app.browser();
    half.cookies
        .insert("browser".to_owned(), browser.cookies["browser"].clone());
    assert!(is_asked(&mut half, "ada").await);
    assert!(!is_asked(&mut browser, "ada").await);
}

#[tokio::test]
async fn revoked_trust_is_asked_again_however_often_it_is_replayed() {
    let (app, mut owner, phone) = app_with_phone().await;
    let (mut first, mut second) = (trusting(&app, &phone).await, trusting(&app, &phone).await);
    let page = owner.get(SECURITY).await;
    assert_eq!(page.body.matches("name=\"trusted\"").count(), 2, "{}", page.body);
    let newest = first_trusted(&page.body);
    let one = [("decision", "one"), ("trusted", newest.as_str())];
    let path = "/account/security/trusted";
    let answer = owner.fill_form(SECURITY, path, &one).await;
    assert_eq!(answer.header(header::LOCATION), "/account/security?done=trusted");
    assert!(is_asked(&mut second, "ada").await && is_asked(&mut second, "ada").await);
    assert!(!is_asked(&mut first, "ada").await);
    let gone = owner.fill_form(SECURITY, path, &one).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let forged = owner.post(path, &[("decision", "all"), ("csrf", "x")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    owner.fill_form(SECURITY, path, &[("decision", "all")]).await;
    leave(&mut first);
    assert!(is_asked(&mut first, "ada").await);
    let history = owner.get("/account/history").await.body;
    for told in [
        "You chose to trust a browser for 30 days",
        "A trusted browser signed in without the second step",
        "You stopped trusting a browser",
        "No browser is trusted any more",
    ] {
        assert!(history.contains(told), "{told}");
    }
}

/// S08: somebody else's browser is not there to be revoked.
#[tokio::test]
async fn nobody_revokes_another_users_trust() {
    let (app, mut owner, phone) = app_with_phone().await;
    let mut browser = trusting(&app, &phone).await;
    let id = first_trusted(&owner.get(SECURITY).await.body);
    let mut bob = app.browser();
    bob.register("bob").await;
    let phone = turn_on(&app, &mut bob).await;
    let mut theirs = app.browser();
    theirs.log_in("bob", PASSWORD).await;
    let fields = [("code", &*phone.code(&app)), ("trust", "on")];
    theirs.fill("/login/second", &fields).await;
    let fields = [("decision", "one"), ("trusted", id.as_str())];
    let answer = bob
        .fill_form(SECURITY, "/account/security/trusted", &fields)
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(!is_asked(&mut browser, "ada").await);
}

#[tokio::test]
async fn a_mail_signs_in_a_trusted_browser_without_the_second_step() {
    let (app, _, phone) = app_with_phone().await;
    let mut browser = trusting(&app, &phone).await;
    super::mail::work_off(&app).await;
    browser.fill("/login/mail", &[("email", "ada@example.org")]).await;
    let link = super::mail::newest_link(&app, "/login/link").await;
    let token = link.split_once("token=").unwrap().1.to_owned();
    let answer = browser.fill(&link, &[("token", &*token)]).await;
    assert_eq!(answer.header(header::LOCATION), "/");
    assert!(browser.is_signed_in().await);
}

/// O40: a session that goes on is never strengthened, or weakened, by trust: whoever signs in to it again is asked.
#[tokio::test]
async fn signing_in_again_in_a_running_session_takes_the_second_step() {
    let (app, _, phone) = app_with_phone().await;
    let mut browser = trusting(&app, &phone).await;
    assert!(!is_asked(&mut browser, "ada").await);
    assert!(is_asked(&mut browser, "ada").await);
}

/// S06: with the factor that was given, or the password, all trust ends; new backup codes end none.
#[tokio::test]
async fn turning_the_app_off_and_a_new_password_end_all_trust() {
    let (app, mut owner, phone) = app_with_phone().await;
    let mut browser = trusting(&app, &phone).await;
    let code = phone.code(&app);
    owner
        .fill("/account/security/backup-codes", &[("code", &*code)])
        .await;
    assert!(!is_asked(&mut browser, "ada").await);
    leave(&mut browser);
    let code = phone.code(&app);
    let off = "/account/security/authenticator/remove";
    owner.fill(off, &[("code", &*code)]).await;
    turn_on(&app, &mut owner).await;
    assert!(is_asked(&mut browser, "ada").await);
}

const CALLBACK: &str = "https://rp.example/cb";

async fn add_client(app: &App) {
    app.authority.keep_keys(&app.ctx()).await.unwrap();
    let settings = ClientSettings {
        redirect_uris: vec![CALLBACK.to_owned()],
        scopes: ScopeSet::parse("openid").unwrap(),
        first_party: true,
        ..ClientSettings::default()
    };
    let client = ConfiguredClient {
        id: "bank".parse().unwrap(),
        name: "bank".to_owned(),
        settings,
        secret: Some(model::SecretDigest::of("a client secret of the tests")),
    };
    let (authority, ctx) = (&app.authority, app.ctx());
    authority
        .sync_configured_clients(&ctx, vec![client])
        .await
        .unwrap();
}

/// Where a request that asks for `extra` leads.
async fn authorize(browser: &mut Browser, extra: (&str, &str)) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("client_id", "bank"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        extra,
    ]);
    let answer = browser
        .get(&format!("/oauth2/authorize?{}", query.finish()))
        .await;
    answer.header(header::LOCATION).to_owned()
}

const DEMAND: (&str, &str) = (
    "claims",
    r#"{"id_token":{"acr":{"essential":true,"value":"urn:authz:acr:mfa"}}}"#,
);

/// Signs in on the way of a request; where that leads.
async fn log_in_at(browser: &mut Browser, login: &str) -> String {
    let flow = login.split_once("flow=").expect("a flow").1.to_owned();
    let fields = [("username", "ada"), ("password", PASSWORD), ("flow", &*flow)];
    let answer = browser.fill(login, &fields).await;
    answer.header(header::LOCATION).to_owned()
}

/// O40: an application that demands two factors gets two, whether the browser is signed in on trust or not at all.
#[tokio::test]
async fn trust_does_not_satisfy_an_application_that_demands_two_factors() {
    let (app, _, phone) = app_with_phone().await;
    add_client(&app).await;
    let mut browser = trusting(&app, &phone).await;
    let login = authorize(&mut browser, ("state", "plain")).await;
    let resumed = log_in_at(&mut browser, &login).await;
    assert!(resumed.starts_with("/oauth2/authorize/resume"), "{resumed}");
    let done = browser.get(&resumed).await;
    assert!(done.header(header::LOCATION).contains("code="));
    for signed_in in [true, false] {
        app.clock.advance(Duration::from_secs(60));
        if !signed_in {
            leave(&mut browser);
        }
        let login = authorize(&mut browser, DEMAND).await;
        assert!(login.starts_with("/login?flow="), "{login}");
        let second = log_in_at(&mut browser, &login).await;
        assert!(second.starts_with("/login/second?flow="), "{second}");
        let flow = second.split_once("flow=").unwrap().1.to_owned();
        let fields = [("code", &*phone.code(&app)), ("flow", &*flow)];
        let answer = browser.fill(&second, &fields).await;
        let resumed = browser.get(answer.header(header::LOCATION)).await;
        let back = resumed.header(header::LOCATION);
        assert!(back.starts_with(CALLBACK) && back.contains("code="), "{back}");
        leave(&mut browser);
        browser.get("/login").await;
        assert!(!is_asked(&mut browser, "ada").await);
    }
}

#[tokio::test]
async fn acr_values_are_met_in_a_trusted_browser_too() {
    let (app, _, phone) = app_with_phone().await;
    add_client(&app).await;
    let mut browser = trusting(&app, &phone).await;
    let login = authorize(&mut browser, ("acr_values", "urn:authz:acr:mfa")).await;
    let second = log_in_at(&mut browser, &login).await;
    assert!(second.starts_with("/login/second?flow="), "{second}");
}

/// S11: whoever was spared the second step gives it before anything serious, in the same form as the password.
#[tokio::test]
async fn serious_things_take_the_code_in_a_session_begun_on_trust() {
    let (app, _, phone) = app_with_phone().await;
    let mut browser = trusting(&app, &phone).await;
    assert!(!is_asked(&mut browser, "ada").await);
    let delete = "/account/delete";
    let new = ("new-email", "countess@example.org");
    let app_page = "/account/security/authenticator";
    for path in [delete, "/account/email", app_page] {
        assert!(browser.get(path).await.has_page("code"), "{path}");
    }
    let password = ("current-password", PASSWORD);
    for code in ["", "000000"] {
        let answer = browser.fill(delete, &[password, ("code", code)]).await;
        assert!(answer.status == StatusCode::BAD_REQUEST && answer.has_page("code-error"));
        let fields = [new, ("email-password", PASSWORD), ("code", code)];
        let answer = browser.fill("/account/email", &fields).await;
        assert!(answer.status == StatusCode::BAD_REQUEST && answer.has_page("code-error"));
        let fields = [("decision", "begin"), password, ("code", code)];
        let answer = browser.fill(app_page, &fields).await;
        assert!(answer.status == StatusCode::BAD_REQUEST && answer.has_page("code-error"));
    }
    let code = phone.code(&app);
    let fields = [new, ("email-password", PASSWORD), ("code", &*code)];
    let answer = browser.fill("/account/email", &fields).await;
    assert!(answer.header(header::LOCATION).starts_with("/verify-email?"));
    let again = browser.fill(delete, &[password, ("code", &*code)]).await;
    assert!(again.has_page("code-error"), "a code shows it once");
    let code = phone.code(&app);
    let answer = browser.fill(delete, &[password, ("code", &*code)]).await;
    assert_eq!(answer.header(header::LOCATION), "/account/data?done=delete");
}

/// The form stays as short as it was for whoever gave the second step.
#[tokio::test]
async fn serious_things_take_the_password_alone_after_two_factors() {
    let (app, mut owner, phone) = app_with_phone().await;
    let mut browser = half_way(&app).await;
    second_step(&mut browser, &phone.code(&app)).await;
    for browser in [&mut owner, &mut browser] {
        let page = browser.get("/account/delete").await;
        assert!(page.has_page("current-password") && !page.has_page("code"));
    }
    let fields = [("current-password", PASSWORD)];
    let answer = browser.fill("/account/delete", &fields).await;
    assert_eq!(answer.header(header::LOCATION), "/account/data?done=delete");
}

/// S01: turning the second step on makes the session one of two factors, under a new secret.
#[tokio::test]
async fn turning_the_second_step_on_replaces_the_secret_of_the_session() {
    let app = App::new().await;
    let mut owner = app.browser();
    owner.register("ada").await;
    let mut before = owner.clone();
    turn_on(&app, &mut owner).await;
    assert!(owner.is_signed_in().await && !before.is_signed_in().await);
}
