//! A sandbox that speaks Razorpay's REST shapes on its own listener, signs webhooks, and fails on demand.
//! Moves no money and asks for no card: for demonstrations and tests, never for the public.

mod api;
mod bounded;
mod call;
mod checkout;
mod clock;
mod control;
mod courier;
mod dice;
mod fault;
mod fields;
mod front;
mod keeper;
mod notes;
mod outcome;
mod page;
mod post;
mod problem;
mod sandbox;
mod server;
mod settings;
mod shared;
mod signature;
mod state;
mod steer;
mod verdict;
mod world;

pub use control::{Control, Refused};
pub use fault::{Failure, When};
pub use outcome::{Decline, Outcome};
pub use post::Event;
pub use sandbox::{Running, Sandbox, StartError};
pub use settings::{Behaviour, Settings, Webhooks};
pub use shared::Seen;
