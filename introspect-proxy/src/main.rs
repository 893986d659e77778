//! The program `introspect-proxy`.
//! It refuses to hold any logic: see the library.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    introspect_proxy::install_crypto();
    introspect_proxy::cli::run(&mut std::io::stdout().lock(), &mut std::io::stderr())
}
