//! The way to the gateway's page and back.
//! Refuses to believe the browser that comes back: the gateway's signature says what was paid, for which order.

use axum::extract::{Form as Fields, Query};
use axum::response::Response;
use domain::billing::{AutopayError, BillingUnavailable, ConfirmError, Confirmation, SubscriptionError};
use domain::oauth::authorize::SignedIn;
use model::iam::AccountId;

use super::{BILLING, BillingQuery, CANCELLED, PAID, unavailable};
use crate::http::fault;
use crate::pages::refusal::see_other;
use crate::pages::view::account::{CheckoutPart, Part};
use crate::pages::visitor::Visitor;

/// What is paid for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    TopUp,
    Autopay,
    Plan,
}

impl What {
    const fn word(self) -> &'static str {
        match self {
            Self::TopUp => "top-up",
            Self::Autopay => "autopay",
            Self::Plan => "plan",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::TopUp, Self::Autopay, Self::Plan];
        all.into_iter().find(|what| what.word() == word)
    }
}

/// The part of a page whose button leads to the gateway, and where that is.
///
/// # Errors
/// When there is no gateway.
pub fn part(
    visitor: &Visitor,
    (who, account): (&SignedIn, &AccountId),
    (what, id): (What, &str),
    description: &str,
) -> Result<Part, BillingUnavailable> {
    let authority = &visitor.state.authority;
    let (key, checkout) = authority.checkout()?;
    let issuer = &authority.settings.issuer;
    let back = |path: &str| format!("{issuer}{path}?account={account}&what={}", what.word());
    let subject = match what {
        What::TopUp | What::Autopay => "order_id",
        What::Plan => "subscription_id",
    };
    let mut fields = vec![
        ("key_id", key),
        (subject, id.to_owned()),
        ("name", visitor.state.brand.name().to_owned()),
        ("description", description.to_owned()),
        ("prefill[email]", who.user.email.to_string()),
        ("callback_url", back(PAID)),
        ("cancel_url", back(CANCELLED)),
    ];
    if what == What::Autopay {
        fields.push(("recurring", "1".to_owned()));
    }
    Ok(Part::Checkout(Box::new(CheckoutPart {
        action: checkout.page,
        fields,
        label: "Go to the payment page".to_owned(),
    })))
}

/// What the gateway's page sends people back with.
#[derive(serde::Deserialize)]
pub struct Outcome {
    #[serde(default)]
    razorpay_payment_id: String,
    #[serde(default)]
    razorpay_order_id: String,
    #[serde(default)]
    razorpay_subscription_id: String,
    #[serde(default)]
    razorpay_signature: String,
}

/// `POST /account/billing/paid`: comes from the gateway's page, so without our cookies and without a form of ours. It needs
/// neither: what it tells is signed by the gateway, and it only makes known earlier what the webhook tells anyway.
pub async fn paid(
    visitor: Visitor,
    Query(query): Query<BillingQuery>,
    Fields(outcome): Fields<Outcome>,
) -> Response {
    let (Ok(account), Some(what)) = (query.account.parse::<AccountId>(), What::parse(&query.what)) else {
        return see_other(BILLING);
    };
    let told = tell(&visitor, &account, (what, &outcome)).await;
    let done = match told {
        Ok(()) if what == What::Plan => "subscribed",
        Ok(()) if what == What::Autopay => "autopay",
        Ok(()) => "paid",
        Err(Untold::Unpaid) => "unpaid",
        Err(Untold::Later) => "paying",
        Err(Untold::Unavailable) => return unavailable(&visitor),
        Err(Untold::Fault(error)) => return fault(&error),
    };
    see_other(&format!("{BILLING}?account={account}&done={done}"))
}

/// Back from the gateway's page without having paid.
pub async fn cancelled(Query(query): Query<BillingQuery>) -> Response {
    match query.account.parse::<AccountId>() {
        Ok(account) => see_other(&format!("{BILLING}?account={account}&done=unpaid")),
        Err(_) => see_other(BILLING),
    }
}

/// Why nothing is known to be paid.
enum Untold {
    Unpaid,
    /// The gateway has it, but not in the end.
    Later,
    Unavailable,
    Fault(domain::Fault),
}

async fn tell(visitor: &Visitor, account: &AccountId, (what, told): (What, &Outcome)) -> Result<(), Untold> {
    let (authority, ctx) = (&visitor.state.authority, &visitor.ctx);
    let payment = told.razorpay_payment_id.as_str();
    let signature = told.razorpay_signature.as_str();
    if payment.is_empty() {
        return Err(Untold::Unpaid);
    }
    match what {
        What::TopUp => {
            let order = told.razorpay_order_id.as_str();
            let told = Confirmation {
                order,
                payment,
                signature,
            };
            authority.confirm_payment(ctx, account, told).await?;
        }
        What::Autopay => {
            authority
                .activate_autopay(ctx, account, (payment, signature))
                .await?;
        }
        What::Plan => {
            let id = told.razorpay_subscription_id.as_str();
            authority
                .confirm_subscription(ctx, account, (id, payment, signature))
                .await?;
        }
    }
    Ok(())
}

impl From<ConfirmError> for Untold {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::NotFound | ConfirmError::Forged | ConfirmError::Mismatch => Self::Unpaid,
            ConfirmError::NotCaptured => Self::Later,
            ConfirmError::Unavailable(_) => Self::Unavailable,
            ConfirmError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<AutopayError> for Untold {
    fn from(error: AutopayError) -> Self {
        match error {
            AutopayError::Terms(_)
            | AutopayError::LowBalance
            | AutopayError::Exists
            | AutopayError::NotFound
            | AutopayError::NotNow(_)
            | AutopayError::Forged => Self::Unpaid,
            AutopayError::NotCaptured => Self::Later,
            AutopayError::Unavailable(_) => Self::Unavailable,
            AutopayError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<SubscriptionError> for Untold {
    fn from(error: SubscriptionError) -> Self {
        match error {
            SubscriptionError::NoSuchPlan
            | SubscriptionError::FreePlan
            | SubscriptionError::Quantity { .. }
            | SubscriptionError::Exists { .. }
            | SubscriptionError::NotFound
            | SubscriptionError::NotNow(_)
            | SubscriptionError::Forged => Self::Unpaid,
            SubscriptionError::Unavailable(_) => Self::Unavailable,
            SubscriptionError::Fault(fault) => Self::Fault(fault),
        }
    }
}
