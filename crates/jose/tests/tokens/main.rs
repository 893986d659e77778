//! The crate through its public door: keys, sets and tokens, honest and forged.
//! Holds no test itself.

mod forge;
mod round_trip;
