//! Who may do what within an account: users, groups, policies, and the one place where it is decided.
//! Refuses to act on anything of an account without a [`Permit`].

mod arn;
mod attach;
mod authorize;
mod change;
mod context;
mod create_group;
mod create_policy;
mod create_user;
mod decide;
mod delete_group;
mod delete_policy;
mod delete_user;
mod erase;
mod error;
mod export;
mod find;
mod groups;
mod limits;
mod members;
mod narrowing;
mod policies;
mod principal;
mod reach;
mod roles;
mod rule;
mod set_password;
mod simulate;
mod subject;
mod unreadable;
mod users;
mod wish;

pub use attach::{Attachment, Whom};
pub use authorize::{Denial, Permit, PermitError};
pub use create_policy::NewPolicy;
pub use create_user::NewIamUser;
pub use decide::{MatchedStatement, Question, Verdict};
pub use error::{IamError, Named};
pub use groups::Listed;
pub use limits::{Counted, IamSettings};
pub use policies::Policy;
pub use reach::{ADMINISTRATOR_ACCESS, Beyond};
pub use rule::{Ruling, RulingReason};
pub use set_password::PasswordChange;
pub use simulate::{Simulated, Simulation};
pub use unreadable::unreadable_policies;
pub use users::UserCard;
pub use wish::{Wish, WishError};

pub(crate) use erase::erase_iam_of_root;
pub(crate) use subject::KnownSubjects;
