//! Signing keys: made, published, rotated, retired.
//! Refuses to keep a private key in the clear anywhere but in the memory of a running server.

mod lifecycle;
mod remove;
mod ring;
mod rotate;

pub use ring::{KeyRing, RingSnapshot};
pub use rotate::{Rotation, RotationStart};
