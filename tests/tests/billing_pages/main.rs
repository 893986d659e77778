//! Money on the pages in a real browser: paying ahead, invoices, plans, automatic top-ups, details on invoices.
//! Whoever may do it can, with and without scripts; nobody else can, from wherever they post.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod members;
mod subscription;

use fantoccini::Locator;
use std::path::Path;
use std::process::Command;
use tests::agent::Agent;
use tests::browser::Browser;
use tests::demo::PASSWORD;
use tests::money::Payer;
use tests::site::{Site, log_in, picture};
use tests::till::{Till, cancel, check_out};

const BILLING: &str = "/account/billing";
const PLAN: (&str, &str) = ("/account/billing/plan", "page-account-plan");
/// Payments bring invoices, and there is a plan to change to.
const MORE: &str = r#"
[billing.seller]
legal_name = "Lighthouse Services LLP"
gstin = "29AAGCB7383J1Z4"
address = ["1 Church Street", "Bengaluru 560001"]
state_code = "29"

[[plans]]
id = "team"
name = "Team"
amount = 129900
period = "monthly"
features = [{ name = "reports", included = 50 }]
"#;

async fn site() -> Site {
    Site::start_with(MORE).await.unwrap()
}

/// Opens a page of the area and waits for it.
async fn open(site: &Site, browser: &Browser, (path, page): (&str, &str)) {
    browser.open(&site.server.url(path)).await.unwrap();
    browser.sees(page).await.unwrap();
}

async fn open_billing(site: &Site, browser: &Browser) {
    open(site, browser, (BILLING, "page-account-billing")).await;
}

/// Up to the page that leads to the gateway.
async fn ask_to_pay(site: &Site, browser: &Browser, amount: &str) {
    open_billing(site, browser).await;
    browser.fill("amount", amount).await.unwrap();
    browser.leave_by("top-up-submit").await.unwrap();
    browser.sees("page-account-pay").await.unwrap();
}

async fn done(browser: &Browser, words: &str) {
    let said = browser.text("done").await.unwrap();
    assert!(said.contains(words), "{said}");
}

async fn choose(browser: &Browser, field: &str, value: &str) {
    let option = format!("#{field} option[value=\"{value}\"]");
    browser.click_first(&option).await.unwrap();
}

/// What the account is called in addresses.
async fn account(site: &Site, browser: &Browser) -> String {
    open_billing(site, browser).await;
    let form = Locator::Css("form[action*='top-up?account=']");
    let form = browser.client().find(form).await.unwrap();
    let action = form.attr("action").await.unwrap().unwrap();
    action.rsplit_once('=').unwrap().1.to_owned()
}

fn text_of(pdf: &Path) -> String {
    assert!(std::fs::read(pdf).unwrap().starts_with(b"%PDF-"));
    let read = Command::new("pdftotext")
        .args(["-layout".as_ref(), pdf.as_os_str(), "-".as_ref()])
        .output();
    String::from_utf8(read.unwrap().stdout).unwrap()
}

/// From an empty wallet to an invoice in the folder of downloads.
async fn pay_ahead(site: &Site, browser: &Browser) {
    site.register(browser, "ada").await.unwrap();
    open_billing(site, browser).await;
    browser.fill("amount", "12 rupees").await.unwrap();
    browser.leave_by("top-up-submit").await.unwrap();
    browser.sees("amount-error").await.unwrap();
    assert_eq!(browser.value("amount").await.unwrap(), "12 rupees");
    ask_to_pay(site, browser, "1,250.50").await;
    check_out(browser, "card").await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    done(browser, "your payment has arrived").await;
    let shown = browser.text("page-account-billing").await.unwrap();
    assert!(shown.contains("+₹1,250.50"), "{shown}");
    open(site, browser, ("/account/billing/invoices", "invoices")).await;
    let shown = browser.text("invoices").await.unwrap();
    assert!(shown.contains("₹1,250.50"), "{shown}");
    let file = browser.download("#invoices-1").await.unwrap();
    let text = text_of(&file);
    assert!(
        text.contains("1,250.50") && text.contains("Lighthouse Services LLP"),
        "{text}"
    );
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("INV-"), "{name}");
}

#[tokio::test]
async fn somebody_pays_ahead_and_saves_the_invoice() {
    let (site, browser) = (site().await, Browser::start().await.unwrap());
    pay_ahead(&site, &browser).await;
    open_billing(&site, &browser).await;
    picture(&browser, "billing").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn somebody_without_scripts_pays_ahead_and_saves_the_invoice() {
    let (site, browser) = (site().await, Browser::start_without_scripts().await.unwrap());
    pay_ahead(&site, &browser).await;
    // What only a script shows stays hidden.
    browser.open(&site.server.url("/register")).await.unwrap();
    let hidden = Locator::Css("#password-reveal[hidden]");
    browser.client().find(hidden).await.unwrap();
    browser.close().await.unwrap();
}

/// B02: what was not paid is not credited; what a bank pays after all is, once the gateway tells of it.
#[tokio::test]
async fn what_failed_or_was_cancelled_is_said_and_what_is_paid_late_is_credited() {
    let (site, browser) = (site().await, Browser::start().await.unwrap());
    site.register(&browser, "ada").await.unwrap();
    ask_to_pay(&site, &browser, "300").await;
    picture(&browser, "billing-pay").await.unwrap();
    cancel(&browser).await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    done(&browser, "Nothing was paid").await;
    ask_to_pay(&site, &browser, "700").await;
    let refused = check_out(&browser, "fail").await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    done(&browser, "Nothing was paid").await;
    picture(&browser, "billing-unpaid").await.unwrap();
    let moved = browser.text("transactions").await.unwrap();
    assert_eq!(moved, "Nothing has moved yet.");
    let till = Till::of(&site.server).unwrap();
    till.settle(&refused).await.unwrap();
    let billing = site.server.url(BILLING);
    browser
        .says_at_last(&billing, ("transactions", "+₹700.00"))
        .await
        .unwrap();
    browser.close().await.unwrap();
}

async fn rows(browser: &Browser, list: &str) -> usize {
    let rows = Locator::Css(list);
    browser.client().find_all(rows).await.unwrap().len()
}

#[tokio::test]
async fn what_has_moved_comes_in_pages() {
    let (site, browser) = (site().await, Browser::start().await.unwrap());
    let agent = Agent::new().unwrap();
    let issuer = site.server.issuer();
    agent.register(&issuer, "ada", PASSWORD).await.unwrap();
    let payer = Payer::new(agent, &issuer);
    for rupees in 1..=51 {
        payer.top_up(&rupees.to_string()).await.unwrap();
    }
    browser.open(&site.server.url(BILLING)).await.unwrap();
    log_in(&browser, "ada", PASSWORD).await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    assert_eq!(rows(&browser, "#transactions > li").await, 5);
    browser.click_first("a[href*='/transactions?']").await.unwrap();
    browser.sees("page-account-transactions").await.unwrap();
    picture(&browser, "billing-transactions").await.unwrap();
    assert_eq!(rows(&browser, "#transactions > li").await, 50);
    browser.leave_by("pager-older").await.unwrap();
    browser.sees("pager-newer").await.unwrap();
    assert_eq!(rows(&browser, "#transactions > li").await, 1);
    assert!(browser.text("transactions").await.unwrap().contains("+₹1.00"));
    browser.leave_by("pager-newer").await.unwrap();
    browser.sees("pager-older").await.unwrap();
    open(&site, &browser, ("/account/billing/invoices", "invoices")).await;
    assert_eq!(rows(&browser, "#invoices > li").await, 50);
    picture(&browser, "billing-invoices").await.unwrap();
    browser.close().await.unwrap();
}

const AUTOPAY: (&str, &str) = ("/account/billing/autopay", "page-account-autopay");

#[tokio::test]
async fn automatic_top_ups_are_set_up_paused_and_turned_off() {
    let (site, browser) = (site().await, Browser::start().await.unwrap());
    site.register(&browser, "ada").await.unwrap();
    open(&site, &browser, AUTOPAY).await;
    picture(&browser, "autopay").await.unwrap();
    browser.fill("amount", "2000").await.unwrap();
    browser.leave_by("autopay-set-up").await.unwrap();
    browser.sees("amount-error").await.unwrap();
    picture(&browser, "autopay-refused").await.unwrap();
    assert_eq!(browser.value("amount").await.unwrap(), "2000");
    browser.fill("most", "2500").await.unwrap();
    browser.leave_by("autopay-set-up").await.unwrap();
    check_out(&browser, "upi").await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    done(&browser, "automatic top-ups are on").await;
    open(&site, &browser, AUTOPAY).await;
    picture(&browser, "autopay-on").await.unwrap();
    browser.fill("threshold", "250.50").await.unwrap();
    browser.leave_by("autopay-save").await.unwrap();
    done(&browser, "saved").await;
    assert_eq!(browser.value("threshold").await.unwrap(), "250.50");
    browser.leave_by("autopay-pause").await.unwrap();
    browser.sees("autopay-resume").await.unwrap();
    assert!(browser.text(AUTOPAY.1).await.unwrap().contains("Paused here"));
    browser.leave_by("autopay-resume").await.unwrap();
    browser.sees("autopay-pause").await.unwrap();
    browser.leave_by("autopay-end").await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    done(&browser, "are off").await;
    browser.close().await.unwrap();
}

const TAX: (&str, &str) = ("/account/billing/tax", "page-account-tax");

#[tokio::test]
async fn details_on_invoices_are_refused_at_the_field_and_kept() {
    let (site, browser) = (site().await, Browser::start().await.unwrap());
    site.register(&browser, "ada").await.unwrap();
    open(&site, &browser, TAX).await;
    let typed = [
        ("legal_name", "Umbrella Traders"),
        ("address", "14 Marine Drive\nMumbai 400020"),
        ("gstin", "27AAPFU0939F1ZX"),
    ];
    for (field, text) in typed {
        browser.fill(field, text).await.unwrap();
    }
    browser.leave_by("tax-save").await.unwrap();
    let said = browser.text("gstin-error").await.unwrap();
    assert!(said.contains("check digit"), "{said}");
    picture(&browser, "tax-refused").await.unwrap();
    for (field, text) in typed {
        assert_eq!(browser.value(field).await.unwrap(), text);
    }
    browser.fill("gstin", "27AAPFU0939F1ZV").await.unwrap();
    choose(&browser, "state_code", "29").await;
    browser.leave_by("tax-save").await.unwrap();
    browser.sees("state_code-error").await.unwrap();
    choose(&browser, "state_code", "27").await;
    browser.leave_by("tax-save").await.unwrap();
    done(&browser, "saved").await;
    picture(&browser, "tax").await.unwrap();
    assert_eq!(
        browser.value("address").await.unwrap(),
        "14 Marine Drive\nMumbai 400020"
    );
    browser.close().await.unwrap();
}
