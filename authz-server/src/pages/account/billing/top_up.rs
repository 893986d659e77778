//! Paying ahead from the billing page: an amount, then the gateway's page.
//! Refuses to credit anything: the gateway tells what was paid.

use axum::extract::Query;
use axum::response::Response;
use domain::billing::TopUpError;
use http::StatusCode;
use model::billing::Money;

use super::checkout::{What, part};
use super::{BILLING, BillingQuery, Here, TOP_UP, here, overview, unavailable};
use crate::http::fault;
use crate::pages::account::Draft;
use crate::pages::amount::{parse, shown, typed};
use crate::pages::posted::Posted;
use crate::pages::refusal::forged;
use crate::pages::view::account::{FormPart, Part, Section};
use crate::pages::view::{Button, Input};
use crate::pages::visitor::Visitor;

pub(super) const ACT: (&str, &str) = ("billing:TopUp", "wallet");

pub(super) fn form(visitor: &Visitor, here: &Here<'_>) -> FormPart {
    let billing = &visitor.state.authority.settings.billing;
    let money = |minor| shown(Money::new(minor, billing.currency));
    let (least, most) = billing.topup;
    FormPart::new("top-up", "Pay ahead", here.form(visitor, TOP_UP))
        .lead("What you pay is credited to your balance as soon as the payment has arrived. Prices include tax.")
        .input(Input {
            id: "amount",
            label: "Amount".to_owned(),
            kind: "text",
            inputmode: "decimal",
            autocomplete: "off",
            hint: format!("From {} to {}.", money(least), money(most)),
            ..Input::default()
        })
        .button(Button::primary("top-up-submit", "top-up", "Go on to pay"))
}

/// The form where somebody collects payments, else why there is none.
pub(super) fn offer(visitor: &Visitor, here: &Here<'_>) -> Part {
    match visitor.state.authority.checkout() {
        Ok(_) => Part::Form(Box::new(form(visitor, here))),
        Err(_) => nothing_to_pay_with(),
    }
}

pub(super) fn nothing_to_pay_with() -> Part {
    let words = "Nothing can be paid here: whoever runs this server has set up no payment service.";
    Part::Text(words.to_owned())
}

pub async fn submit(visitor: Visitor, Query(query): Query<BillingQuery>, posted: Posted) -> Response {
    if !visitor.gave_form(TOP_UP, posted.csrf()) {
        return forged(&visitor);
    }
    let here = match here(&visitor, (BILLING, &query.account), ACT).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    let given = posted.text("amount");
    let Some(minor) = parse(given) else {
        let words = "Write the amount in figures, such as 500 or 499.50.";
        return refused(&visitor, &here, (given, words)).await;
    };
    let billing = &visitor.state.authority.settings.billing;
    let money = |minor| shown(Money::new(minor, billing.currency));
    let made = visitor
        .state
        .authority
        .top_up(&visitor.ctx, here.account(), minor);
    let order = match made.await {
        Ok(order) => order,
        Err(TopUpError::TooLittle { least }) => {
            let words = format!("Pay at least {}.", money(least));
            return refused(&visitor, &here, (given, &words)).await;
        }
        Err(TopUpError::TooMuch { most }) => {
            let words = format!("Pay at most {} at a time.", money(most));
            return refused(&visitor, &here, (given, &words)).await;
        }
        Err(TopUpError::Unavailable(_)) => return unavailable(&visitor),
        Err(TopUpError::Fault(error)) => return fault(&error),
    };
    let lead = format!(
        "You pay {} into the wallet of {}. The payment service asks you for it on its own page and leads you back here.",
        shown(order.amount),
        here.seats.current.account.title
    );
    let id = order.gateway_id.unwrap_or_default();
    pay(&visitor, &here, (What::TopUp, &id), ("Top-up", lead)).await
}

/// The page with the button that leads to the gateway's.
pub(super) async fn pay(
    visitor: &Visitor,
    here: &Here<'_>,
    subject: (What, &str),
    (description, lead): (&str, String),
) -> Response {
    match part(visitor, (here.who, here.account()), subject, description) {
        Ok(checkout) => {
            Draft::new(Section::Billing, "page-account-pay")
                .below("Pay", here.above())
                .lead(lead)
                .part(checkout)
                .link("Back without paying", &here.address(BILLING))
                .respond(visitor, here.who, StatusCode::OK)
                .await
        }
        Err(_) => unavailable(visitor),
    }
}

async fn refused(visitor: &Visitor, here: &Here<'_>, (given, words): (&str, &str)) -> Response {
    let mut form = form(visitor, here);
    if let Some(input) = form.input_mut("amount") {
        input.value = parse(given).map_or_else(|| given.chars().take(40).collect(), typed);
    }
    form.complain("amount", words);
    overview::page(visitor, here, (Some(form), "", StatusCode::BAD_REQUEST)).await
}
