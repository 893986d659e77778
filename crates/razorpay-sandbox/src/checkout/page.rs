//! What each page of the checkout says.
//! Promises nothing: amounts and terms are the order's own.

use http::StatusCode;

use super::html::Page;
use super::{Members, Subject, Visit, money};
use crate::problem::Problem;
use crate::world::World;

const BUTTONS: [(&str, &str, &str); 4] = [
    ("go", "card", "Pay by card"),
    ("go", "upi", "Pay by UPI"),
    ("", "fail", "Let the payment fail"),
    ("", "cancel", "Cancel"),
];

/// What is to be paid, and the ways to do it.
pub(super) fn choices(world: &World, visit: &Visit) -> Result<Page, Problem> {
    let (amount, terms) = match &visit.subject {
        Subject::Order(id) => of_order(world, id)?,
        Subject::Subscription(id) => of_subscription(world, id)?,
    };
    let page = Page::new(StatusCode::OK, "Checkout")
        .leads_to(visit.callback.as_ref())
        .heading(&visit.name)
        .paragraph("soft", &visit.description)
        .paragraph("amount", &amount)
        .paragraph("", &terms)
        .paragraph("soft", visit.email.as_deref().unwrap_or_default());
    Ok(page.form("/v1/checkout/pay", &visit.hidden(), &BUTTONS))
}

fn of_order(world: &World, id: &str) -> Result<(String, String), Problem> {
    let order = world.order(id)?;
    if order.is_paid() {
        return Err(Problem::state("Payment already done for this order."));
    }
    let amount = money::text(order.amount, &order.currency);
    let terms = order.mandate.as_ref().map_or_else(String::new, |mandate| {
        let most = money::text(mandate.max_amount, &order.currency);
        let until = day(mandate.expire_at);
        format!("You also allow further payments of up to {most} each, until {until}.")
    });
    Ok((amount, terms))
}

fn of_subscription(world: &World, id: &str) -> Result<(String, String), Problem> {
    let (amount, currency) = world.price(id)?;
    let terms = world.subscription_terms(id)?;
    Ok((money::text(amount, &currency), terms))
}

fn day(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).map(|at| at.to_zoned(jiff::tz::TimeZone::UTC));
    at.map_or_else(|_| String::new(), |at| at.date().to_string())
}

/// It is paid, or it failed: back to the merchant.
pub(super) fn done(visit: &Visit, payment: &str, members: &Members, failed: bool) -> Page {
    let (title, text) = if failed {
        ("Payment failed", "The payment failed, as you wished.")
    } else {
        ("Paid", "Paid with play money.")
    };
    let page = Page::new(StatusCode::OK, title)
        .leads_to(visit.callback.as_ref())
        .heading(title)
        .paragraph("", text)
        .paragraph("soft", payment);
    back(page, visit, members)
}

/// Nothing was paid.
pub(super) fn leave(visit: &Visit, members: &Members) -> Page {
    let page = Page::new(StatusCode::OK, "Cancelled")
        .leads_to(visit.callback.as_ref())
        .heading("Cancelled")
        .paragraph("", "Nothing was paid.");
    match &visit.cancel {
        Some(cancel) => page.link(cancel, "Go back"),
        None => back(page, visit, members),
    }
}

fn back(page: Page, visit: &Visit, members: &Members) -> Page {
    match &visit.callback {
        Some(callback) => page.form(callback.as_str(), members, &[("go", "", "Continue")]),
        None => page.paragraph("soft", "You can close this page."),
    }
}

pub(super) fn refusal(problem: &Problem) -> Page {
    Page::new(problem.status(), "Not possible")
        .heading("That is not possible")
        .paragraph("", &problem.description)
}

impl Visit {
    fn hidden(&self) -> Members {
        let (kind, id) = match &self.subject {
            Subject::Order(id) => ("order_id", id),
            Subject::Subscription(id) => ("subscription_id", id),
        };
        let mut members = vec![("key_id", self.key_id.clone()), (kind, id.clone())];
        members.push(("name", self.name.clone()));
        members.push(("description", self.description.clone()));
        let optional = [
            ("prefill[email]", self.email.clone()),
            ("prefill[contact]", self.contact.clone()),
            ("callback_url", self.callback.as_ref().map(ToString::to_string)),
            ("cancel_url", self.cancel.as_ref().map(ToString::to_string)),
        ];
        members.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}
