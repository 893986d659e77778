//! The running server as administrators see it: how much there is, what waits, what is wrong.
//! Refuses to change anything.

mod audit;
mod figures;
mod proxies;

pub use audit::{AuditPage, Wanted};
pub use figures::{Backlog, Figures, MOST_COUNTED};
pub(crate) use proxies::ProxiesSeen;
pub use proxies::{FORGOTTEN, MOST_BEHIND, PollSigns, ProxyStanding, SeenProxy};
