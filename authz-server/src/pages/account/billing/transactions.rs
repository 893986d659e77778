//! `/account/billing/transactions`: all that has moved in a wallet, in pages.
//! Changes nothing.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use model::billing::{LedgerEntry, Money};

use super::{BillingQuery, TRANSACTIONS, here};
use crate::http::fault;
use crate::pages::account::Draft;
use crate::pages::account::when::Clock;
use crate::pages::amount::shown;
use crate::pages::view::account::{Part, Row, Rows, Section};
use crate::pages::visitor::Visitor;

/// On a page.
const SHOWN: i64 = 50;

pub async fn show(visitor: Visitor, Query(query): Query<BillingQuery>) -> Response {
    let here = match here(
        &visitor,
        (TRANSACTIONS, &query.account),
        ("billing:View", "wallet"),
    )
    .await
    {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    let page = query.number();
    let authority = &visitor.state.authority;
    let listed = authority.list_transactions(&here.permit, None, ((page - 1) * SHOWN, SHOWN));
    let (entries, total) = match listed.await {
        Ok(listed) => listed,
        Err(error) => return fault(&error),
    };
    let draft = Draft::new(Section::Billing, "page-account-transactions")
        .below("What has moved", here.above())
        .lead(format!(
            "All that has moved in the wallet of {}, the newest first.",
            here.seats.current.account.title
        ))
        .part(rows(&entries, &Clock::of(&here.who.user)))
        .pages(&here.address(TRANSACTIONS), (page, SHOWN, total));
    draft.respond(&visitor, here.who, StatusCode::OK).await
}

pub(super) fn rows(entries: &[LedgerEntry], clock: &Clock) -> Part {
    let row = |entry: &LedgerEntry| Row {
        title: entry.description.clone(),
        figure: Some(moved(entry)),
        lines: vec![
            clock.moment(entry.at),
            format!(
                "Balance afterwards {}",
                shown(Money::new(entry.balance_after, entry.currency))
            ),
        ],
        ..Row::default()
    };
    Part::Rows(Rows {
        id: "transactions",
        empty: "Nothing has moved yet.",
        rows: entries.iter().map(row).collect(),
    })
}

/// What did not pass the wallet is told without a sign.
fn moved(entry: &LedgerEntry) -> String {
    let money = |minor| shown(Money::new(minor, entry.currency));
    match entry.wallet_change {
        0 => money(entry.amount),
        change @ 1.. => format!("+{}", money(change)),
        change => money(change),
    }
}
