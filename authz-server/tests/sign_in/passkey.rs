//! Passkeys on the pages, with an authenticator in software.

use http::{StatusCode, header};
use testkit::authenticator::SoftPasskey;

use crate::app::{Answer, App, Browser, PASSWORD};

const ISSUER: &str = "http://localhost";
const ADD: &str = "/account/security/passkeys/add";

/// What a page asks an authenticator for.
struct Asked {
    options: String,
    state: String,
    csrf: String,
}

/// The form of the authenticator, if the page has one.
fn asked(page: &Answer) -> Option<Asked> {
    let (_, form) = page.body.split_once("id=\"passkey-form\"")?;
    let (form, _) = form.split_once("</form>")?;
    let after = |mark: &str| {
        let (_, rest) = form.split_once(mark).expect("a complete form");
        rest.split('"').next().unwrap().to_owned()
    };
    Some(Asked {
        options: after("data-options=\"")
            .replace("&#34;", "\"")
            .replace("&#38;", "&"),
        state: after("name=\"state\" value=\""),
        csrf: after("name=\"csrf\" value=\""),
    })
}

async fn app() -> App {
    App::with(|settings| ISSUER.clone_into(&mut settings.issuer)).await
}

async fn give(browser: &mut Browser, path: &str, asked: &Asked, credential: &str) -> Answer {
    let fields = [
        ("csrf", asked.csrf.as_str()),
        ("flow", ""),
        ("state", &asked.state),
        ("credential", credential),
    ];
    browser.post(path, &fields).await
}

async fn begin(browser: &mut Browser, password: &str) -> Answer {
    let fields = [
        ("decision", "begin"),
        ("name", "Phone"),
        ("current-password", password),
    ];
    browser.fill(ADD, &fields).await
}

/// Makes one for whoever is signed in to `browser`; with it, the page after it.
async fn add(browser: &mut Browser) -> (SoftPasskey, Answer) {
    let asked = asked(&begin(browser, PASSWORD).await).expect("a ceremony");
    let (passkey, credential) = SoftPasskey::create(&asked.options, ISSUER);
    let page = give(browser, ADD, &asked, &credential).await;
    (passkey, page)
}

async fn app_with_passkey() -> (App, Browser, SoftPasskey) {
    let app = app().await;
    let mut browser = app.browser();
    browser.register("ada").await;
    let (passkey, page) = add(&mut browser).await;
    assert!(page.has_page("page-backup-codes"), "{}", page.body);
    (app, browser, passkey)
}

async fn sign_in(browser: &mut Browser, passkey: &mut SoftPasskey) -> Answer {
    let asked = asked(&browser.get("/login").await).expect("a button");
    let credential = passkey.get(&asked.options);
    give(browser, "/login/passkey", &asked, &credential).await
}

#[tokio::test]
async fn a_passkey_alone_signs_in_and_its_answer_counts_once() {
    let (app, _, mut passkey) = app_with_passkey().await;
    let mut browser = app.browser();
    let page = browser.get("/login").await;
    assert!(page.body.contains("autocomplete=\"username webauthn\""));
    let asked = asked(&page).unwrap();
    let credential = passkey.get(&asked.options);
    let answer = give(&mut browser, "/login/passkey", &asked, &credential).await;
    assert_eq!(
        (answer.status, answer.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, "/")
    );
    assert!(browser.is_signed_in().await);
    let again = give(&mut browser, "/login/passkey", &asked, &credential).await;
    assert!(again.status == StatusCode::UNAUTHORIZED && again.has_page("page-login"));
    let mut stranger = app.browser();
    stranger.get("/login").await;
    let stolen = give(&mut stranger, "/login/passkey", &asked, &credential).await;
    assert_eq!(stolen.status, StatusCode::FORBIDDEN);
    let back = browser.get("/login/passkey").await;
    assert_eq!(back.header(header::LOCATION), "/login");
}

#[tokio::test]
async fn after_the_password_a_passkey_is_the_second_step() {
    let (app, _, mut passkey) = app_with_passkey().await;
    let mut browser = app.browser();
    let answer = browser.log_in("ada", PASSWORD).await;
    assert_eq!(answer.header(header::LOCATION), "/login/second");
    let asked = asked(&browser.get("/login/second").await).expect("a button");
    let wrong = give(&mut browser, "/login/second/passkey", &asked, "{}").await;
    assert!(wrong.status == StatusCode::UNAUTHORIZED && wrong.has_page("page-second"));
    let credential = passkey.get(&asked.options);
    let alone = give(&mut browser, "/login/passkey", &asked, &credential).await;
    assert_eq!(alone.status, StatusCode::FORBIDDEN, "the form of another page");
    let answer = give(&mut browser, "/login/second/passkey", &asked, &credential).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(browser.is_signed_in().await);
}

/// L11, L19, S06
#[tokio::test]
async fn passkeys_are_named_and_removed_with_the_password_only() {
    let (app, mut owner, mut passkey) = app_with_passkey().await;
    let mut elsewhere = app.browser();
    sign_in(&mut elsewhere, &mut passkey).await;
    let list = owner.get("/account/security/passkeys").await;
    assert!(list.body.contains("“Phone”"), "{}", list.body);
    let (_, rest) = list.body.split_once("edit?id=").unwrap();
    let id = rest.split('"').next().unwrap().to_owned();
    let fields = [("id", id.as_str()), ("name", "<b>Key")];
    let renamed = owner
        .fill(&format!("/account/security/passkeys/edit?id={id}"), &fields)
        .await;
    assert_eq!(renamed.status, StatusCode::SEE_OTHER);
    let list = owner.get("/account/security/passkeys").await;
    assert!(list.body.contains("“&#60;b&#62;Key”"), "{}", list.body);
    let path = format!("/account/security/passkeys/remove?id={id}");
    let wrong = [("id", id.as_str()), ("current-password", "wrong horse")];
    assert_eq!(owner.fill(&path, &wrong).await.status, StatusCode::BAD_REQUEST);
    assert!(elsewhere.is_signed_in().await);
    let right = [("id", id.as_str()), ("current-password", PASSWORD)];
    assert_eq!(owner.fill(&path, &right).await.status, StatusCode::SEE_OTHER);
    assert!(owner.is_signed_in().await && !elsewhere.is_signed_in().await);
    let refused = sign_in(&mut app.browser(), &mut passkey).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    while app.authority.run_due_jobs().await.unwrap() > 0 {}
    let letters = app.outbox.list().unwrap();
    let told = letters
        .iter()
        .filter(|letter| letter.subject.starts_with("Two-step sign-in"));
    assert_eq!(told.count(), 2);
}

/// L11: a stolen session makes no passkey, and one for another session is no good.
#[tokio::test]
async fn making_one_takes_the_password_and_happens_where_it_began() {
    let (app, mut owner, _) = app_with_passkey().await;
    for path in [ADD, "/account/security/passkeys"] {
        let answer = app.browser().get(path).await;
        assert!(answer.header(header::LOCATION).starts_with("/login"));
    }
    let wrong = begin(&mut owner, "wrong horse").await;
    assert!(wrong.status == StatusCode::BAD_REQUEST && asked(&wrong).is_none());
    let began = asked(&begin(&mut owner, PASSWORD).await).unwrap();
    let (_, credential) = SoftPasskey::create(&began.options, ISSUER);
    let mut bob = app.browser();
    bob.register("bob").await;
    let other = bob.get(ADD).await.csrf();
    let mixed = Asked { csrf: other, ..began };
    let refused = give(&mut bob, ADD, &mixed, &credential).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let (_, page) = add(&mut owner).await;
    assert_eq!(
        page.status,
        StatusCode::SEE_OTHER,
        "no backup codes with the second"
    );
}

#[tokio::test]
async fn on_an_address_without_a_name_the_pages_offer_none() {
    let app = App::new().await;
    let mut browser = app.browser();
    let page = browser.get("/login").await;
    assert!(asked(&page).is_none() && !page.body.contains("webauthn"));
    browser.register("ada").await;
    let list = browser.get("/account/security/passkeys").await;
    assert!(list.body.contains("can&#39;t be used"), "{}", list.body);
}
