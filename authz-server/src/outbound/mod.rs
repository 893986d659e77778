//! What leaves the server: the adapters behind the domain's ports.
//! Decides nothing; it says what it is told, in the brand's looks.

mod client_documents;
pub mod federation;
pub mod github_app;
mod hmac_tag;
mod leak_reporters;
pub mod mail;
mod public_network;
pub mod razorpay;

pub use client_documents::DocumentFetcher;
pub use leak_reporters::LeakReporters;
