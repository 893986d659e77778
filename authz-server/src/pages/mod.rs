//! The HTML a person sees: pure views over values, one struct and one template for each page.
//! Decides nothing: handlers fill a view, [`respond`] turns it into a response with its headers.

mod account;
pub mod account_form;
mod admin;
pub mod asset;
mod avatar;
pub mod brand;
mod by_mail;
pub mod client;
pub mod colour;
mod confirm_email;
pub mod cookie;
pub mod csrf;
pub mod flow;
mod forgotten;
mod home;
pub mod layout;
pub mod link;
mod linked;
mod login;
pub mod mark;
pub mod nonce;
mod passkey;
mod passkeys;
pub mod posted;
mod presence;
pub mod qr;
pub mod refusal;
mod register;
pub mod respond;
mod router;
mod second_factor;
pub mod security_headers;
mod setup;
mod trusted;
mod two_step;
pub mod view;
pub mod visitor;
mod with;

pub use brand::{Brand, BrandError};
pub use client::ClientCard;
pub use layout::Layout;
pub use link::WebLink;
pub use nonce::Nonce;
pub use respond::{Page, respond};
pub use router::router;
