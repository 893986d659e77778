//! The calls that change something at the gateway, and who makes them when.

use domain::billing::{RefundWish, SubscriptionError, SubscriptionWish};
use http::Method;
use model::audit::Actor;
use razorpay_sandbox::{Decline, Outcome};
use serde_json::{Value, json};

use super::weather::{Weather, latest};
use crate::autopay::{active, add, wish};
use crate::counter::Counter;
use crate::reconciliation::{by_hand, remember_by_hand};
use crate::subscriptions;

const AUTOPAY: &str = "/auth/billing/autopay";
const SUBSCRIPTION: &str = "/auth/billing/subscription";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scene {
    Order,
    Customer,
    Mandate,
    Collection,
    Decline,
    Capture,
    Refund,
    FailedRefund,
    Plan,
    Subscribe,
    Change,
    ChangeLater,
    TakeBack,
    Pause,
    Resume,
    Cancel,
    CancelLater,
    CancelPaused,
    EndToken,
}

impl Scene {
    pub const fn route(self) -> &'static str {
        match self {
            Self::Order | Self::Mandate => "POST /v1/orders",
            Self::Customer => "POST /v1/customers",
            Self::Collection | Self::Decline => "POST /v1/payments/create/recurring",
            Self::Capture => "POST /v1/payments/:id/capture",
            Self::Refund | Self::FailedRefund => "POST /v1/payments/:id/refund",
            Self::Plan => "POST /v1/plans",
            Self::Subscribe => "POST /v1/subscriptions",
            Self::Change | Self::ChangeLater => "PATCH /v1/subscriptions/:id",
            Self::TakeBack => "POST /v1/subscriptions/:id/cancel_scheduled_changes",
            Self::Pause => "POST /v1/subscriptions/:id/pause",
            Self::Resume => "POST /v1/subscriptions/:id/resume",
            Self::Cancel | Self::CancelLater | Self::CancelPaused => "POST /v1/subscriptions/:id/cancel",
            Self::EndToken => "DELETE /v1/customers/:id/tokens/:id",
        }
    }

    /// How often more the route is called because the first call may not have been heard: what is made once more then costs
    /// nothing, is the same, or is never paid.
    pub const fn repeats(self, weather: Weather) -> usize {
        match (self, weather) {
            (Self::Customer | Self::Plan | Self::EndToken, Weather::Unanswered | Weather::Silent)
            | (Self::Order | Self::Mandate | Self::Subscribe, Weather::Silent) => 1,
            _ => 0,
        }
    }

    /// Everything up to the call; what it is about.
    pub async fn stage(self) -> (Counter, String) {
        let counter = match self {
            Self::Collection | Self::Decline | Self::EndToken => active().await,
            Self::Change
            | Self::ChangeLater
            | Self::TakeBack
            | Self::Pause
            | Self::Resume
            | Self::Cancel
            | Self::CancelLater
            | Self::CancelPaused => return self.subscribed().await,
            _ => Counter::open().await,
        };
        let subject = match self {
            Self::Capture => authorize(&counter).await,
            Self::Refund | Self::FailedRefund => pay(&counter).await,
            _ => String::new(),
        };
        if self == Self::FailedRefund {
            counter.bank.fail_refunds(1);
        }
        if self == Self::Decline {
            let declined = Outcome::Failure(Decline::default());
            counter.bank.next_charges(None, declined, 1);
        }
        (counter, subject)
    }

    async fn subscribed(self) -> (Counter, String) {
        let (counter, id) = subscriptions::active().await;
        if matches!(self, Self::Resume | Self::CancelPaused) {
            let path = format!("{SUBSCRIPTION}/{id}/pause");
            let paused = counter.program().await.post(&path, json!({})).await;
            assert_eq!(paused.status, 200, "{}", paused.body);
            counter.settle().await;
        }
        if self == Self::TakeBack {
            let ctx = counter.app.ctx();
            let by = (&counter.account, Actor::Operator);
            let wish = SubscriptionWish::Change {
                plan: Some("team".to_owned()),
                quantity: None,
                at_period_end: true,
            };
            let authority = &counter.app.authority;
            let waits = authority.command_subscription(&ctx, by, (&id, wish)).await;
            assert_eq!(waits.unwrap().coming.unwrap().plan, "team");
        }
        (counter, id)
    }

    /// What comes of it shows with the next period.
    pub fn waits_for_its_period(self) -> bool {
        matches!(self, Self::ChangeLater | Self::TakeBack | Self::CancelLater)
    }

    /// The call, by whoever makes it; true when somebody is left without an answer.
    pub async fn act(self, counter: &Counter, subject: &str) -> bool {
        match self {
            Self::Collection | Self::Decline => {
                let before = counter.balance().await;
                add(counter, 9_000 - before).await;
                work_off(counter).await;
            }
            Self::Capture => work_off(counter).await,
            Self::Refund | Self::FailedRefund => refund(counter, subject).await,
            Self::TakeBack => {
                let ctx = counter.app.ctx();
                let by = (&counter.account, Actor::Operator);
                let wish = (subject, SubscriptionWish::TakeBack);
                let authority = &counter.app.authority;
                let kept = authority.command_subscription(&ctx, by, wish).await;
                return kept.is_err_and(|error| matches!(error, SubscriptionError::Unavailable(_)));
            }
            Self::EndToken => {
                let ended = counter.program().await.delete(AUTOPAY).await;
                assert_eq!(ended.status, 200, "{}", ended.body);
                work_off(counter).await;
            }
            _ => return self.ask(counter, subject).await == 503,
        }
        false
    }

    /// Whether its owner needs the answer to go on.
    pub const fn is_needed(self) -> bool {
        matches!(
            self,
            Self::Order | Self::Customer | Self::Mandate | Self::Plan | Self::Subscribe
        )
    }

    async fn ask(self, counter: &Counter, id: &str) -> u16 {
        let of = |verb: &str| format!("{SUBSCRIPTION}/{id}{verb}");
        let (path, body) = match self {
            Self::Order => ("/auth/billing/topup".to_owned(), json!({"amount": 5_000})),
            Self::Customer | Self::Mandate => (AUTOPAY.to_owned(), wish()),
            Self::Plan | Self::Subscribe => (SUBSCRIPTION.to_owned(), json!({"plan_id": "pro"})),
            Self::Change => (of(""), json!({"plan_id": "team", "quantity": 3})),
            Self::ChangeLater => (of(""), json!({"quantity": 3, "at_period_end": true})),
            Self::Pause => (of("/pause"), json!({})),
            Self::Resume => (of("/resume"), json!({})),
            Self::Cancel => (of("/cancel"), json!({"at_period_end": false})),
            _ => (of("/cancel"), json!({})),
        };
        let reply = counter.program().await.post(&path, body).await;
        let status = reply.status.as_u16();
        assert!([200, 201, 503].contains(&status), "{self:?} {}", reply.body);
        status
    }

    /// What somebody does who need not wait for the answer.
    pub async fn meanwhile(self, counter: &Counter) {
        if matches!(self, Self::Order | Self::Mandate) {
            let order = latest(counter, "orders").await;
            let paid = counter.bank.pay_order(&order, "card", Outcome::Success);
            paid.unwrap();
        }
    }

    /// What the owner does with what they were answered.
    pub async fn follow_up(self, counter: &Counter) {
        if self == Self::Customer {
            Self::Mandate.meanwhile(counter).await;
        }
        if matches!(self, Self::Plan | Self::Subscribe) {
            let now = counter.program().await.get(SUBSCRIPTION).await;
            let id = now.text("/id");
            let paid = counter
                .bank
                .authenticate_subscription(id, "card", Outcome::Success);
            paid.unwrap();
        }
        counter.settle().await;
    }
}

async fn work_off(counter: &Counter) {
    while counter.app.authority.run_due_jobs().await.unwrap() > 0 {}
}

/// A payment that waits to be captured by us.
async fn authorize(counter: &Counter) -> String {
    counter.bank.behave(|behaviour| behaviour.auto_capture = false);
    let made = counter
        .at_gateway(Method::POST, "/v1/orders", Some(by_hand()))
        .await;
    let order = made["id"].as_str().unwrap();
    remember_by_hand(&counter.app, (&counter.account, order)).await;
    let paid = counter.bank.pay_order(order, "card", Outcome::Success);
    counter.bank.settled().await;
    payment_of(&paid.unwrap())
}

/// A payment that is in the books.
pub async fn pay(counter: &Counter) -> String {
    let wish = json!({"amount": 5_000});
    let made = counter.program().await.post("/auth/billing/topup", wish).await;
    let order = made.text("/order_id");
    let paid = counter.bank.pay_order(order, "card", Outcome::Success);
    counter.settle().await;
    payment_of(&paid.unwrap())
}

fn payment_of(handed: &Value) -> String {
    handed["razorpay_payment_id"].as_str().unwrap().to_owned()
}

pub async fn refund(counter: &Counter, payment: &str) {
    let wish = RefundWish {
        payment: payment.to_owned(),
        amount: Some(2_000),
        reason: "asked for it".to_owned(),
        actor: Actor::Operator,
    };
    let ctx = counter.app.ctx();
    let asked = counter.app.authority.refund_payment(&ctx, wish).await;
    asked.unwrap();
}
