//! What leaves the server: the adapters behind the domain's ports.
//! Decides nothing; it says what it is told, in the brand's looks.

pub mod federation;
pub mod github_app;
mod leak_reporters;
pub mod mail;

pub use leak_reporters::LeakReporters;
