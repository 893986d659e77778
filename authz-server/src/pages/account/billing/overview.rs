//! `/account/billing`: the balance, where it goes, and the ways to more of it.
//! Changes nothing.

use axum::extract::Query;
use axum::response::Response;
use domain::billing::BillingOverview;
use http::StatusCode;
use model::billing::{Currency, Mandate, MandateStatus, Money, Subscription};

use super::{
    AUTOPAY, BILLING, BillingQuery, Here, INVOICES, PLAN, TRANSACTIONS, accounts, here, may, respond,
};
use super::{autopay, chart, invoices, plan, top_up, transactions};
use crate::http::fault;
use crate::pages::account::Draft;
use crate::pages::account::when::Clock;
use crate::pages::amount::shown;
use crate::pages::view::account::{Fact, FormPart, Part, Section};
use crate::pages::visitor::Visitor;

/// The newest movements are shown here, the others on a page of their own.
const NEWEST: i64 = 5;

pub async fn show(visitor: Visitor, Query(query): Query<BillingQuery>) -> Response {
    match here(&visitor, (BILLING, &query.account), ("billing:View", "wallet")).await {
        Ok(here) => page(&visitor, &here, (None, &query.done, StatusCode::OK)).await,
        Err(answer) => *answer,
    }
}

/// With the form for paying ahead as it is, or as it came back.
pub(super) async fn page(
    visitor: &Visitor,
    here: &Here<'_>,
    (form, done, status): (Option<FormPart>, &str, StatusCode),
) -> Response {
    let draft = draft(visitor, here, form).await;
    respond(visitor, here, draft, (done, status)).await
}

async fn draft(visitor: &Visitor, here: &Here<'_>, form: Option<FormPart>) -> Result<Draft, Box<Response>> {
    let authority = &visitor.state.authority;
    let failed = |error: domain::Fault| Box::new(fault(&error));
    let books = authority.billing_overview(&visitor.ctx, &here.permit).await;
    let books = books.map_err(failed)?;
    let newest = authority.list_transactions(&here.permit, None, (0, NEWEST)).await;
    let (newest, total) = newest.map_err(failed)?;
    let clock = Clock::of(&here.who.user);
    let mut draft = Draft::new(Section::Billing, "page-account-billing")
        .lead(format!("The money of {}.", here.seats.current.account.title));
    if let Some(accounts) = accounts(&here.seats, BILLING) {
        draft = draft.part(accounts);
    }
    let trend = chart::spending(&books.overview.daily_trend, books.balance.currency);
    draft = draft
        .part(Part::Facts(facts(visitor, here, &books).await?))
        .part(Part::Chart(Box::new(trend)));
    if may(visitor, here, top_up::ACT).await? {
        draft = draft.part(match form {
            Some(form) => Part::Form(Box::new(form)),
            None => top_up::offer(visitor, here),
        });
    }
    draft = draft
        .part(Part::Heading("transactions-heading", "What has moved"))
        .part(transactions::rows(&newest, &clock));
    if total > NEWEST {
        draft = draft.link("All that has moved", &here.address(TRANSACTIONS));
    }
    onwards(visitor, here, draft).await
}

/// The pages that their role lets them open.
async fn onwards(visitor: &Visitor, here: &Here<'_>, draft: Draft) -> Result<Draft, Box<Response>> {
    let mut draft = draft
        .part(Part::Heading("more-heading", "More about money"))
        .link("The plan", &here.address(PLAN));
    if may(visitor, here, autopay::ACT).await? {
        draft = draft.link("Automatic top-ups", &here.address(AUTOPAY));
    }
    if may(visitor, here, invoices::LIST).await? {
        draft = draft.link("Invoices", &here.address(INVOICES));
    }
    Ok(draft)
}

async fn facts(
    visitor: &Visitor,
    here: &Here<'_>,
    books: &BillingOverview,
) -> Result<Vec<Fact>, Box<Response>> {
    let authority = &visitor.state.authority;
    let autopay = authority.find_autopay(here.account()).await;
    let autopay = autopay.map_err(|error| Box::new(fault(&error)))?;
    let subscription = plan::living(visitor, here).await?;
    let mut facts = money_facts(books);
    facts.push(plan::fact(
        subscription.as_ref(),
        &authority.settings.billing.plans,
    ));
    facts.push(autopay_fact(autopay.mandate.as_ref()));
    Ok(facts)
}

fn money_facts(books: &BillingOverview) -> Vec<Fact> {
    let currency: Currency = books.balance.currency;
    let money = |minor| shown(Money::new(minor, currency));
    let fact = |name, value: String| Fact {
        name,
        value,
        ..Fact::default()
    };
    vec![
        Fact {
            badge: (books.balance.minor <= 0).then_some("Empty"),
            ..fact("Balance", shown(books.balance))
        },
        fact("Spent this month", money(books.overview.mtd_spend)),
        fact(
            "Estimate",
            format!(
                "About {} by the end of the month",
                money(books.overview.projected_spend)
            ),
        ),
        fact("Lasts for", lasts(books.overview.runway_days)),
    ]
}

fn lasts(days: Option<i64>) -> String {
    match days {
        None => "Unknown: nothing was spent in the last seven days".to_owned(),
        Some(..=0) => "Less than a day".to_owned(),
        Some(1) => "1 day".to_owned(),
        Some(days) => format!("About {days} days"),
    }
}

fn autopay_fact(mandate: Option<&Mandate>) -> Fact {
    let living = mandate.filter(|mandate| !mandate.status.is_final());
    let value = match living {
        Some(mandate) => {
            let money = |minor| shown(Money::new(minor, mandate.currency));
            let (amount, below) = (money(mandate.terms.amount), money(mandate.terms.threshold));
            format!("{amount} when the balance falls below {below}")
        }
        None => "By hand".to_owned(),
    };
    Fact {
        name: "Top-ups",
        value,
        badge: living.and_then(|mandate| match mandate.status {
            MandateStatus::Created => Some("Not paid yet"),
            MandateStatus::Paused(_) => Some("Paused"),
            _ => None,
        }),
        ..Fact::default()
    }
}

/// For those who write about a plan's price.
pub(super) fn each(subscription: &Subscription) -> String {
    match subscription.quantity {
        1 => String::new(),
        seats => format!(", {seats} seats"),
    }
}
