//! Tells whoever started the program where it listens.
//! The file appears at once and complete, never half-written.

use std::{fmt::Write as _, fs, io, net::SocketAddr, path::Path};

/// Writes one `name=address` line per listener.
pub fn write_port_file(path: &Path, listeners: &[(&str, SocketAddr)]) -> io::Result<()> {
    let mut text = String::new();
    for (name, address) in listeners {
        _ = writeln!(text, "{name}={address}");
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    fs::write(&partial, text)?;
    fs::rename(&partial, path)
}
