//! The second step, at every door that takes a first one.

use std::time::Duration;

use http::{StatusCode, header};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::app::{Answer, App, Browser, PASSWORD};

const AUTHENTICATOR: &str = "/account/security/authenticator";

/// Ada's phone and the paper in her drawer.
pub struct Phone {
    app: Totp,
    pub backup: Vec<String>,
}

impl Phone {
    /// The code of the next time step, so that none is used twice.
    pub fn code(&self, app: &App) -> String {
        app.clock.advance(Duration::from_secs(30));
        self.now(app)
    }

    fn now(&self, app: &App) -> String {
        let seconds = u64::try_from(app.ctx().now.as_seconds()).unwrap();
        self.app.generate(seconds).to_string()
    }
}

fn read_key(page: &Answer) -> Totp {
    let (_, rest) = page.body.split_once("id=\"shown-key\">").expect("a key");
    let key = rest.split('<').next().unwrap().replace(' ', "");
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::try_from_base32(key).unwrap())
        .build()
        .unwrap()
}

fn read_codes(page: &Answer) -> Vec<String> {
    assert!(page.has_page("page-backup-codes"), "{}", page.body);
    let (_, rest) = page.body.split_once("id=\"shown-list\"").unwrap();
    let list = rest.split("</ul>").next().unwrap();
    let codes = list
        .split("<code>")
        .skip(1)
        .map(|part| part.split('<').next().unwrap().to_owned());
    codes.collect()
}

async fn begin(browser: &mut Browser, password: &str) -> Answer {
    let fields = [("decision", "begin"), ("current-password", password)];
    browser.fill(AUTHENTICATOR, &fields).await
}

/// Turns it on for whoever is signed in to `browser`.
pub async fn turn_on(app: &App, browser: &mut Browser) -> Phone {
    assert_eq!(begin(browser, PASSWORD).await.status, StatusCode::SEE_OTHER);
    let page = browser.get(AUTHENTICATOR).await;
    assert!(page.body.contains("<svg") && !page.body.contains("<?xml"));
    let mut phone = Phone {
        app: read_key(&page),
        backup: Vec::new(),
    };
    let fields = [("decision", "confirm"), ("code", &*phone.code(app))];
    phone.backup = read_codes(&browser.fill(AUTHENTICATOR, &fields).await);
    assert_eq!(phone.backup.len(), 10);
    phone
}

pub async fn app_with_phone() -> (App, Browser, Phone) {
    let app = App::new().await;
    let mut browser = app.browser();
    browser.register("ada").await;
    let phone = turn_on(&app, &mut browser).await;
    while app.authority.run_due_jobs().await.unwrap() > 0 {}
    (app, browser, phone)
}

/// A browser that has given the password.
pub async fn half_way(app: &App) -> Browser {
    let mut browser = app.browser();
    let answer = browser.log_in("ada", PASSWORD).await;
    assert_eq!(answer.header(header::LOCATION), "/login/second");
    assert!(!browser.is_signed_in().await);
    browser
}

pub async fn second_step(browser: &mut Browser, code: &str) -> Answer {
    browser.fill("/login/second", &[("code", code)]).await
}

/// L09: a code signs in once, also in another browser, and spaces change nothing.
#[tokio::test]
async fn after_the_password_a_code_is_asked_for_and_taken_once() {
    let (app, _, phone) = app_with_phone().await;
    let mut browser = half_way(&app).await;
    assert!(browser.get("/login/second").await.has_page("page-second"));
    assert_eq!(
        second_step(&mut browser, "000000").await.status,
        StatusCode::UNAUTHORIZED
    );
    let code = phone.code(&app);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert_eq!(
        second_step(&mut browser, &spaced).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(browser.is_signed_in().await);
    let mut other = half_way(&app).await;
    for again in [code.as_str(), &spaced] {
        assert_eq!(
            second_step(&mut other, again).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    assert!(!other.is_signed_in().await);
}

/// L10
#[tokio::test]
async fn a_backup_code_works_once_and_renewed_ones_replace_all() {
    let (app, mut owner, phone) = app_with_phone().await;
    let mut browser = half_way(&app).await;
    assert_eq!(
        second_step(&mut browser, &phone.backup[0]).await.status,
        StatusCode::SEE_OTHER
    );
    let mut browser = half_way(&app).await;
    assert_eq!(
        second_step(&mut browser, &phone.backup[0]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let code = phone.code(&app);
    let page = owner
        .fill("/account/security/backup-codes", &[("code", &*code)])
        .await;
    let renewed = read_codes(&page);
    assert_eq!(
        second_step(&mut browser, &phone.backup[1]).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        second_step(&mut browser, &renewed[1].to_uppercase()).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(
        owner
            .get("/account/security")
            .await
            .body
            .contains("9 backup codes left")
    );
}

/// L08: five tries and five minutes for each sign-in.
#[tokio::test]
async fn a_sign_in_waits_for_five_tries_and_five_minutes() {
    let (app, _, phone) = app_with_phone().await;
    let mut browser = half_way(&app).await;
    let csrf = browser.get("/login/second").await.csrf();
    for _ in 0..5 {
        let fields = [("code", "000000"), ("csrf", csrf.as_str())];
        assert_eq!(
            browser.post("/login/second", &fields).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let code = phone.code(&app);
    let fields = [("code", code.as_str()), ("csrf", csrf.as_str())];
    assert_eq!(
        browser.post("/login/second", &fields).await.status,
        StatusCode::GONE
    );
    let mut late = half_way(&app).await;
    app.clock.advance(Duration::from_secs(300));
    assert_eq!(late.get("/login/second").await.header(header::LOCATION), "/login");
    let fields = [("code", &*phone.now(&app)), ("csrf", csrf.as_str())];
    assert_eq!(
        late.post("/login/second", &fields).await.status,
        StatusCode::FORBIDDEN
    );
}

/// L08: starting anew does not give more tries.
#[tokio::test]
async fn wrong_codes_count_over_all_sign_ins() {
    let (app, _, phone) = app_with_phone().await;
    for _ in 0..10 {
        let mut browser = half_way(&app).await;
        assert_eq!(
            second_step(&mut browser, "000000").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let mut browser = half_way(&app).await;
    let answer = second_step(&mut browser, &phone.now(&app)).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.header(header::RETRY_AFTER).is_empty());
}

/// L08: what waits for one user is of no use to another, nor without the browser that gave the password.
#[tokio::test]
async fn what_waits_belongs_to_its_user_and_browser() {
    let (app, _, phone) = app_with_phone().await;
    let mut bob = app.browser();
    bob.register("bob").await;
    let theirs = turn_on(&app, &mut bob).await;
    let mut browser = half_way(&app).await;
    assert_eq!(
        second_step(&mut browser, &theirs.code(&app)).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        second_step(&mut browser, &theirs.backup[0]).await.status,
        StatusCode::UNAUTHORIZED
    );
    // Without the browser that gave the password there is not even a form.
    let code = [("code", &*phone.code(&app))];
    let stranger = app.browser().fill_form("/login", "/login/second", &code).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
}

/// L13: neither a link from the mailbox nor a new password is a way around.
#[tokio::test]
async fn a_mail_does_not_lead_past_the_second_step() {
    let (app, _, phone) = app_with_phone().await;
    let mut browser = app.browser();
    let email = [("email", "ada@example.org")];
    browser.fill("/login/mail", &email).await;
    let link = super::mail::newest_link(&app, "/login/link").await;
    let token = link.split_once("token=").unwrap().1.to_owned();
    let answer = browser.fill(&link, &[("token", &*token)]).await;
    assert_eq!(answer.header(header::LOCATION), "/login/second");
    assert!(!browser.is_signed_in().await);
    assert_eq!(
        second_step(&mut browser, &phone.code(&app)).await.status,
        StatusCode::SEE_OTHER
    );

    // A letter tells of the new device; it is not the one that was asked for.
    super::mail::work_off(&app).await;
    browser.fill("/forgot-password", &email).await;
    let link = super::mail::newest_link(&app, "/reset-password").await;
    let token = link.split_once("token=").unwrap().1.to_owned();
    let new = "eleven brass teapots";
    let done = app
        .browser()
        .fill(&link, &[("token", &*token), ("password", new)])
        .await;
    assert!(done.has_page("page-reset-done"));
    let answer = app.browser().log_in("ada", new).await;
    assert_eq!(answer.header(header::LOCATION), "/login/second");
}

/// L11: set-up needs the password; what is on stays on until the new app has proven itself.
#[tokio::test]
async fn another_app_takes_over_only_when_it_is_proven() {
    let (app, mut owner, phone) = app_with_phone().await;
    assert!(
        app.browser().get(AUTHENTICATOR).await.header(header::LOCATION) == "/login?flow=account-security"
    );
    let wrong = begin(&mut owner, "wrong horse").await;
    assert!(wrong.status == StatusCode::BAD_REQUEST && wrong.has_page("current-password-error"));
    assert_eq!(begin(&mut owner, PASSWORD).await.status, StatusCode::SEE_OTHER);
    let new = read_key(&owner.get(AUTHENTICATOR).await);
    let fields = [("decision", "confirm"), ("code", "000000")];
    assert_eq!(
        owner.fill(AUTHENTICATOR, &fields).await.status,
        StatusCode::BAD_REQUEST
    );
    let mut browser = half_way(&app).await;
    assert_eq!(
        second_step(&mut browser, &phone.code(&app)).await.status,
        StatusCode::SEE_OTHER
    );
    app.clock.advance(Duration::from_secs(30));
    let seconds = u64::try_from(app.ctx().now.as_seconds()).unwrap();
    let fields = [
        ("decision", "confirm"),
        ("code", &*new.generate(seconds).to_string()),
    ];
    read_codes(&owner.fill(AUTHENTICATOR, &fields).await);
    let mut browser = half_way(&app).await;
    assert_eq!(
        second_step(&mut browser, &phone.code(&app)).await.status,
        StatusCode::UNAUTHORIZED
    );
}

/// S06, L19: turning it off takes a code, ends the other sessions, and is told to the owner.
#[tokio::test]
async fn turning_it_off_takes_a_code_and_ends_the_other_sessions() {
    let (app, mut owner, phone) = app_with_phone().await;
    let mut elsewhere = half_way(&app).await;
    second_step(&mut elsewhere, &phone.code(&app)).await;
    let path = "/account/security/authenticator/remove";
    assert_eq!(
        owner.fill(path, &[("code", "000000")]).await.status,
        StatusCode::BAD_REQUEST
    );
    assert!(elsewhere.is_signed_in().await);
    let code = phone.code(&app);
    assert_eq!(
        owner.fill(path, &[("code", &*code)]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(owner.is_signed_in().await && !elsewhere.is_signed_in().await);
    assert_eq!(
        app.browser()
            .log_in("ada", PASSWORD)
            .await
            .header(header::LOCATION),
        "/"
    );
    while app.authority.run_due_jobs().await.unwrap() > 0 {}
    let letters = app.outbox.list().unwrap();
    let told = letters
        .iter()
        .filter(|letter| letter.subject.starts_with("Two-step sign-in"));
    assert_eq!(told.count(), 2);
}
