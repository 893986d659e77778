//! What recurs: mandates and what is collected by them, subscriptions, and what people are told about both.
//! Refuses to move money: the ledger moves when the gateway vouches for a payment.

mod activate;
mod autopay_error;
mod change_autopay;
mod collect;
mod customer;
mod end;
mod event;
mod export;
mod hear;
mod letters;
mod look_after;
mod request;
mod running_low;
mod set_up;
mod settings;
mod subscribe;
mod subscription_command;
mod subscription_error;
mod subscriptions;
mod tries;

pub use autopay_error::AutopayError;
pub use change_autopay::{AutopayChange, Wanted};
pub use letters::BillingNews;
pub use set_up::Autopay;
pub use settings::RecurringSettings;
pub use subscription_command::SubscriptionWish;
pub use subscription_error::SubscriptionError;
