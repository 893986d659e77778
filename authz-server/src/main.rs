//! The `authz-server` program.
//! Does nothing but hand the process's surroundings to the command line.

use std::{io, process::ExitCode};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Two TLS libraries may be linked in; rustls must be told which cryptography to use before anything else.
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        return ExitCode::FAILURE;
    }
    authz_server::cli::run(
        std::env::args_os(),
        std::env::vars(),
        &mut io::stdout(),
        &mut io::stderr(),
    )
}
