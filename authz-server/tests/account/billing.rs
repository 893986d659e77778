//! Billing on the pages: what is shown, to whom, and what is refused; paying itself is tried in a browser.

use std::sync::Arc;
use std::time::Duration;

use authz_server::config::Secret;
use authz_server::outbound::razorpay::{Razorpay, RazorpaySettings};
use domain::billing::Payments;
use domain::billing::gateway::Checkout;
use http::{StatusCode, header};
use model::billing::{Currency, LedgerAccount, Money, MovementKind, Plan, PlanPeriod, Plans, Transfer};
use model::iam::AccountId;
use model::team::TeamRole;

use crate::app::{App, Browser, PASSWORD};

const BILLING: &str = "/account/billing";
const TOP_UP: &str = "/account/billing/top-up";
const PLAN: &str = "/account/billing/plan";
const TAX: &str = "/account/billing/tax";

async fn signed_in(app: &App, name: &str) -> Browser {
    let mut browser = app.browser();
    browser.register(name).await;
    browser
}

/// The account that the forms of the page are for.
async fn account(browser: &mut Browser) -> AccountId {
    let page = browser.get(BILLING).await;
    let (_, rest) = page.body.split_once("billing/plan?account=").unwrap();
    rest[..12].parse().unwrap()
}

async fn top_up(browser: &mut Browser, amount: &str) -> crate::app::Answer {
    let action = format!("{TOP_UP}?account={}", account(browser).await);
    browser
        .fill_form(BILLING, &action, &[("amount", amount), ("decision", "top-up")])
        .await
}

#[tokio::test]
async fn a_balance_and_what_moved_it_are_shown() {
    let app = App::new().await;
    let mut ada = signed_in(&app, "ada").await;
    let account = account(&mut ada).await;
    let ctx = app.ctx();
    let draft = domain::billing::Draft {
        account: account.clone(),
        kind: MovementKind::Adjustment,
        reference: "gift".to_owned(),
        transfers: vec![Transfer {
            debit: LedgerAccount::Adjustments,
            credit: LedgerAccount::Wallet(account),
            minor: 12_345_650,
        }],
        description: "Welcome <b>gift</b>".to_owned(),
        floor: None,
    };
    let (authority, at) = (app.authority.clone(), ctx.clone());
    let work = app
        .authority
        .database
        .write::<_, storage::StorageError, _>(move |w| {
            Box::pin(async move { authority.post(w, &at, draft).await })
        });
    work.await.unwrap();
    let page = ada.get(BILLING).await;
    assert!(page.has_page("page-account-billing"), "{}", page.body);
    assert!(page.body.contains("₹1,23,456.50"), "{}", page.body);
    assert!(page.body.contains("Welcome &#60;b&#62;gift") && !page.body.contains("<b>gift"));
    let all = ada.get("/account/billing/transactions").await;
    assert!(all.has_page("page-account-transactions") && all.body.contains("+₹1,23,456.50"));
}

/// Where a gateway is configured, and does not answer.
async fn with_a_gateway() -> App {
    let silent = "http://127.0.0.1:9/";
    let gateway = Razorpay::new(RazorpaySettings {
        key_id: "rzp_test_0123456789abcd".to_owned(),
        key_secret: Secret::new("aKeySecretOfTwentyFour00".to_owned()),
        webhook_secrets: Vec::new(),
        base_url: silent.parse().unwrap(),
        checkout: Checkout {
            script: None,
            page: silent.to_owned(),
        },
        timeout: Duration::from_secs(1),
    });
    let plans = |settings: &mut domain::Settings| settings.billing.plans = plans();
    App::paying(Payments(Some(Arc::new(gateway.unwrap()))), plans).await
}

/// One that is free and two to choose from.
fn plans() -> Plans {
    let plan = |id: &str, minor| Plan {
        id: id.to_owned(),
        name: id.to_uppercase(),
        amount: Money::new(minor, Currency::INR),
        period: PlanPeriod::Monthly,
        seats: 1,
        features: Vec::new(),
    };
    Plans::new(plan("free", 0), vec![plan("pro", 49_900), plan("team", 99_900)])
}

/// B03, typed: what is no amount is said at the field, and what was typed stays.
#[tokio::test]
async fn what_is_no_amount_is_told_at_its_field() {
    let app = with_a_gateway().await;
    let mut ada = signed_in(&app, "ada").await;
    for (typed, words) in [
        ("-1", "in figures"),
        ("0", "at least ₹1.00"),
        ("0.001", "in figures"),
        ("1e18", "in figures"),
        ("500001", "at most ₹5,00,000.00"),
        ("99999999999999999999", "in figures"),
    ] {
        let answer = top_up(&mut ada, typed).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{typed}");
        assert!(answer.body.contains(words), "{typed}: {}", answer.body);
        assert!(answer.body.contains(&format!("value=\"{typed}\"")), "{typed}");
    }
}

#[tokio::test]
async fn without_a_gateway_nothing_can_be_paid_and_all_can_be_read() {
    let app = App::new().await;
    let mut ada = signed_in(&app, "ada").await;
    for (path, id) in [
        (BILLING, "page-account-billing"),
        ("/account/billing/plan", "page-account-plan"),
        ("/account/billing/autopay", "page-account-autopay"),
    ] {
        let page = ada.get(path).await;
        assert!(page.status == StatusCode::OK && page.has_page(id), "{path}");
        assert!(page.body.contains("Nothing can be paid here"), "{path}");
        let forms = ["top-up-submit", "subscribe-submit", "autopay-set-up"];
        assert!(forms.iter().all(|form| !page.body.contains(form)), "{path}");
    }
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_charges_nothing() {
    let app = with_a_gateway().await;
    let mut ada = signed_in(&app, "ada").await;
    let answer = top_up(&mut ada, "500").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("Nothing was charged"), "{}", answer.body);
}

/// What was chosen and typed comes back with what is wrong with it.
#[tokio::test]
async fn a_refused_subscription_keeps_what_was_typed() {
    let app = with_a_gateway().await;
    let mut ada = signed_in(&app, "ada").await;
    let action = format!("{PLAN}?account={}", account(&mut ada).await);
    for (plan, quantity, field) in [
        ("team", "0", "quantity-error"),
        ("team", "many", "quantity-error"),
        ("gold", "2", "plan-error"),
    ] {
        let fields = [("decision", "subscribe"), ("plan", plan), ("quantity", quantity)];
        let answer = ada.fill_form(PLAN, &action, &fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{quantity}");
        let said = format!("id=\"{field}\"");
        let kept = format!("name=\"quantity\" type=\"text\" value=\"{quantity}\"");
        assert!(
            answer.body.contains(&said) && answer.body.contains(&kept),
            "{}",
            answer.body
        );
        let chosen = "<option value=\"team\" selected>TEAM: ₹999.00 a month</option>";
        assert_eq!(answer.body.contains(chosen), plan == "team");
    }
}

/// An address of several lines stays one, and what is refused stays as it was typed.
#[tokio::test]
async fn details_on_invoices_are_kept_line_by_line() {
    let app = App::new().await;
    let mut ada = signed_in(&app, "ada").await;
    let action = format!("{TAX}?account={}", account(&mut ada).await);
    let address = "14 Marine Drive\r\nMumbai 400020";
    let fields = |gstin, state| {
        [
            ("legal_name", "Umbrella Traders"),
            ("address", address),
            ("gstin", gstin),
            ("state_code", state),
        ]
    };
    for (gstin, state, said) in [
        ("27AAPFU0939F1ZX", "27", "The GSTIN has a wrong check digit"),
        ("27AAPFU0939F1ZV", "29", "The GSTIN is of another state"),
        ("rubbish", "", "The GSTIN must have 15 letters and digits"),
    ] {
        let refused = ada.fill_form(TAX, &action, &fields(gstin, state)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{gstin}");
        assert!(refused.body.contains(said), "{}", refused.body);
        assert!(refused.body.contains(gstin) && refused.body.contains("14 Marine Drive\r\nMumbai"));
    }
    let saved = ada.fill_form(TAX, &action, &fields("27AAPFU0939F1ZV", "")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let page = ada.get(&action).await;
    assert!(
        page.body.contains("14 Marine Drive\nMumbai 400020"),
        "{}",
        page.body
    );
    assert!(page.body.contains("<option value=\"27\" selected>Maharashtra"));
}

/// A letter leads to the account that it is about, also through the sign-in page.
#[tokio::test]
async fn a_link_to_an_accounts_bills_survives_signing_in() {
    let app = App::new().await;
    let mut ada = signed_in(&app, "ada").await;
    let path = format!("{PLAN}?account={}", account(&mut ada).await);
    let mut later = app.browser();
    let asked = later.get(&path).await;
    let login = asked.header(header::LOCATION).to_owned();
    let (_, flow) = login.split_once("/login?flow=").unwrap();
    let fields = [("username", "ada"), ("password", PASSWORD), ("flow", flow)];
    let answer = later.fill(&login, &fields).await;
    assert_eq!(answer.header(header::LOCATION), path);
}

/// B08, on the pages.
#[tokio::test]
async fn other_accounts_are_not_there_and_members_see_what_their_role_allows() {
    let app = App::new().await;
    let mut ada = signed_in(&app, "ada").await;
    let account = account(&mut ada).await;
    let mut eve = signed_in(&app, "eve").await;
    let foreign = format!("{BILLING}?account={account}");
    assert_eq!(eve.get(&foreign).await.status, StatusCode::NOT_FOUND);
    for (role, status) in [
        (TeamRole::Viewer, StatusCode::FORBIDDEN),
        (TeamRole::Billing, StatusCode::OK),
    ] {
        let email = format!("{}@example.org", role.as_str());
        let user = app.admin(&email, model::user::Role::User).await;
        let membership = model::team::Membership {
            id: model::team::MembershipId::random(app.ctx().random.as_ref()),
            account_id: account.clone(),
            user_id: user.id,
            role,
            invited_by: None,
            created_at: app.ctx().now,
        };
        let work = app
            .authority
            .database
            .write::<_, storage::StorageError, _>(move |w| {
                Box::pin(async move { storage::memberships::insert(w, &membership).await.map(drop) })
            });
        work.await.unwrap();
        let mut member = app.browser();
        member.log_in(&email, PASSWORD).await;
        assert_eq!(member.get(&foreign).await.status, status, "{role:?}");
    }
}
