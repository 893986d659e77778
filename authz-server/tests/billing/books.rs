//! The overview and the transactions.

use std::time::Duration;

use domain::billing::{Draft, Posted};
use http::Method;
use model::billing::{LedgerAccount, MovementKind, Transfer};
use model::iam::AccountId;
use serde_json::{Value, json};
use storage::StorageError;

use crate::app::{App, PASSWORD};
use crate::world::Owner;

const TRANSACTIONS: &str = "/auth/billing/transactions";

async fn spend(app: &App, account: &AccountId, (key, minor, description): (&str, i64, &str)) -> Posted {
    let draft = Draft {
        account: account.clone(),
        kind: MovementKind::Usage,
        reference: format!("usage:{account}:{key}"),
        transfers: vec![Transfer {
            debit: LedgerAccount::Wallet(account.clone()),
            credit: LedgerAccount::UsageRevenue,
            minor,
        }],
        description: description.to_owned(),
        floor: None,
    };
    let (authority, ctx) = (app.authority.clone(), app.ctx());
    let work = app
        .authority
        .database
        .write::<_, StorageError, _>(move |w| Box::pin(async move { authority.post(w, &ctx, draft).await }));
    work.await.unwrap()
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_wallet_that_never_moved_is_empty() {
    let app = App::new().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    let overview = ada.program.get("/auth/billing").await;
    assert_eq!(overview.status, 200, "{}", overview.body);
    assert_eq!(overview.body["balance"], 0);
    assert_eq!(overview.body["currency"], "INR");
    assert_eq!(overview.body["runway_days"], Value::Null);
    assert_eq!(overview.body["history"].as_array().unwrap().len(), 12);
    assert_eq!(overview.body["daily_trend"].as_array().unwrap().len(), 30);
    let transactions = ada.program.get(TRANSACTIONS).await;
    assert_eq!(
        (transactions.status.as_u16(), &transactions.body),
        (200, &json!([]))
    );
    assert_eq!(transactions.header("x-total-count"), "0");
}

#[tokio::test]
async fn the_overview_tells_what_was_spent_and_how_long_it_lasts() {
    let app = App::new().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    ada.pays(&app, "pay_1", 10_000).await;
    for day in 0..3 {
        spend(&app, &ada.account, (&day.to_string(), 700, "Requests")).await;
        app.clock.advance(DAY);
    }
    let token = ada.program.post(
        "/auth/login",
        json!({"email": "ada@example.org", "password": PASSWORD}),
    );
    let program = app.program().bearing(token.await.text("/access_token"));
    let body = program.get("/auth/billing").await.body;
    assert_eq!(body["balance"], 7900);
    // Three days of 700 in the last seven: 300 a day.
    assert_eq!(body["runway_days"], 26);
    let trend = body["daily_trend"].as_array().unwrap();
    let spends: Vec<i64> = trend.iter().map(|day| day["spend"].as_i64().unwrap()).collect();
    assert_eq!(spends[26..], [700, 700, 700, 0]);
    let months = body["history"].as_array().unwrap();
    let sum = |name: &str| {
        months
            .iter()
            .map(|month| month[name].as_i64().unwrap())
            .sum::<i64>()
    };
    assert_eq!((sum("spend"), sum("credits")), (2100, 10_000));
    assert!(body["projected_spend"].as_i64() >= body["mtd_spend"].as_i64());
}

#[tokio::test]
async fn transactions_come_newest_first_in_parts_and_by_kind() {
    let app = App::new().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    for number in 0..3 {
        ada.pays(&app, &format!("pay_{number}"), 1000).await;
        spend(&app, &ada.account, (&number.to_string(), 10, "Requests")).await;
    }
    let first = ada.program.get(&format!("{TRANSACTIONS}?limit=4")).await;
    assert_eq!(first.header("x-total-count"), "6");
    assert!(
        first
            .header("link")
            .contains("</auth/billing/transactions?page=2&limit=4>; rel=\"next\"")
    );
    let kinds: Vec<&str> = first
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["usage", "topup", "usage", "topup"]);
    assert_eq!(first.body[0]["wallet_change"], -10);
    assert_eq!(first.body[0]["amount"], 10);
    assert_eq!(first.body[0]["balance_after"], 2970);
    let second = ada.program.get(&format!("{TRANSACTIONS}?limit=4&page=2")).await;
    assert_eq!(second.body.as_array().unwrap().len(), 2);
    let topups = ada
        .program
        .get(&format!("{TRANSACTIONS}?type=topup&limit=2&page=2"))
        .await;
    assert_eq!(topups.header("x-total-count"), "3");
    assert_eq!(topups.body[0]["reference"], "payment:pay_0");
    for wrong in ["type=gift", "type=", "limit=0", "type=usage&type=topup"] {
        let reply = ada.program.get(&format!("{TRANSACTIONS}?{wrong}")).await;
        assert_eq!(reply.status, 400, "{wrong}");
    }
}

/// B08
#[tokio::test]
async fn a_download_has_everything_and_no_formulas() {
    let app = App::new().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    ada.pays(&app, "pay_1", 1000).await;
    for number in 0..501 {
        let of = (number.to_string(), "=HYPERLINK(\"http://evil.example\")\r\nx");
        spend(&app, &ada.account, (&of.0, 1, of.1)).await;
    }
    let bearer = format!("Bearer {}", ada.token);
    let headers = [("accept", "text/csv"), ("authorization", bearer.as_str())];
    let file = app.browser().get_with(TRANSACTIONS, &headers).await;
    assert_eq!(
        file.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"transactions.csv\""
    );
    assert_eq!(file.header("cache-control"), "no-store");
    let mut reader = csv::Reader::from_reader(file.bytes.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 502);
    assert_eq!(&rows[0][3], "'=HYPERLINK(\"http://evil.example\")\r\nx");
    assert_eq!((&rows[0][5], &rows[501][8]), ("-1", "payment:pay_1"));
    let topups = format!("{TRANSACTIONS}?type=topup");
    let file = app.browser().get_with(&topups, &headers).await;
    assert_eq!(file.body.lines().count(), 2);
}

/// B08
#[tokio::test]
async fn the_books_of_another_account_are_not_shown() {
    let app = App::new().await;
    let (ada, eve) = (
        Owner::registered(&app, "ada@example.org").await,
        Owner::registered(&app, "eve@example.org").await,
    );
    ada.pays(&app, "pay_1", 1000).await;
    for path in ["/auth/billing", TRANSACTIONS] {
        let foreign = eve
            .program
            .with("x-account-id", ada.account.as_str())
            .get(path)
            .await;
        assert_eq!(foreign.refusal(), (403, "not_a_member"));
        let stranger = app.program().send(Method::GET, path, None).await;
        assert_eq!(stranger.refusal(), (401, "unauthorized"));
    }
    assert_eq!(eve.program.get(TRANSACTIONS).await.body, json!([]));
}

/// A policy, and nothing else, lets an IAM user see them.
#[tokio::test]
async fn an_iam_user_needs_the_action() {
    let app = App::new().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    let account = ada.account.as_str();
    for (name, policies, status) in [("bill", json!(["BillingAccess"]), 200), ("bob", json!([]), 403)] {
        let body = json!({"username": name, "password": PASSWORD, "policies": policies});
        let made = ada.program.post("/auth/iam/users", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let body = json!({"account_id": account, "username": name, "password": PASSWORD});
        let token = app.program().post("/auth/iam-login", body).await;
        let program = app.program().bearing(token.text("/access_token"));
        assert_eq!(program.get("/auth/billing").await.status, status, "{name}");
    }
}
