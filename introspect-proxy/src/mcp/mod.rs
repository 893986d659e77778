//! Model Context Protocol: which tools a request calls, which scopes those need, and which an answer lists.
//! It refuses to guess: a message that two programs could read in two ways calls nothing, it is turned away.

mod call;
mod list;
mod rules;

pub use call::{Asked, MAX_BYTES, Unreadable, read_call};
pub use list::{Framing, ToolLists, Unlistable};
pub use rules::ToolRules;
