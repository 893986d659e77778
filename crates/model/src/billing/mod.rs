//! Money: amounts, the ledger that remembers them, and what they buy.
//! Refuses fractions: an amount is a whole number of minor units, and never without its currency.

pub mod entitlement;
mod ledger;
mod licence;
mod money;
mod month;
pub mod plan;

pub use entitlement::{Entitlement, Reason};
pub use ledger::{
    LedgerAccount, LedgerAccountError, Movement, MovementId, MovementKind, MovementKindTag, Transfer, Wallet,
};
pub use licence::{Binding, Licence, LicenceId, LicenceKind, LicenceSource, LicenceStatus};
pub use money::{Currency, CurrencyError, MOST, Money, MoneyError};
pub use month::{Month, day};
pub use plan::{Feature, Plan, PlanPeriod, Plans, Price, Prices};
