//! The link that makes the first administrator.
//! Refuses to be logged: it is printed once, to the terminal that started the server.

use std::io::{self, Write as _};

use domain::{Authority, Fault};

use super::authority::own_ctx;

/// Prints a fresh link while there is no administrator.
///
/// # Errors
/// Storage.
pub async fn offer(authority: &Authority) -> Result<(), Fault> {
    if let Some(secret) = authority.offer_setup(&own_ctx(authority)).await? {
        let issuer = &authority.settings.issuer;
        // Standard error that can't be written to must not keep the server from starting.
        _ = writeln!(
            io::stderr(),
            "\nThere is no administrator yet. Open this link within 24 hours to make the first one:\n\n    {issuer}/setup?token={}\n",
            secret.expose()
        );
    }
    Ok(())
}
