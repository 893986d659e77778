//! Mandates, collections, subscriptions, and what people are told of them.

mod autopay;
mod collections;
mod double;
mod endings;
mod letters;
mod subscriptions;
mod till;
mod tokens;
