//! Who may do what within an account: users, groups, policies, and the one place where it is decided.
//! Refuses to act on anything of an account without a [`Permit`].

mod arn;
mod attach;
mod authorize;
mod change;
mod context;
mod create_group;
mod create_policy;
mod decide;
mod delete_group;
mod delete_policy;
mod error;
mod find;
mod groups;
mod limits;
mod members;
mod policies;
mod reach;
mod roles;
mod simulate;
mod subject;

pub use attach::{Attachment, Whom};
pub use authorize::{Denial, Permit, PermitError};
pub use create_policy::NewPolicy;
pub use decide::{MatchedStatement, Question, Verdict};
pub use error::{IamError, Named};
pub use groups::Listed;
pub use limits::{Counted, IamSettings};
pub use policies::Policy;
pub use reach::{ADMINISTRATOR_ACCESS, Beyond};
pub use simulate::{Simulated, Simulation};

pub(crate) use subject::KnownSubjects;
