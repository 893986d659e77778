//! Everything that goes by way of a mailbox.

use http::{StatusCode, header};
use model::challenge::Purpose;

use crate::app::letter::{self, letters, six_digits};
use crate::app::{Answer, App, Browser, PASSWORD};

const ADDRESS: &str = "ada@example.org";

/// The newest letter, if one came of what was asked for.
async fn letter(app: &App) -> Option<String> {
    letters(app).await.into_iter().next()
}

/// Sends what is on its way.
pub async fn work_off(app: &App) {
    letter(app).await;
}

/// The link to `page` in the letter that came of what was asked for last.
pub async fn newest_link(app: &App, page: &str) -> String {
    link(&letter(app).await.unwrap(), page)
}

/// The path and query of the link to `page`.
fn link(letter: &str, page: &str) -> String {
    letter::link(letter, page).path
}

fn token(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

/// Asks for a link; where the code can be typed.
async fn ask(browser: &mut Browser, address: &str) -> String {
    let answer = browser.fill("/login/mail", &[("email", address)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header(header::LOCATION).to_owned()
}

async fn type_code(browser: &mut Browser, place: &str, code: &str) -> Answer {
    let challenge = place.split_once("challenge=").unwrap().1.to_owned();
    browser
        .fill(place, &[("challenge", &challenge), ("code", code)])
        .await
}

async fn app_with_ada() -> App {
    let app = App::new().await;
    app.browser().register("ada").await;
    let confirm = letter(&app)
        .await
        .expect("a new account is asked to confirm its address");
    let path = link(&confirm, "/verify-email");
    let answer = app.browser().fill(&path, &[("token", token(&path))]).await;
    assert!(answer.has_page("page-email-confirmed"), "{}", answer.body);
    app
}

async fn is_verified(app: &App) -> bool {
    let user = app.authority.find_user(ADDRESS).await.unwrap().unwrap();
    user.email_verified_at.is_some()
}

/// L12: scanners open links; only the button signs in, once, and only where it was asked for.
#[tokio::test]
async fn a_link_signs_in_where_it_was_asked_for_and_once() {
    let app = app_with_ada().await;
    let mut browser = app.browser();
    ask(&mut browser, ADDRESS).await;
    let path = link(&letter(&app).await.unwrap(), "/login/link");
    for _ in 0..3 {
        assert!(app.browser().get(&path).await.has_page("page-login-link-code"));
        assert!(browser.get(&path).await.has_page("page-login-link"));
    }
    assert!(!browser.is_signed_in().await);
    let stolen = app
        .browser()
        .fill_form("/login", "/login/link", &[("token", token(&path))])
        .await;
    assert!(stolen.status == StatusCode::GONE || stolen.status == StatusCode::FORBIDDEN);
    let answer = browser.fill(&path, &[("token", token(&path))]).await;
    assert_eq!(
        (answer.status, answer.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, "/")
    );
    assert!(browser.is_signed_in().await);
    assert_eq!(browser.get(&path).await.status, StatusCode::GONE);
}

/// The code that another browser shows, typed where it was asked for.
#[tokio::test]
async fn opened_elsewhere_the_link_shows_a_code_for_the_browser_that_asked() {
    let app = app_with_ada().await;
    let mut browser = app.browser();
    let place = ask(&mut browser, ADDRESS).await;
    let path = link(&letter(&app).await.unwrap(), "/login/link");
    let shown = app.browser().get(&path).await;
    let (_, rest) = shown.body.split_once("class=\"shown-code\">").unwrap();
    let code = rest.split('<').next().unwrap().to_owned();
    let thief = type_code(&mut app.browser(), &place, &code).await;
    assert_eq!(thief.status, StatusCode::BAD_REQUEST);
    let answer = type_code(&mut browser, &place, &code).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(browser.is_signed_in().await);
    let again = type_code(&mut browser, &place, &code).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
}

/// L15: five guesses, whoever makes them.
#[tokio::test]
async fn after_five_wrong_codes_the_right_one_is_refused() {
    let app = app_with_ada().await;
    let mut browser = app.browser();
    let place = ask(&mut browser, ADDRESS).await;
    let path = link(&letter(&app).await.unwrap(), "/login/link");
    let shown = app.browser().get(&path).await.body;
    let (_, rest) = shown.split_once("class=\"shown-code\">").unwrap();
    let code = rest.split('<').next().unwrap().to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(
            type_code(&mut browser, &place, wrong).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    assert_eq!(
        type_code(&mut browser, &place, &code).await.status,
        StatusCode::BAD_REQUEST
    );
    assert!(!browser.is_signed_in().await);
}

/// L01: an address without an account gets the same answers, and no mail.
#[tokio::test]
async fn nobody_learns_whether_an_address_has_an_account() {
    let app = app_with_ada().await;
    for path in ["/login/mail", "/forgot-password"] {
        let mut answers = Vec::new();
        for address in [ADDRESS, "nobody@example.org"] {
            let mut browser = app.browser();
            let answer = browser.fill(path, &[("email", address)]).await;
            assert_eq!(letter(&app).await.is_some(), address == ADDRESS, "{path}");
            let place = answer
                .header(header::LOCATION)
                .split("challenge=")
                .next()
                .unwrap()
                .to_owned();
            let page = if place.is_empty() {
                answer.body
            } else {
                browser.get(&place).await.body
            };
            answers.push((answer.status, place, masked(&page)));
        }
        assert_eq!(answers[0], answers[1]);
    }
}

/// A page without what differs each time.
fn masked(page: &str) -> String {
    let secret = |word: &&str| !(word.contains("nonce=") || word.contains("value=\""));
    page.split_whitespace()
        .filter(secret)
        .collect::<Vec<_>>()
        .join(" ")
}

/// L14: links lead to the configured issuer, whatever host the request names.
#[tokio::test]
async fn the_host_header_does_not_reach_a_letter() {
    let app = app_with_ada().await;
    let mut browser = app.browser();
    let csrf = browser.get("/login/mail").await.csrf();
    let evil = [("host", "evil.test"), ("x-forwarded-host", "evil.test")];
    let fields = [("email", ADDRESS), ("csrf", csrf.as_str())];
    let answer = browser.post_with("/login/mail", &fields, &evil).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let letter = letter(&app).await.unwrap();
    assert!(!letter.contains("evil.test") && letter.contains("http://127.0.0.1:8080/login/link"));
}

/// A mailbox is not flooded, and neither it nor others are told apart by it.
#[tokio::test]
async fn one_mailbox_gets_so_many_mails_an_hour() {
    let app = app_with_ada().await;
    for address in ["bob@example.org", "nobody@example.org"] {
        for _ in 0..5 {
            ask(&mut app.browser(), address).await;
        }
        let answer = app.browser().fill("/login/mail", &[("email", address)]).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.header(header::RETRY_AFTER), "300");
    }
    assert_eq!(
        app.browser()
            .fill("/login/mail", &[("email", "no address")])
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
}

/// L13, L19, S06: a reset takes one link, ends every session, and is told to the owner.
#[tokio::test]
async fn a_forgotten_password_is_replaced_and_everybody_is_signed_out() {
    let app = app_with_ada().await;
    let mut elsewhere = app.browser();
    elsewhere.log_in("ada", PASSWORD).await;
    assert!(letter(&app).await.unwrap().contains("New sign-in"));
    let mut browser = app.browser();
    let sent = browser.fill("/forgot-password", &[("email", ADDRESS)]).await;
    assert!(sent.has_page("page-forgot-sent"));
    let path = link(&letter(&app).await.unwrap(), "/reset-password");
    let weak = browser
        .fill(&path, &[("token", token(&path)), ("password", "iloveyou")])
        .await;
    assert!(weak.status == StatusCode::BAD_REQUEST && weak.has_page("password-error"));
    assert!(elsewhere.is_signed_in().await);
    let new = "eleven brass teapots";
    let done = browser
        .fill(&path, &[("token", token(&path)), ("password", new)])
        .await;
    assert!(done.has_page("page-reset-done"), "{}", done.body);
    assert!(!elsewhere.is_signed_in().await);
    assert!(letter(&app).await.unwrap().contains("password was changed"));
    assert_eq!(
        app.browser().log_in("ada", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        app.browser().log_in("ada", new).await.status,
        StatusCode::SEE_OTHER
    );
    let again = browser.get(&path).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn links_and_codes_expire() {
    let app = app_with_ada().await;
    let mut browser = app.browser();
    ask(&mut browser, ADDRESS).await;
    let path = link(&letter(&app).await.unwrap(), "/login/link");
    app.clock.advance(Purpose::MagicLink.ttl());
    assert_eq!(browser.get(&path).await.status, StatusCode::GONE);
    browser.fill("/forgot-password", &[("email", ADDRESS)]).await;
    let path = link(&letter(&app).await.unwrap(), "/reset-password");
    app.clock.advance(Purpose::ResetPassword.ttl());
    assert_eq!(browser.get(&path).await.status, StatusCode::GONE);
}

/// Whoever made an account with somebody else's address loses it to the owner of the mailbox.
#[tokio::test]
async fn the_owner_of_the_mailbox_takes_over_an_account_that_never_confirmed_it() {
    let app = App::new().await;
    let mut squatter = app.browser();
    squatter.register("ada").await;
    letter(&app).await;
    assert!(squatter.is_signed_in().await && !is_verified(&app).await);
    let mut owner = app.browser();
    ask(&mut owner, ADDRESS).await;
    let path = link(&letter(&app).await.unwrap(), "/login/link");
    owner.fill(&path, &[("token", token(&path))]).await;
    assert!(owner.is_signed_in().await && is_verified(&app).await);
    assert!(!squatter.is_signed_in().await);
    assert_eq!(
        app.browser().log_in("ada", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
}

/// The address is confirmed by the code, in the browser that is signed in.
#[tokio::test]
async fn a_code_confirms_the_address_of_who_is_signed_in() {
    let app = App::new().await;
    let mut browser = app.browser();
    browser.register("ada").await;
    letter(&app).await;
    let answer = browser.fill("/verify-email", &[("decision", "send")]).await;
    let place = answer.header(header::LOCATION).to_owned();
    let code = six_digits(&letter(&app).await.unwrap());
    let wrong = if code == "123456" { "654321" } else { "123456" };
    assert_eq!(
        type_code(&mut browser, &place, wrong).await.status,
        StatusCode::BAD_REQUEST
    );
    let done = type_code(&mut browser, &place, &code).await;
    assert!(done.has_page("page-email-confirmed") && is_verified(&app).await);
}

/// L01: where addresses must be confirmed, a taken one gets the answer of a fresh one; its owner gets a letter.
#[tokio::test]
async fn where_confirmation_is_demanded_registration_tells_nothing_and_signs_nobody_in() {
    let app = App::with(|settings| settings.registration.confirm_email = true).await;
    let mut first = app.browser();
    let fresh = first.register("ada").await;
    let confirm = letter(&app).await.unwrap();
    let taken = app
        .browser()
        .fill(
            "/register",
            &[
                ("username", "other"),
                ("email", ADDRESS),
                ("name", "X"),
                ("password", PASSWORD),
            ],
        )
        .await;
    for answer in [&fresh, &taken] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(
            answer
                .header(header::LOCATION)
                .starts_with("/verify-email?challenge=mch_")
        );
    }
    assert!(
        letter(&app)
            .await
            .unwrap()
            .contains("have a Lighthouse account already")
    );
    assert!(!first.is_signed_in().await);
    let early = app.browser().log_in("ada", PASSWORD).await;
    assert!(
        early
            .header(header::LOCATION)
            .starts_with("/verify-email?challenge=")
    );
    assert_eq!(
        app.browser().log_in("ada", "wrong horse").await.status,
        StatusCode::UNAUTHORIZED
    );
    let done = type_code(&mut first, fresh.header(header::LOCATION), &six_digits(&confirm)).await;
    assert!(done.has_page("page-email-confirmed"), "{}", done.body);
    assert_eq!(
        app.browser()
            .log_in("ada", PASSWORD)
            .await
            .header(header::LOCATION),
        "/"
    );
}
