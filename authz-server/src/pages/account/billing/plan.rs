//! `/account/billing/plan`: the plans there are, what the account has of them, and what of it is used.
//! Changes nothing: the forms that do are those of `subscription`.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use model::billing::plan::{API_KEYS, IAM_USERS, SEATS};
use model::billing::{Entitlement, Plan, PlanPeriod, Plans, Subscription, SubscriptionStatus};

use super::overview::each;
use super::{BillingQuery, Here, PLAN, here, may, respond, subscription};
use crate::http::fault;
use crate::pages::account::Draft;
use crate::pages::account::when::Clock;
use crate::pages::amount::shown;
use crate::pages::view::account::{Fact, FormPart, Part, Row, Rows, Section};
use crate::pages::visitor::Visitor;

/// What is there until somebody takes it away, and is not used up by the month.
const COUNTED: [&str; 3] = [API_KEYS, IAM_USERS, SEATS];

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

/// What people call it.
fn title(plans: &Plans, id: &str) -> String {
    let plan = plans.find(id);
    plan.map_or_else(|| id.to_owned(), |plan| plan.name.clone())
}

/// A plan and for how many, beside another that may differ in either.
pub(super) fn counted(plans: &Plans, (id, seats): (&str, u32)) -> String {
    let title = title(plans, id);
    match seats {
        1 => format!("{title}, 1 seat"),
        seats => format!("{title}, {seats} seats"),
    }
}

pub(super) fn fact(subscription: Option<&Subscription>, plans: &Plans) -> Fact {
    Fact {
        name: "Plan",
        value: match subscription {
            Some(subscription) => title(plans, &subscription.plan) + &each(subscription),
            None => plans.default_plan().name.clone(),
        },
        badge: subscription.and_then(badge),
        ..Fact::default()
    }
}

const fn badge(subscription: &Subscription) -> Option<&'static str> {
    match subscription.status {
        SubscriptionStatus::Created | SubscriptionStatus::Authenticated => Some("Not paid yet"),
        SubscriptionStatus::Pending => Some("Payment is tried again"),
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

/// With the first form as it is, or as it came back.
pub(super) async fn page(
    visitor: &Visitor,
    here: &Here<'_>,
    (form, done, status): (Option<FormPart>, &str, StatusCode),
) -> Response {
    let draft = draft(visitor, here, form).await;
    respond(visitor, here, draft, (done, status)).await
}

async fn draft(visitor: &Visitor, here: &Here<'_>, form: Option<FormPart>) -> Result<Draft, Box<Response>> {
    let subscription = living(visitor, here).await?;
    let authority = &visitor.state.authority;
    let entitlements = authority.entitlements(&visitor.ctx, here.account()).await;
    let entitlements = entitlements.map_err(|error| Box::new(fault(&error)))?;
    let plans = &authority.settings.billing.plans;
    let clock = Clock::of(&here.who.user);
    let may_act = may(visitor, here, subscription::ACT).await?;
    let open = subscription
        .as_ref()
        .filter(|_| may_act && authority.checkout().is_ok());
    let mut draft = Draft::new(Section::Billing, "page-account-plan")
        .below("The plan", here.above())
        .lead(format!(
            "What {} may use. A plan is paid for in advance and goes on until it is ended. Prices include tax.",
            here.seats.current.account.title
        ))
        .part(Part::Facts(facts(subscription.as_ref(), plans, &clock)));
    if let Some(link) = open.and_then(subscription::open_payment) {
        draft = draft.part(link);
    }
    draft = draft
        .part(Part::Heading("use-heading", "Used"))
        .part(used(&entitlements))
        .part(Part::Heading("plans-heading", "The plans"))
        .part(offers(plans));
    if may_act {
        for part in subscription::forms(visitor, here, (subscription.as_ref(), form)) {
            draft = draft.part(part);
        }
    }
    Ok(draft)
}

fn facts(subscription: Option<&Subscription>, plans: &Plans, clock: &Clock) -> Vec<Fact> {
    let mut facts = vec![fact(subscription, plans)];
    let coming = subscription.and_then(|subscription| subscription.coming.as_ref());
    if let Some(coming) = coming {
        facts.push(Fact {
            name: "Changes to",
            value: format!(
                "{}, on {}",
                counted(plans, (&coming.plan, coming.quantity)),
                clock.day(coming.at)
            ),
            ..Fact::default()
        });
    }
    let until = subscription.and_then(|subscription| Some((subscription, subscription.current_end?)));
    if let Some((subscription, end)) = until {
        facts.push(Fact {
            name: match subscription.status {
                SubscriptionStatus::Active if subscription.cancel_at_end => "Ends on",
                SubscriptionStatus::Active => "Next payment",
                _ => "Paid until",
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
        badge: (!one.granted).then_some(match one.limit {
            Some(_) => "Used up",
            None => "Balance used up",
        }),
        lines: vec![match (one.limit, one.included) {
            (Some(limit), _) => format!("{} of {limit}", one.used),
            (None, Some(0)) => format!("{}, paid for by use", one.used),
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

/// `api_keys` as people write it: API keys.
fn words(feature: &str) -> String {
    let word = |(place, word): (usize, &str)| match (word, place) {
        ("api" | "iam", _) => word.to_uppercase(),
        (_, 0) => capital(word),
        _ => word.to_owned(),
    };
    let words: Vec<String> = feature.split('_').enumerate().map(word).collect();
    words.join(" ")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn price(plan: &Plan) -> String {
    match plan.is_free() {
        true => "Costs nothing".to_owned(),
        false => format!("{} for each seat", rhythm(plan)),
    }
}

/// What a seat costs, and how often.
pub(super) fn rhythm(plan: &Plan) -> String {
    match plan.period {
        PlanPeriod::Monthly => format!("{} a month", shown(plan.amount)),
        PlanPeriod::Yearly => format!("{} a year", shown(plan.amount)),
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
