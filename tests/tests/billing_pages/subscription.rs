//! The plan: subscribing, changing at once or later, resting, ending, and paying what could not be collected.

use tests::browser::Browser;
use tests::site::{Site, picture};
use tests::till::{Till, check_out};

use crate::{BILLING, PLAN, choose, done, open, site};

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
    browser.leave_by("subscribe-submit").await.unwrap();
    browser.sees("quantity-error").await.unwrap();
    picture(&browser, "plan-refused").await.unwrap();
    let kept = (
        browser.value("plan").await.unwrap(),
        browser.value("quantity").await.unwrap(),
    );
    assert_eq!(kept, ("team".to_owned(), "lots".to_owned()));
    browser.fill("quantity", "2").await.unwrap();
    browser.leave_by("subscribe-submit").await.unwrap();
    browser.sees("page-account-pay").await.unwrap();
    assert!(
        browser
            .text("page-account-pay")
            .await
            .unwrap()
            .contains("₹2,598.00")
    );
    open(&site, &browser, PLAN).await;
    browser.leave_by("subscription-pay").await.unwrap();
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
    browser.leave_by("subscription-change-now").await.unwrap();
    browser.sees("quantity-error").await.unwrap();
    choose(browser, "plan", "pro").await;
    browser.fill("quantity", "3").await.unwrap();
    browser.leave_by("subscription-change-now").await.unwrap();
    browser.sees("done").await.unwrap();
    plan_says(browser, "Pro, 3 seats").await;
    browser.leave_by("subscription-pause").await.unwrap();
    browser.sees("subscription-resume").await.unwrap();
    plan_says(browser, "Paused").await;
    browser.leave_by("subscription-resume").await.unwrap();
    browser.sees("subscription-pause").await.unwrap();
    browser.leave_by("subscription-cancel").await.unwrap();
    browser.sees("done").await.unwrap();
    plan_says(browser, "Ends on").await;
}

/// A plan for so many seats, paid by card.
async fn subscribe(site: &Site, browser: &Browser, (plan, seats): (&str, &str)) {
    open(site, browser, PLAN).await;
    choose(browser, "plan", plan).await;
    browser.fill("quantity", seats).await.unwrap();
    browser.leave_by("subscribe-submit").await.unwrap();
    check_out(browser, "card").await.unwrap();
    browser.sees("page-account-billing").await.unwrap();
    done(browser, "your plan begins").await;
}

async fn change_later(browser: &Browser, (plan, seats): (&str, &str)) {
    choose(browser, "plan", plan).await;
    browser.fill("quantity", seats).await.unwrap();
    browser.leave_by("subscription-change-later").await.unwrap();
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
    browser.leave_by("subscription-keep").await.unwrap();
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
