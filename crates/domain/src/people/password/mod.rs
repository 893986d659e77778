//! Passwords at work: hashing on threads of its own, and the judgement of new ones.
//! Refuses to hash on the async threads or without a bound.

mod hasher;
mod policy;
mod pool;
mod workspace;

pub use hasher::{PasswordHasher, Verification};
pub use policy::{Context, PasswordProblem};
pub use pool::HashFigures;
