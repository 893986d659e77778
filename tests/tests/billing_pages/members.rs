//! Members of the account, with the right and without, and a page of somebody else.

use tests::browser::Browser;
use tests::sample_service::SampleService;
use tests::site::{Site, picture};
use tests::till::{Till, check_out};

use crate::{AUTOPAY, BILLING, PLAN, TAX, account, open, open_billing, site};

/// Makes the form with this button send to another account's page, and presses it.
async fn post_to(browser: &Browser, button: &str, account: &str) {
    let script = format!(
        "const form = document.getElementById('{button}').form; \
         form.action = form.action.replace(/account=\\d+/, 'account={account}');"
    );
    browser.client().execute(&script, Vec::new()).await.unwrap();
    browser.leave_by(button).await.unwrap();
}

/// Somebody who was invited by `ada` with this role, and has come.
async fn join(site: &Site, ada: &Browser, role: &str) -> Browser {
    let eve = Browser::start().await.unwrap();
    site.register_confirmed(&eve, "eve").await.unwrap();
    let invitation = site.invite(ada, ("eve@example.com", role)).await.unwrap();
    eve.open(&invitation).await.unwrap();
    eve.leave_by("join-submit").await.unwrap();
    eve.sees("page-account-team").await.unwrap();
    eve
}

/// B08: a member whose role is not about money sees none of it and changes none of it, not even with forms of their own.
#[tokio::test]
async fn a_member_without_the_right_sees_and_posts_nothing() {
    let (site, ada) = (site().await, Browser::start().await.unwrap());
    site.register_confirmed(&ada, "ada").await.unwrap();
    let account = account(&site, &ada).await;
    let eve = join(&site, &ada, "viewer").await;
    for path in ["", "/plan", "/autopay", "/transactions", "/invoices", "/tax"] {
        let path = format!("{BILLING}{path}?account={account}");
        open(&site, &eve, (&path, "page-error")).await;
    }
    picture(&eve, "billing-not-yours").await.unwrap();
    open_billing(&site, &eve).await;
    eve.fill("amount", "500").await.unwrap();
    post_to(&eve, "top-up-submit", &account).await;
    eve.sees("page-error").await.unwrap();
    for (page, button) in [
        (PLAN, "subscribe-submit"),
        (AUTOPAY, "autopay-set-up"),
        (TAX, "tax-save"),
    ] {
        open(&site, &eve, page).await;
        post_to(&eve, button, &account).await;
        eve.sees("page-error").await.unwrap();
    }
    assert_eq!(Till::of(&site.server).unwrap().orders().await.unwrap(), 0);
    eve.close().await.unwrap();
    ada.close().await.unwrap();
}

/// Those who look after the bills choose between the accounts they work in.
#[tokio::test]
async fn a_member_who_looks_after_the_bills_pays_for_the_account() {
    let (site, ada) = (site().await, Browser::start().await.unwrap());
    site.register_confirmed(&ada, "ada").await.unwrap();
    let account = account(&site, &ada).await;
    let eve = join(&site, &ada, "billing").await;
    open_billing(&site, &eve).await;
    picture(&eve, "billing-accounts").await.unwrap();
    eve.click_first(&format!("#accounts a[href$='{account}']"))
        .await
        .unwrap();
    eve.sees("page-account-billing").await.unwrap();
    eve.fill("amount", "500").await.unwrap();
    eve.leave_by("top-up-submit").await.unwrap();
    check_out(&eve, "card").await.unwrap();
    eve.sees("done").await.unwrap();
    open_billing(&site, &ada).await;
    let moved = ada.text("transactions").await.unwrap();
    assert!(moved.contains("+₹500.00"), "{moved}");
    eve.close().await.unwrap();
    ada.close().await.unwrap();
}

/// S03: another site posts what our form would, in the browser of somebody who is signed in here.
#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    let (site, evil) = (site().await, SampleService::start().await.unwrap());
    let browser = Browser::start_at("evil.test", evil.address()).await.unwrap();
    site.register(&browser, "ada").await.unwrap();
    let account = account(&site, &browser).await;
    for (path, field, value) in [
        ("/top-up", "amount", "500"),
        ("/plan", "plan", "pro"),
        ("/autopay", "decision", "set-up"),
        ("/tax", "legal_name", "Mallory"),
    ] {
        browser.open("http://evil.test/").await.unwrap();
        let target = site.server.url(&format!("{BILLING}{path}?account={account}"));
        let script = format!(
            "const form = document.createElement('form'); form.method = 'post'; form.action = '{target}'; \
             const field = document.createElement('input'); field.name = '{field}'; field.value = '{value}'; \
             form.append(field); document.body.append(form); form.submit();"
        );
        browser.client().execute(&script, Vec::new()).await.unwrap();
        browser.sees("page-error").await.unwrap();
    }
    assert_eq!(Till::of(&site.server).unwrap().orders().await.unwrap(), 0);
    open(&site, &browser, TAX).await;
    assert_eq!(browser.value("legal_name").await.unwrap(), "");
    browser.close().await.unwrap();
}
