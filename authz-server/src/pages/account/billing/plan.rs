//! `/account/billing/plan`: the plans there are, and the subscription to one of them.
//! Refuses to end what is paid for by a link: the buttons here do, and say when it ends.

use axum::extract::Query;
use axum::response::Response;
use domain::billing::{SubscriptionError, SubscriptionWish};
use http::StatusCode;
use model::billing::plan::{API_KEYS, IAM_USERS, SEATS};
use model::billing::{
    Entitlement, Money, Plan, PlanPeriod, Plans, Subscription, SubscriptionCommand, SubscriptionStatus,
};

use super::amount::shown;
use super::checkout::What;
use super::overview::each;
use super::top_up::pay;
use super::{BILLING, BillingQuery, Here, PLAN, here, permit, unavailable};
use crate::http::fault;
use crate::pages::account::Draft;
use crate::pages::account::when::Clock;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::view::account::{Choice, Fact, FormPart, Part, Row, Rows, Section};
use crate::pages::view::{Button, Input};
use crate::pages::visitor::Visitor;

/// What is there until somebody takes it away, and is not used up by the month.
const COUNTED: [&str; 3] = [API_KEYS, IAM_USERS, SEATS];
const ACT: (&str, &str) = ("billing:ManageSubscription", "subscription/*");

/// The subscription that lives, if there is one.
pub(super) async fn living(
    visitor: &Visitor,
    here: &Here<'_>,
) -> Result<Option<Subscription>, Box<Response>> {
    let listed = visitor
        .state
        .authority
        .list_subscriptions(here.account(), (1, 0))
        .await;
    let (listed, _) = listed.map_err(|error| Box::new(fault(&error)))?;
    Ok(listed.into_iter().find(|newest| !newest.status.is_final()))
}

pub(super) fn fact(subscription: Option<&Subscription>, plans: &Plans) -> Fact {
    let name = |id: &str| {
        plans
            .find(id)
            .map_or_else(|| id.to_owned(), |plan| plan.name.clone())
    };
    Fact {
        name: "Plan",
        value: match subscription {
            Some(subscription) => name(&subscription.plan) + &each(subscription),
            None => plans.default_plan().name.clone(),
        },
        badge: subscription.and_then(badge),
        ..Fact::default()
    }
}

const fn badge(subscription: &Subscription) -> Option<&'static str> {
    match subscription.status {
        SubscriptionStatus::Created | SubscriptionStatus::Authenticated => Some("Not paid yet"),
        SubscriptionStatus::Pending => Some("Payment failed, tried again"),
        SubscriptionStatus::Halted => Some("Payment failed"),
        SubscriptionStatus::Paused => Some("Paused"),
        SubscriptionStatus::Active if subscription.cancel_at_end => Some("Ends with the period"),
        _ => None,
    }
}

pub async fn show(visitor: Visitor, Query(query): Query<BillingQuery>) -> Response {
    match here(&visitor, (PLAN, &query.account), ("billing:View", "wallet")).await {
        Ok(here) => page(&visitor, &here, (None, &query.done, StatusCode::OK)).await,
        Err(answer) => *answer,
    }
}

async fn page(
    visitor: &Visitor,
    here: &Here<'_>,
    (error, done, status): (Option<String>, &str, StatusCode),
) -> Response {
    let subscription = match living(visitor, here).await {
        Ok(living) => living,
        Err(answer) => return *answer,
    };
    let may_manage = match permit(visitor, (here.who, &here.seats), ACT).await {
        Ok(permit) => permit.is_some(),
        Err(answer) => return *answer,
    };
    let authority = &visitor.state.authority;
    let used = match authority.entitlements(&visitor.ctx, here.account()).await {
        Ok(entitlements) => used(&entitlements),
        Err(error) => return fault(&error),
    };
    let plans = &authority.settings.billing.plans;
    let mut draft = Draft::new(Section::Billing, "page-account-plan")
        .done(done)
        .lead("A plan is paid for in advance and goes on until you end it. Prices include tax.")
        .part(Part::Facts(facts(
            subscription.as_ref(),
            plans,
            &Clock::of(&here.who.user),
        )))
        .part(Part::Heading("use-heading", "Used"))
        .part(used)
        .part(Part::Heading("plans-heading", "The plans"))
        .part(offers(plans));
    if may_manage {
        let form = match &subscription {
            Some(subscription) => Some(command_form(visitor, here, subscription)),
            None => subscribe_form(visitor, here, plans),
        };
        if let Some(mut form) = form {
            form.error = error;
            draft = draft.part(Part::Form(Box::new(form)));
        }
    }
    let draft = draft.link("Back to billing", &here.address(BILLING));
    draft.respond(visitor, here.who, status).await
}

fn facts(subscription: Option<&Subscription>, plans: &Plans, clock: &Clock) -> Vec<Fact> {
    let mut facts = vec![fact(subscription, plans)];
    let until = subscription.and_then(|subscription| Some((subscription, subscription.current_end?)));
    if let Some((subscription, end)) = until {
        facts.push(Fact {
            name: if subscription.cancel_at_end {
                "Ends on"
            } else {
                "Paid for again on"
            },
            value: clock.day(end),
            ..Fact::default()
        });
    }
    facts
}

/// What the plan gives now, and how much of it is used.
fn used(entitlements: &[Entitlement]) -> Part {
    let row = |one: &Entitlement| Row {
        title: words(&one.feature),
        badge: (!one.granted).then_some("used up"),
        lines: vec![match (one.limit, one.included) {
            (Some(limit), _) => format!("{} of {limit}", one.used),
            (None, Some(included)) => format!("{}, of which {included} come with the plan", one.used),
            (None, None) => format!("{}, without a limit", one.used),
        }],
        ..Row::default()
    };
    Part::Rows(Rows {
        id: "used",
        empty: "Nothing of it is counted.",
        rows: entitlements.iter().map(row).collect(),
    })
}

fn words(feature: &str) -> String {
    feature.replace('_', " ")
}

fn price(plan: &Plan) -> String {
    match (plan.is_free(), plan.period) {
        (true, _) => "Free".to_owned(),
        (false, PlanPeriod::Monthly) => format!("{} a month for each seat", shown(plan.amount)),
        (false, PlanPeriod::Yearly) => format!("{} a year for each seat", shown(plan.amount)),
    }
}

fn offers(plans: &Plans) -> Part {
    let row = |plan: &Plan| Row {
        title: plan.name.clone(),
        lines: vec![price(plan)],
        items: plan.features.iter().map(feature_words).collect(),
        ..Row::default()
    };
    Part::Rows(Rows {
        id: "plans",
        empty: "There are no plans.",
        rows: plans.iter().map(row).collect(),
    })
}

fn feature_words(feature: &model::billing::Feature) -> String {
    let name = words(&feature.name);
    match (feature.limit, feature.included) {
        (Some(limit), _) if COUNTED.contains(&feature.name.as_str()) => format!("{name}: up to {limit}"),
        (Some(limit), _) => format!("{name}: up to {limit} a month"),
        (None, Some(0)) => format!("{name}: paid for by use"),
        (None, Some(included)) => format!("{name}: {included} a month included, more by use"),
        (None, None) => name,
    }
}

fn subscribe_form(visitor: &Visitor, here: &Here<'_>, plans: &Plans) -> Option<FormPart> {
    let paid = |plan: &&Plan| !plan.is_free();
    let first = plans.iter().find(paid)?;
    let mut form = FormPart::new("subscribe", "Subscribe", here.form(visitor, PLAN))
        .input(Input {
            id: "quantity",
            label: "Seats".to_owned(),
            kind: "text",
            inputmode: "numeric",
            value: "1".to_owned(),
            autocomplete: "off",
            ..Input::default()
        })
        .button(Button::primary(
            "subscribe-submit",
            "subscribe",
            "Subscribe and pay",
        ));
    form.choice = Some(Choice {
        id: "plan",
        label: "Plan",
        value: first.id.clone(),
        values: plans.iter().filter(paid).map(|plan| plan.id.clone()).collect(),
        is_required: true,
        ..Choice::default()
    });
    Some(form)
}

fn command_form(visitor: &Visitor, here: &Here<'_>, subscription: &Subscription) -> FormPart {
    let allows = |command| subscription.status.allows(command).is_ok();
    let mut form = FormPart::new("subscription", "Your subscription", here.form(visitor, PLAN));
    if matches!(subscription.status, SubscriptionStatus::Created) {
        form = form
            .lead("It begins when its first payment has been made.")
            .button(Button::primary("subscription-pay", "pay", "Go on to pay"));
    }
    let secondary = |id, value, label: &str| Button {
        look: "secondary",
        ..Button::primary(id, value, label)
    };
    if allows(SubscriptionCommand::Pause) {
        form = form.button(secondary("subscription-pause", "pause", "Pause"));
    }
    if allows(SubscriptionCommand::Resume) {
        form = form.button(secondary("subscription-resume", "resume", "Go on"));
    }
    if allows(SubscriptionCommand::Cancel) && !subscription.cancel_at_end {
        form = form
            .lead("When you end it, what is paid for stays until the end of its period. Nothing more is charged.")
            .button(Button {
                look: "danger",
                ..Button::primary("subscription-cancel", "cancel", "End the subscription")
            });
    }
    form
}

pub async fn submit(visitor: Visitor, Query(query): Query<BillingQuery>, posted: Posted) -> Response {
    if !visitor.gave_form(PLAN, posted.csrf()) {
        return forged(&visitor);
    }
    let here = match here(&visitor, (PLAN, &query.account), ACT).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    let living = match living(&visitor, &here).await {
        Ok(living) => living,
        Err(answer) => return *answer,
    };
    let wish = match posted.text("decision") {
        "subscribe" => return subscribe(&visitor, &here, &posted).await,
        "pay" => return go_on(&visitor, &here, living.as_ref()).await,
        "pause" => (SubscriptionWish::Pause, "plan-paused"),
        "resume" => (SubscriptionWish::Resume, "plan-resumed"),
        _ => (SubscriptionWish::Cancel { at_period_end: true }, "plan-cancelled"),
    };
    let Some(subscription) = living else {
        return see_other(&here.address(PLAN));
    };
    let by = (here.account(), here.permit.actor());
    let authority = &visitor.state.authority;
    let commanded = authority
        .command_subscription(&visitor.ctx, by, (&subscription.id, wish.0))
        .await;
    match commanded {
        Ok(after) if after.status.is_final() => see_other(&(here.address(PLAN) + "&done=plan-ended")),
        Ok(_) => see_other(&format!("{}&done={}", here.address(PLAN), wish.1)),
        Err(error) => refused(&visitor, &here, error).await,
    }
}

async fn subscribe(visitor: &Visitor, here: &Here<'_>, posted: &Posted) -> Response {
    let quantity = posted.text("quantity").trim().parse::<u32>().unwrap_or(0);
    let by = (here.account(), here.permit.actor());
    let authority = &visitor.state.authority;
    let made = authority
        .subscribe(&visitor.ctx, by, (posted.text("plan"), quantity))
        .await;
    match made {
        Ok(subscription) => go_on(visitor, here, Some(&subscription)).await,
        Err(error) => refused(visitor, here, error).await,
    }
}

async fn go_on(visitor: &Visitor, here: &Here<'_>, subscription: Option<&Subscription>) -> Response {
    let Some(subscription) = subscription else {
        return see_other(&here.address(PLAN));
    };
    let plans = &visitor.state.authority.settings.billing.plans;
    let Some(plan) = plans.find(&subscription.plan) else {
        return see_other(&here.address(PLAN));
    };
    let total = plan.amount.minor.saturating_mul(i64::from(subscription.quantity));
    let total = shown(Money::new(total, plan.amount.currency));
    let lead = format!(
        "{}{}: {total}. You pay at the page of the payment service and come back here.",
        plan.name,
        each(subscription)
    );
    pay(visitor, here, (What::Plan, &subscription.id), (&plan.name, lead)).await
}

async fn refused(visitor: &Visitor, here: &Here<'_>, error: SubscriptionError) -> Response {
    match error {
        SubscriptionError::Unavailable(_) => unavailable(visitor),
        SubscriptionError::Fault(error) => fault(&error),
        error => {
            let words = sentence(&error.to_string());
            page(visitor, here, (Some(words), "", StatusCode::BAD_REQUEST)).await
        }
    }
}
