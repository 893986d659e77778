//! The area as a whole: who gets in, and where a sign-in leads.

use http::{StatusCode, header};

use crate::app::{App, PASSWORD};

const PAGES: [(&str, &str); 15] = [
    ("/account", "page-account"),
    ("/account/profile", "page-account-profile"),
    ("/account/email", "page-account-email"),
    ("/account/sessions", "page-account-sessions"),
    ("/account/applications", "page-account-applications"),
    ("/account/team", "page-account-team"),
    ("/account/billing", "page-account-billing"),
    ("/account/billing/plan", "page-account-plan"),
    ("/account/billing/autopay", "page-account-autopay"),
    ("/account/billing/transactions", "page-account-transactions"),
    ("/account/billing/invoices", "page-account-invoices"),
    ("/account/billing/tax", "page-account-tax"),
    ("/account/history", "page-account-history"),
    ("/account/data", "page-account-data"),
    ("/account/delete", "page-account-delete"),
];

/// O05: a stranger signs in first and comes back to the page, and to no other place.
#[tokio::test]
async fn a_stranger_signs_in_and_comes_back() {
    let app = App::new().await;
    app.browser().register("ada").await;
    for (path, id) in PAGES {
        let mut browser = app.browser();
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let login = answer.header(header::LOCATION).to_owned();
        let (_, flow) = login.split_once("/login?flow=").unwrap();
        let fields = [("username", "ada"), ("password", PASSWORD), ("flow", flow)];
        let answer = browser.fill(&login, &fields).await;
        assert_eq!(answer.header(header::LOCATION), path);
        let page = browser.get(path).await;
        assert!(page.status == StatusCode::OK && page.has_page(id), "{path}");
    }
}

/// S03: nothing happens without the form's token, nor with that of another form.
#[tokio::test]
async fn every_form_needs_its_own_token() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    let other = ada.get("/account/profile").await.csrf();
    for path in [
        "/account/profile",
        "/account/email",
        "/account/password",
        "/account/sessions",
        "/account/applications",
        "/account/team/invite",
        "/account/team/name",
        "/account/team/member",
        "/account/team/invitation",
        "/account/billing/top-up",
        "/account/billing/plan",
        "/account/billing/autopay",
        "/account/billing/tax",
        "/join",
        "/account/data/export",
        "/account/delete",
        "/account/keep",
        "/account/cancel-deletion",
    ] {
        let bare = ada.post(path, &[("decision", "all")]).await;
        assert_eq!(bare.status, StatusCode::FORBIDDEN, "{path}");
        if path != "/account/profile" {
            let foreign = ada.post(path, &[("decision", "all"), ("csrf", &other)]).await;
            assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    assert!(ada.is_signed_in().await);
}

/// A post without a session leads to the sign-in page, with or without a token.
#[tokio::test]
async fn a_form_posted_after_the_session_has_ended_leads_to_the_sign_in_page() {
    let app = App::new().await;
    for path in ["/account/profile", "/account/sessions", "/account/delete"] {
        let answer = app.browser().post(path, &[("decision", "all")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(
            answer
                .header(header::LOCATION)
                .starts_with("/login?flow=account-")
        );
    }
}
