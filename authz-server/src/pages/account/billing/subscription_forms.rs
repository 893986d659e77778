//! The forms that begin, change, rest and end a subscription.
//! Shows none for what its state does not allow.

use model::billing::{Plan, Subscription, SubscriptionCommand, SubscriptionStatus};

use super::plan::{counted, rhythm};
use super::subscription::allows;
use super::{Here, PLAN};
use crate::pages::view::account::{Choice, FormPart};
use crate::pages::view::{Button, Input};
use crate::pages::visitor::Visitor;

pub(super) fn subscribe_form(visitor: &Visitor, here: &Here<'_>) -> Option<FormPart> {
    let paid = paid(visitor, |_| true);
    let first = paid.first()?.0.clone();
    let mut form = FormPart::new("subscribe", "Subscribe", here.form(visitor, PLAN))
        .input(seats_input(1))
        .button(Button::primary(
            "subscribe-submit",
            "subscribe",
            "Subscribe and pay",
        ));
    form.choice = Some(plan_choice(paid, first));
    form.is_choice_first = true;
    Some(form)
}

/// Among plans of the same period: the gateway changes between no others.
pub(super) fn change_form(
    visitor: &Visitor,
    here: &Here<'_>,
    subscription: &Subscription,
) -> Option<FormPart> {
    if subscription.cancel_at_end || !allows(subscription, SubscriptionCommand::Change) {
        return None;
    }
    let plans = &visitor.state.authority.settings.billing.plans;
    let current = plans.find(&subscription.plan)?;
    let same = |plan: &Plan| plan.period == current.period && plan.amount.currency == current.amount.currency;
    let mut form = FormPart::new("change-plan", "Change the plan", here.form(visitor, PLAN))
        .lead("A change at once is settled by the payment service for the rest of the period. One with the next period costs nothing now.")
        .input(seats_input(subscription.quantity))
        .button(Button::primary("subscription-change-now", "change-now", "Change at once"))
        .button(secondary(
            "subscription-change-later",
            "change-later",
            "Change with the next period",
        ));
    form.choice = Some(plan_choice(paid(visitor, same), current.id.clone()));
    form.is_choice_first = true;
    Some(form)
}

/// Back to what is paid for now, while another plan or number of seats waits.
pub(super) fn keep_form(visitor: &Visitor, here: &Here<'_>, subscription: &Subscription) -> Option<FormPart> {
    let coming = subscription.coming.as_ref()?;
    if !allows(subscription, SubscriptionCommand::Change) {
        return None;
    }
    let plans = &visitor.state.authority.settings.billing.plans;
    let lead = format!(
        "With the next period it becomes {}. Until then you can keep {}.",
        counted(plans, (&coming.plan, coming.quantity)),
        counted(plans, (&subscription.plan, subscription.quantity))
    );
    let form = FormPart::new("keep-plan", "Take the change back", here.form(visitor, PLAN)).lead(&lead);
    Some(form.button(secondary("subscription-keep", "keep", "Keep the plan as it is")))
}

/// Going on to pay, pausing, going on.
pub(super) fn rest_form(visitor: &Visitor, here: &Here<'_>, subscription: &Subscription) -> Option<FormPart> {
    let form =
        |heading, lead: &str| FormPart::new("subscription", heading, here.form(visitor, PLAN)).lead(lead);
    if subscription.status == SubscriptionStatus::Created {
        let button = Button::primary("subscription-pay", "pay", "Go on to pay");
        let form = form("Pay", "The plan begins when its first payment has been made.");
        return Some(form.button(button));
    }
    if allows(subscription, SubscriptionCommand::Pause) && !subscription.cancel_at_end {
        let form = form(
            "Pause",
            "Nothing is collected while it is paused. What is paid for stays until the end of its period.",
        );
        return Some(form.button(secondary("subscription-pause", "pause", "Pause the subscription")));
    }
    allows(subscription, SubscriptionCommand::Resume).then(|| {
        let form = form(
            "Go on",
            "Payments are collected again, and the plan is yours again.",
        );
        form.button(Button::primary("subscription-resume", "resume", "Go on with it"))
    })
}

pub(super) fn end_form(visitor: &Visitor, here: &Here<'_>, subscription: &Subscription) -> Option<FormPart> {
    if subscription.cancel_at_end || !allows(subscription, SubscriptionCommand::Cancel) {
        return None;
    }
    let lead = match subscription.paid_until {
        None => "Nothing was paid yet, and nothing will be.",
        Some(_) => "What is paid for stays until the end of its period. Nothing more is charged.",
    };
    let form = FormPart::new("end-plan", "End the subscription", here.form(visitor, PLAN)).lead(lead);
    Some(form.button(Button {
        look: "danger",
        ..Button::primary("subscription-cancel", "cancel", "End the subscription")
    }))
}

/// The plans that cost something, each with its name and price.
fn paid(visitor: &Visitor, fits: impl Fn(&Plan) -> bool) -> Vec<(String, String)> {
    let plans = &visitor.state.authority.settings.billing.plans;
    let offered = plans.iter().filter(|plan| !plan.is_free() && fits(plan));
    offered
        .map(|plan| (plan.id.clone(), format!("{}: {}", plan.name, rhythm(plan))))
        .collect()
}

fn plan_choice(values: Vec<(String, String)>, value: String) -> Choice {
    Choice {
        id: "plan",
        label: "Plan",
        value,
        values,
        is_required: true,
        ..Choice::default()
    }
}

fn seats_input(seats: u32) -> Input {
    Input {
        id: "quantity",
        label: "Seats".to_owned(),
        kind: "text",
        inputmode: "numeric",
        value: seats.to_string(),
        autocomplete: "off",
        hint: "The price is for each of them.".to_owned(),
        ..Input::default()
    }
}

fn secondary(id: &'static str, value: &'static str, label: &str) -> Button {
    Button {
        look: "secondary",
        ..Button::primary(id, value, label)
    }
}
