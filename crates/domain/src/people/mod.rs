//! People: how they get an account, sign in, stay signed in and leave.
//! Refuses to know pages and protocols: a sign-in is a session, whatever asked for it.

pub mod account;
pub mod log_in;
pub mod password;
pub mod register;
pub mod session;
pub mod setup;
pub mod throttle;
pub mod users;

mod activity;
mod start;

pub use account::{AccountForm, AccountProblems, EmailProblem, NameProblem, UsernameProblem};
pub use activity::SessionActivity;
pub use log_in::{LogIn, LoginError};
pub use register::RegisterError;
pub use setup::SetupError;
pub use start::SignedIn;
pub use users::CreateUserError;
