//! Teams on the pages: from the form that invites, through the mail, to joining, another role and the end.

use std::time::Duration;

use http::{StatusCode, header};
use model::user::Role;

use crate::app::letter::{letters, link, six_digits};
use crate::app::{Answer, App, Browser, PASSWORD};

const TEAM: &str = "/account/team";

/// The place that an answer leads to.
fn place(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header(header::LOCATION).to_owned()
}

/// The first address on the page that begins so.
fn address(page: &Answer, start: &str) -> String {
    let begin = format!("href=\"{start}");
    let (_, rest) = page
        .body
        .split_once(&begin)
        .unwrap_or_else(|| panic!("{start}: {}", page.body));
    let rest = rest.split('"').next().unwrap();
    format!("{start}{rest}")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

async fn owner(app: &App) -> Browser {
    let mut ada = app.browser();
    ada.register("ada").await;
    ada
}

/// Invites the address, and gives the path of the mail's link.
async fn invite(app: &App, by: &mut Browser, email: &str, role: &str) -> String {
    let page = by.get(TEAM).await;
    let own = page
        .body
        .split("action=\"/account/team/invite?account=")
        .nth(1)
        .unwrap();
    let action = format!("/account/team/invite?account={}", &own[..12]);
    let fields = [("email", email), ("role", role), ("decision", "invite")];
    let answer = by.fill_form(TEAM, &action, &fields).await;
    assert!(place(&answer).ends_with("done=invited"));
    let letters = letters(app).await;
    let letter = letters.iter().find(|letter| letter.contains("/join?token="));
    link(letter.expect("an invitation"), "/join").path
}

#[tokio::test]
async fn somebody_registers_by_invitation_confirms_joins_and_leaves() {
    let app = App::new().await;
    let mut ada = owner(&app).await;
    let join = invite(&app, &mut ada, "grace@example.org", "member").await;
    let mut grace = app.browser();
    let page = grace.get(&join).await;
    assert!(page.has_page("page-join") && !page.body.contains("grace@example.org"));
    let register = address(&page, "/register?flow=join-");
    let flow = register.split_once("flow=").unwrap().1.to_owned();
    let form = [
        ("username", "grace"),
        ("email", "grace@example.org"),
        ("password", PASSWORD),
        ("flow", &flow),
    ];
    let back = place(&grace.fill(&register, &form).await);
    assert_eq!(back, format!("/join?flow={flow}"));
    let page = grace.get(&back).await;
    // The mail of the registration; the page asks for another one.
    letters(&app).await;
    let verify = address(&page, "/verify-email?flow=join-");
    let sent = place(
        &grace
            .fill(&verify, &[("decision", "send"), ("flow", &flow)])
            .await,
    );
    let letters = letters(&app).await;
    let code = six_digits(
        letters
            .iter()
            .find(|letter| letter.contains("/verify-email"))
            .unwrap(),
    );
    let challenge = sent
        .split_once("challenge=")
        .unwrap()
        .1
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let fields = [
        ("decision", "confirm"),
        ("challenge", challenge.as_str()),
        ("code", &code),
        ("flow", &flow),
    ];
    let confirmed = grace.fill(&sent, &fields).await;
    assert!(confirmed.has_page("page-email-confirmed") && confirmed.body.contains("/join?flow="));
    let page = grace.get(&join).await;
    assert!(page.body.contains("join-submit"), "{}", page.body);
    let token = join.split_once("token=").unwrap().1;
    let there = place(&grace.fill(&join, &[("decision", "join"), ("token", token)]).await);
    let page = grace.get(&there).await;
    assert!(page.has_page("page-account-team") && page.body.contains("ada@example.org"));
    assert_eq!(grace.get(&join).await.status, StatusCode::NOT_FOUND);
    let leave = address(&page, "/account/team/member?account=");
    let left = grace.fill_form(&leave, &leave, &[("decision", "remove")]).await;
    assert_eq!(place(&left), "/account/team?done=left");
    assert_eq!(grace.get(&there).await.status, StatusCode::NOT_FOUND);
}

/// L12, for invitations: scanners look; nobody else's browser is let in by looking.
#[tokio::test]
async fn looking_joins_nobody_and_others_are_told_whose_it_is() {
    let app = App::new().await;
    let mut ada = owner(&app).await;
    let join = invite(&app, &mut ada, "grace@example.org", "admin").await;
    for _ in 0..5 {
        assert_eq!(app.browser().get(&join).await.status, StatusCode::OK);
        assert_eq!(app.browser().head(&join).await.status, StatusCode::OK);
    }
    app.admin("eve@example.org", Role::User).await;
    let mut eve = app.browser();
    eve.log_in("eve@example.org", PASSWORD).await;
    let page = eve.get(&join).await;
    assert!(page.body.contains("g…@example.org") && page.body.contains("join-sign-out"));
    assert!(!page.body.contains("join-submit"));
    assert!(!ada.get(TEAM).await.body.contains("eve@example.org"));
}

#[tokio::test]
async fn an_invitation_is_taken_back_and_mistakes_are_told_at_the_field() {
    let app = App::new().await;
    let mut ada = owner(&app).await;
    let join = invite(&app, &mut ada, "grace@example.org", "viewer").await;
    let page = ada.get(TEAM).await;
    let back = address(&page, "/account/team/invitation?account=");
    let answer = ada.fill_form(&back, &back, &[("decision", "withdraw")]).await;
    assert!(place(&answer).ends_with("done=withdrawn"));
    assert_eq!(app.browser().get(&join).await.status, StatusCode::NOT_FOUND);
    let own = page
        .body
        .split("action=\"/account/team/invite?account=")
        .nth(1)
        .unwrap();
    let action = format!("/account/team/invite?account={}", &own[..12]);
    let fields = [("email", "nobody"), ("role", "viewer"), ("decision", "invite")];
    let answer = ada.fill_form(TEAM, &action, &fields).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("email-error"), "{}", answer.body);
    assert_eq!(
        ada.get("/account/team?account=000000000000").await.status,
        StatusCode::NOT_FOUND
    );
}

/// What was true when the mail was sent is not true for ever.
#[tokio::test]
async fn an_invitation_whose_time_is_over_joins_nobody() {
    let app = App::new().await;
    let mut ada = owner(&app).await;
    let join = invite(&app, &mut ada, "grace@example.org", "viewer").await;
    app.clock.advance(Duration::from_hours(24 * 7));
    let late = app.browser().get(&join).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
    assert!(late.has_page("page-join-dead"), "{}", late.body);
}
