//! Letters about money: a wallet that runs low, what is collected, and subscriptions.
//! Refuses subjects with amounts: they are read on locked screens.

use domain::billing::BillingNews as News;
use domain::mail::Message as Content;
use model::Timestamp;

use super::letterhead::{Words, day};

const NOT_YOURS: &str = "You get this mail because you look after the bills of this account. Nothing in it asks for a password or a card number.";

pub(super) fn words(content: &Content, brand: &str) -> Words {
    let Content::Billing { account, link, news } = content else {
        return Words::default();
    };
    let mut words = said(news, brand);
    words.facts.insert(0, ("Account", account.clone()));
    words.button = Some(("Look at your billing", link.clone()));
    words.if_not_you = NOT_YOURS;
    words
}

fn said(news: &News, brand: &str) -> Words {
    match news {
        News::LowBalance { balance, limit } => letter(
            format!("Your {brand} balance is low"),
            "The balance of your account has fallen below the figure you are warned at. What is paid for by use stops when it is used up; top up in time, or let it be topped up for you.",
            vec![
                ("Balance", balance.to_string()),
                ("Warning below", limit.to_string()),
            ],
        ),
        News::CollectionAhead { amount, at } => letter(
            format!("A payment to {brand} will be collected"),
            "Your balance is below the figure at which you let it be topped up. The payment below will be collected by your mandate. To stop it, pause or cancel automatic top-ups before then.",
            vec![("Amount", amount.to_string()), ("Not before", day(*at))],
        ),
        News::CollectionFailed {
            amount,
            reason,
            next_at,
        } => letter(
            format!("A payment to {brand} failed"),
            "An automatic top-up could not be collected. It is tried again, unless you have topped up by hand by then and the balance is no longer low.",
            vec![
                ("Amount", amount.to_string()),
                ("Why", reason.clone()),
                ("Next try", day(*next_at)),
            ],
        ),
        News::AutopayPaused { amount, reason } => letter(
            format!("Automatic top-ups of your {brand} account are paused"),
            "An automatic top-up could not be collected, after several tries. Nothing more is collected until you turn automatic top-ups on again. Please top up by hand meanwhile.",
            vec![("Amount", amount.to_string()), ("Why", reason.clone())],
        ),
        News::AutopayStopped { status } => letter(
            format!("Automatic top-ups of your {brand} account have stopped"),
            "Your bank tells us that the mandate for automatic top-ups does not hold any more. Nothing is collected; to be topped up automatically again, set it up anew.",
            vec![("Mandate", status.clone())],
        ),
        News::SubscriptionPending { plan, until } => letter(
            format!("A payment for your {brand} subscription failed"),
            "The payment for the next period could not be collected and is tried again in the coming days. Your plan stays as it is for now. Please look whether your card or account can be charged.",
            with_day(vec![("Plan", plan.clone())], "Kept until", *until),
        ),
        News::SubscriptionHalted { plan } => letter(
            format!("Your {brand} subscription is on hold"),
            "The payment could not be collected, after several tries. Your account has the default plan now. Pay with another card or account to get your plan back, or cancel the subscription.",
            vec![("Plan", plan.clone())],
        ),
        News::SubscriptionEnded { plan, until } => letter(
            format!("Your {brand} subscription has ended"),
            "Nothing more will be collected for it. What you have paid for stays until its end; then your account has the default plan.",
            with_day(vec![("Plan", plan.clone())], "Paid until", *until),
        ),
    }
}

fn letter(title: String, what: &str, facts: Vec<(&'static str, String)>) -> Words {
    Words {
        title,
        paragraphs: vec![what.to_owned()],
        facts,
        ..Words::default()
    }
}

fn with_day(
    mut facts: Vec<(&'static str, String)>,
    name: &'static str,
    at: Option<Timestamp>,
) -> Vec<(&'static str, String)> {
    facts.extend(at.map(|at| (name, day(at))));
    facts
}
