//! Subscribing to a plan on its page, changing it and ending it.
//! Refuses to end what is paid for by a link: the buttons here do, and say when it ends.

use axum::extract::Query;
use axum::response::Response;
use domain::billing::{SubscriptionError, SubscriptionWish};
use http::StatusCode;
use model::billing::{Money, Plan, Subscription, SubscriptionCommand, SubscriptionStatus};

use super::checkout::What;
use super::overview::each;
use super::subscription_forms::{change_form, end_form, keep_form, rest_form, subscribe_form};
use super::top_up::{nothing_to_pay_with, pay};
use super::{BillingQuery, Here, PLAN, here, plan, unavailable};
use crate::http::fault;
use crate::pages::account_form::sentence;
use crate::pages::amount::shown;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::view::account::{FormPart, Part};
use crate::pages::visitor::Visitor;

pub(super) const ACT: (&str, &str) = ("billing:ManageSubscription", "subscription/*");

/// What can be done now; one of the forms may have come back with what is wrong in it.
pub(super) fn forms(
    visitor: &Visitor,
    here: &Here<'_>,
    (living, refused): (Option<&Subscription>, Option<FormPart>),
) -> Vec<Part> {
    if visitor.state.authority.checkout().is_err() {
        return vec![nothing_to_pay_with()];
    }
    let forms = match living {
        None => vec![subscribe_form(visitor, here)],
        Some(subscription) => vec![
            keep_form(visitor, here, subscription),
            change_form(visitor, here, subscription),
            rest_form(visitor, here, subscription),
            end_form(visitor, here, subscription),
        ],
    };
    let refused_id = refused.as_ref().map(|form| form.id);
    let others = forms.into_iter().flatten();
    let others = others.filter(|form| Some(form.id) != refused_id);
    let forms = refused.into_iter().chain(others);
    forms.map(|form| Part::Form(Box::new(form))).collect()
}

/// Where what could not be collected is paid: at the gateway's own page of the subscription.
pub(super) fn open_payment(subscription: &Subscription) -> Option<Part> {
    let is_open = matches!(
        subscription.status,
        SubscriptionStatus::Pending | SubscriptionStatus::Halted
    );
    let page = subscription.short_url.clone().filter(|_| is_open)?;
    Some(Part::Link("Pay what is open, at the payment service", page))
}

pub async fn submit(visitor: Visitor, Query(query): Query<BillingQuery>, posted: Posted) -> Response {
    if !visitor.gave_form(PLAN, posted.csrf()) {
        return forged(&visitor);
    }
    let here = match here(&visitor, (PLAN, &query.account), ACT).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    let living = match plan::living(&visitor, &here).await {
        Ok(living) => living,
        Err(answer) => return *answer,
    };
    let Some(subscription) = living else {
        return match posted.text("decision") {
            "subscribe" => subscribe(&visitor, &here, &posted).await,
            _ => see_other(&here.address(PLAN)),
        };
    };
    let change = |at_period_end| SubscriptionWish::Change {
        plan: Some(posted.text("plan").to_owned()),
        quantity: Some(seats(&posted)),
        at_period_end,
    };
    let wish = match posted.text("decision") {
        "subscribe" | "pay" => return go_on(&visitor, &here, &subscription).await,
        "change-now" => (change(false), "plan-changed"),
        "change-later" => (change(true), "plan-changes"),
        "keep" => (SubscriptionWish::TakeBack, "plan-kept"),
        "pause" => (SubscriptionWish::Pause, "plan-paused"),
        "resume" => (SubscriptionWish::Resume, "plan-resumed"),
        "cancel" => (SubscriptionWish::Cancel { at_period_end: true }, "plan-cancelled"),
        _ => return see_other(&here.address(PLAN)),
    };
    command(&visitor, &here, (&subscription, wish, &posted)).await
}

/// Nothing is a number of seats that is refused.
fn seats(posted: &Posted) -> u32 {
    posted.text("quantity").trim().parse().unwrap_or(0)
}

async fn command(
    visitor: &Visitor,
    here: &Here<'_>,
    (subscription, (wish, done), posted): (&Subscription, (SubscriptionWish, &str), &Posted),
) -> Response {
    let by = (here.account(), here.permit.actor());
    let authority = &visitor.state.authority;
    let is_change = matches!(wish, SubscriptionWish::Change { .. });
    let commanded = authority.command_subscription(&visitor.ctx, by, (&subscription.id, wish));
    match commanded.await {
        Ok(after) if after.status.is_final() => see_other(&(here.address(PLAN) + "&done=plan-ended")),
        Ok(_) => see_other(&format!("{}&done={done}", here.address(PLAN))),
        Err(error) => {
            let form = match is_change {
                true => change_form(visitor, here, subscription),
                false => {
                    rest_form(visitor, here, subscription).or_else(|| end_form(visitor, here, subscription))
                }
            };
            refused(visitor, here, (form, posted, error)).await
        }
    }
}

async fn subscribe(visitor: &Visitor, here: &Here<'_>, posted: &Posted) -> Response {
    let by = (here.account(), here.permit.actor());
    let authority = &visitor.state.authority;
    let made = authority.subscribe(&visitor.ctx, by, (posted.text("plan"), seats(posted)));
    match made.await {
        Ok(subscription) => go_on(visitor, here, &subscription).await,
        Err(error) => {
            let form = subscribe_form(visitor, here);
            refused(visitor, here, (form, posted, error)).await
        }
    }
}

/// To the gateway's page, if there is something left to pay there.
async fn go_on(visitor: &Visitor, here: &Here<'_>, subscription: &Subscription) -> Response {
    let plans = &visitor.state.authority.settings.billing.plans;
    let waits = subscription.status == SubscriptionStatus::Created;
    let Some(plan) = plans.find(&subscription.plan).filter(|_| waits) else {
        return see_other(&here.address(PLAN));
    };
    let lead = format!(
        "{}{}: {}. The payment service asks you for it on its own page and leads you back here.",
        plan.name,
        each(subscription),
        total(plan, subscription)
    );
    pay(visitor, here, (What::Plan, &subscription.id), (&plan.name, lead)).await
}

fn total(plan: &Plan, subscription: &Subscription) -> String {
    let total = plan.amount.minor.saturating_mul(i64::from(subscription.quantity));
    shown(Money::new(total, plan.amount.currency))
}

/// The form again, with what was typed and what is wrong with it.
async fn refused(
    visitor: &Visitor,
    here: &Here<'_>,
    (form, posted, error): (Option<FormPart>, &Posted, SubscriptionError),
) -> Response {
    let words = match &error {
        SubscriptionError::Unavailable(_) => return unavailable(visitor),
        SubscriptionError::Fault(error) => return fault(error),
        SubscriptionError::Quantity { most } => format!("Write a number of seats from 1 to {most}."),
        SubscriptionError::NoSuchPlan | SubscriptionError::FreePlan => {
            "Choose one of the plans in the list.".to_owned()
        }
        SubscriptionError::NotNow(_) => "It has changed meanwhile. Look again at what it is now.".to_owned(),
        SubscriptionError::Exists { .. } | SubscriptionError::NotFound | SubscriptionError::Forged => {
            sentence(&error.to_string())
        }
    };
    let Some(mut form) = form else {
        return see_other(&here.address(PLAN));
    };
    if let Some(input) = form.input_mut("quantity") {
        input.value = posted.text("quantity").chars().take(20).collect();
    }
    if let Some(choice) = form.choice.as_mut() {
        posted.text("plan").clone_into(&mut choice.value);
    }
    match error {
        SubscriptionError::Quantity { .. } => form.complain("quantity", &words),
        SubscriptionError::NoSuchPlan | SubscriptionError::FreePlan => form.complain("plan", &words),
        _ => form.error = Some(words),
    }
    plan::page(visitor, here, (Some(form), "", StatusCode::BAD_REQUEST)).await
}

/// Whether a button for it makes sense.
pub(super) fn allows(subscription: &Subscription, command: SubscriptionCommand) -> bool {
    subscription.status.allows(command).is_ok()
}
