//! Money: amounts, the ledger that remembers them, and what they buy.
//! Refuses fractions: an amount is a whole number of minor units, and never without its currency.

mod ledger;
mod money;
mod overview;

pub use ledger::{
    LedgerAccount, LedgerAccountError, LedgerEntry, Movement, MovementId, MovementKind, MovementKindTag,
    Transfer, Wallet,
};
pub use money::{Currency, CurrencyError, MOST, Money, MoneyError};
pub use overview::{DaySums, MonthSums, Overview};
