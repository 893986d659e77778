//! Rebuilds the crate when a migration is added or removed, because they are embedded at compile time.
//! Reads nothing itself.

use std::io::{Result, Write};

fn main() -> Result<()> {
    writeln!(std::io::stdout(), "cargo::rerun-if-changed=../../migrations")
}
