//! The data folder and the master key file: there, writable, and private.
//! Looks at modes only; no content is read.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::Finding;
use crate::config::Config;

/// Where `serve` keeps the master key that it makes itself.
const GENERATED_KEY: &str = "master.keys";

pub(super) fn data_dir(config: &Config) -> Vec<Finding> {
    let path = &config.server.data_dir;
    let shown = path.display();
    let Ok(found) = fs::metadata(path) else {
        return vec![Finding::Fine(format!(
            "{shown} will be created at the first start"
        ))];
    };
    if !found.is_dir() {
        return vec![Finding::wrong(
            format!("{shown} is not a folder"),
            "Remove it or change server.data_dir.",
        )];
    }
    let mut findings = Vec::new();
    if found.permissions().mode() & 0o007 != 0 {
        findings.push(Finding::doubtful(
            format!("{shown} is open to other users"),
            format!("Run: chmod o-rwx {shown}"),
        ));
    }
    match tempfile_in(path) {
        Ok(()) => findings.push(Finding::Fine(format!("{shown} is writable"))),
        Err(error) => findings.push(Finding::wrong(
            format!("{shown} is not writable: {error}"),
            "Give it to the user that the server runs as.",
        )),
    }
    findings
}

/// Makes a file and removes it again: permissions, quotas and read-only mounts all show here.
fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)
}

pub(super) fn master_keys(config: &Config) -> Vec<Finding> {
    let keys = &config.keys;
    // A configured file was already checked with the configuration.
    if !keys.master_keys.is_empty() {
        return vec![Finding::Fine(format!("{} configured", keys.master_keys.len()))];
    }
    let path = config.server.data_dir.join(GENERATED_KEY);
    match fs::metadata(&path) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => vec![Finding::wrong(
            format!("{} can be read by other users", path.display()),
            format!("Run: chmod 600 {}", path.display()),
        )],
        Ok(_) => vec![Finding::Fine(format!(
            "{} is private; keep a copy of it in a safe place",
            path.display()
        ))],
        Err(_) => vec![Finding::Fine("one will be made at the first start".to_owned())],
    }
}
