//! `/account/billing`: the balance, where it goes, and the ways to more of it.
//! Changes nothing.

use axum::extract::Query;
use axum::response::Response;
use domain::billing::BillingOverview;
use http::StatusCode;
use model::billing::{Currency, Mandate, MandateStatus, Money, Subscription};

use super::amount::shown;
use super::{
    AUTOPAY, BILLING, BillingQuery, Here, INVOICES, PLAN, TRANSACTIONS, accounts, chart, here, permit,
};
use super::{plan, top_up, transactions};
use crate::http::fault;
use crate::pages::account::Draft;
use crate::pages::account::when::Clock;
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
    match draft(visitor, here, form).await {
        Ok(draft) => draft.done(done).respond(visitor, here.who, status).await,
        Err(answer) => *answer,
    }
}

async fn draft(visitor: &Visitor, here: &Here<'_>, form: Option<FormPart>) -> Result<Draft, Box<Response>> {
    let authority = &visitor.state.authority;
    let failed = |error: domain::Fault| Box::new(fault(&error));
    let books = authority.billing_overview(&visitor.ctx, &here.permit).await;
    let books = books.map_err(failed)?;
    let autopay = authority.find_autopay(here.account()).await.map_err(failed)?;
    let subscription = plan::living(visitor, here).await?;
    let newest = authority.list_transactions(&here.permit, None, (0, NEWEST)).await;
    let (newest, total) = newest.map_err(failed)?;
    let clock = Clock::of(&here.who.user);
    let may_pay = permit(visitor, (here.who, &here.seats), top_up::ACT)
        .await?
        .is_some();
    let mut draft = Draft::new(Section::Billing, "page-account-billing");
    if let Some(accounts) = accounts(&here.seats, BILLING) {
        draft = draft.part(accounts);
    }
    let mut facts = money_facts(&books);
    facts.push(plan::fact(
        subscription.as_ref(),
        &authority.settings.billing.plans,
    ));
    facts.push(autopay_fact(autopay.mandate.as_ref()));
    draft = draft.part(Part::Facts(facts));
    draft = draft.part(Part::Chart(Box::new(chart::spending(
        &books.overview.daily_trend,
        books.balance.currency,
    ))));
    if may_pay {
        let form = form.unwrap_or_else(|| top_up::form(visitor, here));
        draft = draft.part(Part::Form(Box::new(form)));
    }
    draft = draft
        .part(Part::Heading("transactions-heading", "What has moved"))
        .part(transactions::rows(&newest, &clock));
    if total > NEWEST {
        draft = draft.link("All of it", &here.address(TRANSACTIONS));
    }
    Ok(draft
        .link("Invoices", &here.address(INVOICES))
        .link("Your plan", &here.address(PLAN))
        .link("Automatic top-ups", &here.address(AUTOPAY)))
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
        fact("Projected", money(books.overview.projected_spend)),
        fact("Runway", lasts(books.overview.runway_days)),
    ]
}

fn lasts(days: Option<i64>) -> String {
    match days {
        None => "Nothing was spent in the last seven days".to_owned(),
        Some(..=0) => "Less than a day".to_owned(),
        Some(1) => "1 day".to_owned(),
        Some(days) => format!("{days} days"),
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
        None => "Off".to_owned(),
    };
    Fact {
        name: "Auto top-up",
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
