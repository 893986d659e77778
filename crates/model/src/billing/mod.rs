//! Money: amounts, the ledger that remembers them, and what they buy.
//! Refuses fractions: an amount is a whole number of minor units, and never without its currency.

mod ledger;
mod money;
mod refund;
mod topup;

pub use ledger::{
    LedgerAccount, LedgerAccountError, Movement, MovementId, MovementKind, MovementKindTag, Transfer, Wallet,
};
pub use money::{Currency, CurrencyError, MOST, Money, MoneyError};
pub use refund::{PaymentRefund, RefundId, RefundState};
pub use topup::{OrderPurpose, OrderState, OrderStep, PaymentOrder, PaymentOrderId};
