//! What both programs say to whoever runs them: what is wrong with a configuration, and whether each command has help.
//! Refuses to quote values of the wrong type or lines that are no TOML, which may be secret; knows neither program.

mod file;
pub mod help;
mod place;
mod shape;
mod words;

pub use file::{NoToml, table};
pub use place::label;
pub use shape::{Wrong, read};
pub use words::nearest;
