//! Letters about money: a wallet that runs low, what is collected, and subscriptions.
//! Refuses subjects with amounts: they are read on locked screens.

use domain::billing::BillingNews as News;
use domain::mail::Message as Content;
use model::Timestamp;

use super::letterhead::{Words, day};
use crate::pages::amount::shown;

const NOT_YOURS: &str = "You get this mail because you look after the bills of this account. Nothing in it asks for a password or a card number.";

pub(super) fn words(content: &Content, brand: &str) -> Words {
    let Content::Billing { account, link, news } = content else {
        return Words::default();
    };
    let mut words = match news {
        News::LowBalance { .. } => low(news, brand),
        News::CollectionAhead { .. }
        | News::CollectionFailed { .. }
        | News::AutopayPaused { .. }
        | News::AutopayStopped { .. } => autopay(news, brand),
        News::SubscriptionPending { .. }
        | News::SubscriptionHalted { .. }
        | News::SubscriptionEnded { .. } => subscription(news, brand),
    };
    words.facts.insert(0, ("Account", account.clone()));
    words.button = Some((page(news), link.clone()));
    words.if_not_you = NOT_YOURS;
    words
}

/// What the link leads to.
const fn page(news: &News) -> &'static str {
    match news {
        News::LowBalance { .. } => "Look at your billing",
        News::CollectionAhead { .. }
        | News::CollectionFailed { .. }
        | News::AutopayPaused { .. }
        | News::AutopayStopped { .. } => "Look at your automatic top-ups",
        News::SubscriptionPending { .. }
        | News::SubscriptionHalted { .. }
        | News::SubscriptionEnded { .. } => "Look at your plan",
    }
}

fn low(news: &News, brand: &str) -> Words {
    let News::LowBalance { balance, limit } = news else {
        return Words::default();
    };
    letter(
        format!("Your {brand} balance is low"),
        "The balance of your account has fallen below the figure at which you are warned. When it is used up, whatever is paid for by use stops. Pay ahead in time, or set up automatic top-ups.",
        vec![("Balance", shown(*balance)), ("Warning below", shown(*limit))],
    )
}

fn autopay(news: &News, brand: &str) -> Words {
    match news {
        News::CollectionAhead { amount, at } => letter(
            format!("A payment to {brand} will be collected"),
            "Your balance has fallen below the figure you chose for automatic top-ups. The amount below will be collected from your card or bank account, and credited. If you do not want that, pause or turn off automatic top-ups before then.",
            vec![("Amount", shown(*amount)), ("Not before", day(*at))],
        ),
        News::CollectionFailed {
            amount,
            reason,
            next_at,
        } => letter(
            format!("A payment to {brand} failed"),
            "An automatic top-up could not be collected. It is tried again at the time below, unless you have paid ahead by then and the balance is no longer low.",
            vec![
                ("Amount", shown(*amount)),
                ("Why", sentence(reason)),
                ("Next try", day(*next_at)),
            ],
        ),
        News::AutopayPaused { amount, reason } => letter(
            format!("Automatic top-ups of your {brand} account are paused"),
            "An automatic top-up could not be collected, after several tries. Nothing more is collected until you let automatic top-ups go on. Until then please pay ahead by hand, so that nothing stops.",
            vec![("Amount", shown(*amount)), ("Why", sentence(reason))],
        ),
        News::AutopayStopped { status } => stopped(status, brand),
        _ => Words::default(),
    }
}

fn stopped(status: &str, brand: &str) -> Words {
    let (what, state) = match status {
        "paused" => (
            "Automatic top-ups are paused at your bank. Nothing is collected until you let them go on there. Until then please pay ahead by hand, so that nothing stops.",
            "Paused at your bank",
        ),
        "failed" => (
            "Your bank has refused automatic top-ups. Nothing is collected. You can set them up anew, with another card or account.",
            "Refused by your bank",
        ),
        "expired" => (
            "The time for which your bank allowed automatic top-ups is over. Nothing more is collected. To be topped up automatically again, set them up anew.",
            "Over",
        ),
        _ => (
            "Automatic top-ups were ended at your bank. Nothing more is collected. To be topped up automatically again, set them up anew.",
            "Ended at your bank",
        ),
    };
    let title = format!("Automatic top-ups of your {brand} account have stopped");
    letter(title, what, vec![("Automatic top-ups", state.to_owned())])
}

fn subscription(news: &News, brand: &str) -> Words {
    match news {
        News::SubscriptionPending { plan, until } => letter(
            format!("A payment for your {brand} subscription failed"),
            "The payment for the next period could not be collected. It is tried again in the coming days, and your plan stays as it is meanwhile. Please see to it that your card or bank account can be charged.",
            with_day(vec![("Plan", plan.clone())], "Kept until", *until),
        ),
        News::SubscriptionHalted { plan } => letter(
            format!("Your {brand} subscription is on hold"),
            "The payment could not be collected, after several tries, so your account does without this plan now. To get it back, pay what is open on the page of your plan. To do without it for good, end the subscription there.",
            vec![("Plan", plan.clone())],
        ),
        News::SubscriptionEnded { plan, until } => letter(
            format!("Your {brand} subscription has ended"),
            match until {
                Some(_) => {
                    "Nothing more will be collected for it. What you have paid for is yours until the time below. You can subscribe again at any time."
                }
                None => {
                    "Nothing more will be collected for it, and your account does without this plan now. You can subscribe again at any time."
                }
            },
            with_day(vec![("Plan", plan.clone())], "Paid until", *until),
        ),
        _ => Words::default(),
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

/// What the bank or the gateway said, with a capital and one full stop.
fn sentence(reason: &str) -> String {
    let said = reason.trim().trim_end_matches('.');
    let mut letters = said.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}
