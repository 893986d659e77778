//! Model Context Protocol: which tools a request calls, and which scopes those need.
//! It refuses to guess: a message that two programs could read in two ways calls nothing, it is turned away.

mod call;
mod rules;

pub use call::{MAX_BYTES, Unreadable, called_tools};
pub use rules::ToolRules;
