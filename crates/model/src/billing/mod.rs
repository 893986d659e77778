//! Money: amounts, the ledger that remembers them, and what they buy.
//! Refuses fractions: an amount is a whole number of minor units, and never without its currency.

pub mod collection;
pub mod entitlement;
mod ledger;
mod licence;
pub mod mandate;
mod money;
mod month;
mod overview;
pub mod plan;
pub mod proof;
mod refund;
pub mod seal;
pub mod subscription;
pub mod tax;
mod topup;

pub use collection::{Collection, CollectionId, CollectionState};
pub use entitlement::{Entitlement, Reason};
pub use ledger::{
    LedgerAccount, LedgerAccountError, LedgerEntry, Movement, MovementId, MovementKind, MovementKindTag,
    Transfer, Wallet,
};
pub use licence::{Binding, Licence, LicenceId, LicenceKind, LicenceSource, LicenceStatus};
pub use mandate::{Mandate, MandateEvent, MandateId, MandateStatus, MandateTerms};
pub use money::{Currency, CurrencyError, MOST, Money, MoneyError};
pub use month::{Month, day};
pub use overview::{DaySums, MonthSums, Overview};
pub use plan::{Feature, Plan, PlanPeriod, Plans, Price, Prices};
pub use refund::{PaymentRefund, RefundId, RefundState};
pub use subscription::{Subscription, SubscriptionCommand, SubscriptionStatus};
pub use topup::{OrderPurpose, OrderState, OrderStep, PaymentOrder, PaymentOrderId};
