//! Money on the pages in a real browser: paying ahead, invoices, plans, automatic top-ups, details on invoices.
//! Whoever may do it can, with and without scripts; nobody else can, from wherever they post.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::path::Path;
use std::process::Command;

use fantoccini::Locator;
use tests::agent::Agent;
use tests::browser::Browser;
use tests::demo::PASSWORD;
use tests::money::Payer;
use tests::sample_service::SampleService;
use tests::site::{Site, log_in, picture};
use tests::till::{Till, cancel, check_out};

const BILLING: &str = "/account/billing";
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
    browser.click("top-up-submit").await.unwrap();
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
    browser.click("top-up-submit").await.unwrap();
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
    browser.click("pager-older").await.unwrap();
    browser.sees("pager-newer").await.unwrap();
    assert_eq!(rows(&browser, "#transactions > li").await, 1);
    assert!(browser.text("transactions").await.unwrap().contains("+₹1.00"));
    browser.click("pager-newer").await.unwrap();
    browser.sees("pager-older").await.unwrap();
    open(&site, &browser, ("/account/billing/invoices", "invoices")).await;
    assert_eq!(rows(&browser, "#invoices > li").await, 50);
    picture(&browser, "billing-invoices").await.unwrap();
    browser.close().await.unwrap();
}

const PLAN: (&str, &str) = ("/account/billing/plan", "page-account-plan");

async fn plan_says(browser: &Browser, words: &str) {
    browser.sees(PLAN.1).await.unwrap();
    let shown = browser.text(PLAN.1).await.unwrap();
    assert!(shown.contains(words), "{shown}");
}

#[tokio::test]
async fn somebody_subscribes_changes_rests_and_ends() {
    let (site, browser) = (site().await, Browser::start().await.unwrap());
    site.register(&browser, "ada").await.unwrap();
    open(&site, &browser, PLAN).await;
    picture(&browser, "plan").await.unwrap();
    choose(&browser, "plan", "team").await;
    browser.fill("quantity", "lots").await.unwrap();
    browser.click("subscribe-submit").await.unwrap();
    browser.sees("quantity-error").await.unwrap();
    picture(&browser, "plan-refused").await.unwrap();
    let kept = (
        browser.value("plan").await.unwrap(),
        browser.value("quantity").await.unwrap(),
    );
    assert_eq!(kept, ("team".to_owned(), "lots".to_owned()));
    browser.fill("quantity", "2").await.unwrap();
    browser.click("subscribe-submit").await.unwrap();
    browser.sees("page-account-pay").await.unwrap();
    assert!(
        browser
            .text("page-account-pay")
            .await
            .unwrap()
            .contains("₹2,598.00")
    );
    open(&site, &browser, PLAN).await;
    browser.click("subscription-pay").await.unwrap();
    check_out(&browser, "card").await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    done(&browser, "your plan begins").await;
    open(&site, &browser, PLAN).await;
    plan_says(&browser, "Team, 2 seats").await;
    picture(&browser, "plan-active").await.unwrap();
    change_and_end(&browser).await;
    picture(&browser, "plan-ending").await.unwrap();
    browser.close().await.unwrap();
}

async fn change_and_end(browser: &Browser) {
    browser.fill("quantity", "0").await.unwrap();
    browser.click("subscription-change-now").await.unwrap();
    browser.sees("quantity-error").await.unwrap();
    choose(browser, "plan", "pro").await;
    browser.fill("quantity", "3").await.unwrap();
    browser.click("subscription-change-now").await.unwrap();
    browser.sees("done").await.unwrap();
    plan_says(browser, "Pro, 3 seats").await;
    browser.click("subscription-pause").await.unwrap();
    browser.sees("subscription-resume").await.unwrap();
    plan_says(browser, "Paused").await;
    browser.click("subscription-resume").await.unwrap();
    browser.sees("subscription-pause").await.unwrap();
    browser.click("subscription-cancel").await.unwrap();
    browser.sees("done").await.unwrap();
    plan_says(browser, "Ends on").await;
}

/// A plan for so many seats, paid by card.
async fn subscribe(site: &Site, browser: &Browser, (plan, seats): (&str, &str)) {
    open(site, browser, PLAN).await;
    choose(browser, "plan", plan).await;
    browser.fill("quantity", seats).await.unwrap();
    browser.click("subscribe-submit").await.unwrap();
    check_out(browser, "card").await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    done(browser, "your plan begins").await;
}

async fn change_later(browser: &Browser, (plan, seats): (&str, &str)) {
    choose(browser, "plan", plan).await;
    browser.fill("quantity", seats).await.unwrap();
    browser.click("subscription-change-later").await.unwrap();
    done(browser, "changes with the next period").await;
}

const DAY: u32 = 86_400;

#[tokio::test]
async fn a_change_that_waits_is_shown_taken_back_and_made() {
    let (site, browser) = (site().await, Browser::start().await.unwrap());
    site.register(&browser, "ada").await.unwrap();
    subscribe(&site, &browser, ("pro", "2")).await;
    open(&site, &browser, PLAN).await;
    change_later(&browser, ("team", "3")).await;
    plan_says(&browser, "Changes to\nTeam, 3 seats, on ").await;
    plan_says(&browser, "Until then you can keep Pro, 2 seats.").await;
    open(&site, &browser, PLAN).await;
    picture(&browser, "plan-waiting").await.unwrap();
    browser.click("subscription-keep").await.unwrap();
    done(&browser, "stays as it is").await;
    let shown = browser.text(PLAN.1).await.unwrap();
    assert!(!shown.contains("Changes to"), "{shown}");
    change_later(&browser, ("pro", "1")).await;
    plan_says(&browser, "Changes to\nPro, 1 seat, on ").await;
    change_later(&browser, ("team", "3")).await;
    Till::of(&site.server).unwrap().advance(32 * DAY).await.unwrap();
    let billing = site.server.url(BILLING);
    browser
        .says_at_last(&billing, ("transactions", "Team, 3 seats"))
        .await
        .unwrap();
    open(&site, &browser, PLAN).await;
    plan_says(&browser, "Plan\nTeam, 3 seats").await;
    let shown = browser.text(PLAN.1).await.unwrap();
    assert!(!shown.contains("Changes to"), "{shown}");
    browser.close().await.unwrap();
}

/// From the plan's page to the gateway's, and back when it is paid there.
async fn pay_what_is_open(site: &Site, browser: &Browser) {
    browser.click_first("a[href*='/l/sub_']").await.unwrap();
    browser.click_first("button[value=\"card\"]").await.unwrap();
    browser.click_first("section p.soft").await.unwrap();
    let plan = site.server.url(PLAN.0);
    browser
        .says_at_last(&plan, (PLAN.1, "Change the plan"))
        .await
        .unwrap();
    let shown = browser.text(PLAN.1).await.unwrap();
    assert!(!shown.contains("Pay what is open"), "{shown}");
}

#[tokio::test]
async fn what_could_not_be_collected_is_paid_at_the_payment_service() {
    let (site, browser) = (site().await, Browser::start().await.unwrap());
    site.register_confirmed(&browser, "ada").await.unwrap();
    subscribe(&site, &browser, ("pro", "1")).await;
    let till = Till::of(&site.server).unwrap();
    for (days, letter, words) in [
        (31, "A payment for your", "Payment is tried again"),
        (36, "is on hold", "Payment failed"),
    ] {
        till.refuse_charges(20).await.unwrap();
        till.advance(days * DAY).await.unwrap();
        site.letter_to("ada@example.com", letter).await.unwrap();
        open(&site, &browser, PLAN).await;
        plan_says(&browser, words).await;
        picture(&browser, &format!("plan-open-{days}")).await.unwrap();
        pay_what_is_open(&site, &browser).await;
    }
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
    browser.click("autopay-set-up").await.unwrap();
    browser.sees("amount-error").await.unwrap();
    picture(&browser, "autopay-refused").await.unwrap();
    assert_eq!(browser.value("amount").await.unwrap(), "2000");
    browser.fill("most", "2500").await.unwrap();
    browser.click("autopay-set-up").await.unwrap();
    check_out(&browser, "upi").await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    done(&browser, "automatic top-ups are on").await;
    open(&site, &browser, AUTOPAY).await;
    picture(&browser, "autopay-on").await.unwrap();
    browser.fill("threshold", "250.50").await.unwrap();
    browser.click("autopay-save").await.unwrap();
    done(&browser, "saved").await;
    assert_eq!(browser.value("threshold").await.unwrap(), "250.50");
    browser.click("autopay-pause").await.unwrap();
    browser.sees("autopay-resume").await.unwrap();
    assert!(browser.text(AUTOPAY.1).await.unwrap().contains("Paused here"));
    browser.click("autopay-resume").await.unwrap();
    browser.sees("autopay-pause").await.unwrap();
    browser.click("autopay-end").await.unwrap();
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
    browser.click("tax-save").await.unwrap();
    let said = browser.text("gstin-error").await.unwrap();
    assert!(said.contains("check digit"), "{said}");
    picture(&browser, "tax-refused").await.unwrap();
    for (field, text) in typed {
        assert_eq!(browser.value(field).await.unwrap(), text);
    }
    browser.fill("gstin", "27AAPFU0939F1ZV").await.unwrap();
    choose(&browser, "state_code", "29").await;
    browser.click("tax-save").await.unwrap();
    browser.sees("state_code-error").await.unwrap();
    choose(&browser, "state_code", "27").await;
    browser.click("tax-save").await.unwrap();
    done(&browser, "saved").await;
    picture(&browser, "tax").await.unwrap();
    assert_eq!(
        browser.value("address").await.unwrap(),
        "14 Marine Drive\nMumbai 400020"
    );
    browser.close().await.unwrap();
}

/// Makes the form with this button send to another account's page, and presses it.
async fn post_to(browser: &Browser, button: &str, account: &str) {
    let script = format!(
        "const form = document.getElementById('{button}').form; \
         form.action = form.action.replace(/account=\\d+/, 'account={account}');"
    );
    browser.client().execute(&script, Vec::new()).await.unwrap();
    browser.click(button).await.unwrap();
}

/// B08: a member whose role is not about money sees none of it and changes none of it, not even with forms of their own.
#[tokio::test]
async fn a_member_without_the_right_sees_and_posts_nothing() {
    let (site, ada) = (site().await, Browser::start().await.unwrap());
    site.register_confirmed(&ada, "ada").await.unwrap();
    let account = account(&site, &ada).await;
    let eve = Browser::start().await.unwrap();
    site.register_confirmed(&eve, "eve").await.unwrap();
    let invitation = site.invite(&ada, ("eve@example.com", "viewer")).await.unwrap();
    eve.open(&invitation).await.unwrap();
    eve.click("join-submit").await.unwrap();
    eve.sees("page-account-team").await.unwrap();
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
    let eve = Browser::start().await.unwrap();
    site.register_confirmed(&eve, "eve").await.unwrap();
    let invitation = site.invite(&ada, ("eve@example.com", "billing")).await.unwrap();
    eve.open(&invitation).await.unwrap();
    eve.click("join-submit").await.unwrap();
    eve.sees("page-account-team").await.unwrap();
    open_billing(&site, &eve).await;
    picture(&eve, "billing-accounts").await.unwrap();
    eve.click_first(&format!("#accounts a[href$='{account}']"))
        .await
        .unwrap();
    eve.sees("page-account-billing").await.unwrap();
    eve.fill("amount", "500").await.unwrap();
    eve.click("top-up-submit").await.unwrap();
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
