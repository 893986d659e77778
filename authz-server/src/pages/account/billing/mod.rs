//! `/account/billing`: what an account has, spends and pays, and what its plan gives it.
//! Refuses whoever may not see or do it in the account: the same authorizer says so that programs meet.

mod autopay;
mod autopay_forms;
mod chart;
mod checkout;
mod invoices;
mod overview;
mod plan;
mod subscription;
mod subscription_forms;
mod tax;
mod top_up;
mod transactions;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use domain::iam::{Permit, PermitError};
use domain::oauth::authorize::SignedIn;
use http::StatusCode;
use model::iam::AccountId;

use super::team::seats::Seats;
use super::{Draft, owner_for};
use crate::app::AppState;
use crate::http::fault;
use crate::pages::refusal::page as error_page;
use crate::pages::view::Form;
use crate::pages::view::account::{Part, Row, Rows};
use crate::pages::visitor::Visitor;

const BILLING: &str = "/account/billing";
const TRANSACTIONS: &str = "/account/billing/transactions";
const TOP_UP: &str = "/account/billing/top-up";
const PAID: &str = "/account/billing/paid";
const CANCELLED: &str = "/account/billing/unpaid";
const PLAN: &str = "/account/billing/plan";
const AUTOPAY: &str = "/account/billing/autopay";
const INVOICES: &str = "/account/billing/invoices";
const INVOICE: &str = "/account/billing/invoice.pdf";
const TAX: &str = "/account/billing/tax";

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(BILLING, get(overview::show))
        .route(TRANSACTIONS, get(transactions::show))
        .route(TOP_UP, post(top_up::submit))
        .route(PAID, post(checkout::paid))
        .route(CANCELLED, get(checkout::cancelled).post(checkout::cancelled))
        .route(PLAN, get(plan::show).post(subscription::submit))
        .route(AUTOPAY, get(autopay::show).post(autopay::submit))
        .route(INVOICES, get(invoices::show))
        .route(INVOICE, get(invoices::file))
        .route(TAX, get(tax::show).post(tax::submit))
}

/// Which account, which of its things, and what was just done.
#[derive(Default, serde::Deserialize)]
pub struct BillingQuery {
    #[serde(default)]
    pub account: String,
    #[serde(default)]
    pub done: String,
    /// What is paid for.
    #[serde(default)]
    pub what: String,
    #[serde(default)]
    pub id: String,
    /// Of a list.
    #[serde(default)]
    pub page: String,
}

impl BillingQuery {
    /// Which page of a list, from 1.
    fn number(&self) -> i64 {
        self.page.parse::<i64>().unwrap_or(1).clamp(1, 1_000_000)
    }
}

/// Whoever is signed in, the account they look at, and the proof that they may.
struct Here<'a> {
    who: &'a SignedIn,
    seats: Seats,
    permit: Permit,
}

impl Here<'_> {
    const fn account(&self) -> &AccountId {
        &self.seats.current.account.id
    }

    fn address(&self, path: &str) -> String {
        self.seats.address(path)
    }

    /// The way back to the page that the others belong to.
    fn above(&self) -> (&'static str, String) {
        ("Billing", self.address(BILLING))
    }

    /// A form of this account that is posted to `path`.
    fn form(&self, visitor: &Visitor, path: &str) -> Form {
        Form {
            action: self.address(path),
            ..visitor.form(path, "")
        }
    }
}

/// `path`: of the page, where strangers come back to when they have signed in. `resource`: what policies call it, without its account: `wallet`.
async fn here<'a>(
    visitor: &'a Visitor,
    (path, named): (&str, &str),
    (action, resource): (&'static str, &str),
) -> Result<Here<'a>, Box<Response>> {
    let who = owner_for(visitor, (path, named))?;
    let seats = Seats::of(visitor, who, named).await?;
    let permit = permit(visitor, (who, &seats), (action, resource)).await?;
    let permit = permit.ok_or_else(|| Box::new(not_yours(visitor)))?;
    Ok(Here { who, seats, permit })
}

/// Nothing when their role does not let them.
async fn permit(
    visitor: &Visitor,
    (who, seats): (&SignedIn, &Seats),
    (action, resource): (&'static str, &str),
) -> Result<Option<Permit>, Box<Response>> {
    let account = &seats.current.account.id;
    let arn = format!("arn:authz:billing::{account}:{resource}");
    let authority = &visitor.state.authority;
    let asked = authority.permit_here(&visitor.ctx, (who.user.id, account), action, &arn);
    match asked.await {
        Ok(permit) => Ok(Some(permit)),
        Err(PermitError::Fault(error)) => Err(Box::new(fault(&error))),
        Err(_) => Ok(None),
    }
}

/// Whether their role lets them.
async fn may(
    visitor: &Visitor,
    here: &Here<'_>,
    act: (&'static str, &'static str),
) -> Result<bool, Box<Response>> {
    let permit = permit(visitor, (here.who, &here.seats), act).await?;
    Ok(permit.is_some())
}

/// The page as drafted, or what came in its way.
async fn respond(
    visitor: &Visitor,
    here: &Here<'_>,
    draft: Result<Draft, Box<Response>>,
    (done, status): (&str, StatusCode),
) -> Response {
    match draft {
        Ok(draft) => draft.done(done).respond(visitor, here.who, status).await,
        Err(answer) => *answer,
    }
}

fn not_yours(visitor: &Visitor) -> Response {
    let words =
        "Your role in this account does not allow it. Ask one of its owners, or choose another account.";
    error_page(visitor, StatusCode::FORBIDDEN, "That is not yours to see", words)
}

/// Nobody can pay at the moment.
fn unavailable(visitor: &Visitor) -> Response {
    let words =
        "The payment service does not answer, or none is set up here. Nothing was charged; try again later.";
    error_page(
        visitor,
        StatusCode::SERVICE_UNAVAILABLE,
        "Nothing can be paid at the moment",
        words,
    )
}

/// The accounts that somebody works in, when there are several to choose from.
fn accounts(seats: &Seats, path: &str) -> Option<Part> {
    let row = |seat: &model::team::Seat| {
        let is_current = seat.account.id == seats.current.account.id;
        let address = format!("{path}?account={}", seat.account.id);
        Row {
            title: seat.account.title.clone(),
            badge: is_current.then_some("shown below"),
            lines: vec![seat.account.id.to_string()],
            link: (!is_current).then_some(("Switch to it", address)),
            ..Row::default()
        }
    };
    (seats.all.len() > 1).then(|| {
        Part::Rows(Rows {
            id: "accounts",
            empty: "",
            rows: seats.all.iter().map(row).collect(),
        })
    })
}
