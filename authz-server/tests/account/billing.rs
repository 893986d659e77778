//! Billing on the pages, where nothing can be paid: what is shown, to whom, and what is refused.

use http::StatusCode;
use model::billing::{LedgerAccount, MovementKind, Transfer};
use model::iam::AccountId;
use model::team::TeamRole;

use crate::app::{App, Browser, PASSWORD};

const BILLING: &str = "/account/billing";
const TOP_UP: &str = "/account/billing/top-up";

async fn signed_in(app: &App, name: &str) -> Browser {
    let mut browser = app.browser();
    browser.register(name).await;
    browser
}

/// The account that the forms of the page are for.
async fn account(browser: &mut Browser) -> AccountId {
    let page = browser.get(BILLING).await;
    let (_, rest) = page.body.split_once("top-up?account=").unwrap();
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

/// B03, typed: what is no amount is said at the field, and what was typed stays.
#[tokio::test]
async fn what_is_no_amount_is_told_at_its_field() {
    let app = App::new().await;
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
    assert_eq!(
        top_up(&mut ada, "500").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    for (path, id) in [
        (BILLING, "page-account-billing"),
        ("/account/billing/plan", "page-account-plan"),
        ("/account/billing/autopay", "page-account-autopay"),
    ] {
        let page = ada.get(path).await;
        assert!(page.status == StatusCode::OK && page.has_page(id), "{path}");
    }
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
