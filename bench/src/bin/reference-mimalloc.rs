//! The bare pingora of the benchmark with the allocator that `introspect-proxy` has, and nothing else changed.
//! It refuses every other reference.

#[path = "../reference/mod.rs"]
mod reference;

use anyhow::{Context, Result};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(2);
    let kind = arguments.next().context("which reference?")?;
    reference::run(&kind, arguments.next())
}
