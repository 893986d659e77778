//! The HTML a person sees: pure views over values, one struct and one template for each page.
//! Decides nothing and reads nothing: handlers fill a view, [`respond`] turns it into a response with its headers.

pub mod asset;
pub mod brand;
pub mod client;
pub mod colour;
pub mod layout;
pub mod link;
pub mod nonce;
pub mod respond;
pub mod security_headers;
pub mod view;

pub use brand::{Brand, BrandError};
pub use client::ClientCard;
pub use layout::Layout;
pub use link::WebLink;
pub use nonce::Nonce;
pub use respond::{Page, respond};
