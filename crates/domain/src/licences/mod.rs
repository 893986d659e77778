//! Plans at work: which one an account has, what it may use by it, what it has used, and what that costs.
//! Refuses to let a licence outlast its end, and to count a use twice.

mod administer;
mod bind;
mod entitlement;
mod held;
mod history;
mod limit;
mod rate;
mod report;
mod reporter;
mod tell_ended;
mod usage;

pub use administer::{LicenceError, NewLicence};
pub use entitlement::Allowance;
pub use held::Held;
pub use limit::Exceeded;
pub use report::{Counted, MOST_QUANTITY, MOST_REPORTS, Refused, ReportError, Taken, UsageReport, Wrong};
pub use reporter::Reporter;
pub use usage::Use;
