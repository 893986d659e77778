//! Files that the configuration points to.
//! Refuses secret files that other users could read (A07), and files too large to be what they claim.

use std::{fs, io, io::Read as _, os::unix::fs::PermissionsExt as _, path::Path};

use super::{Problems, Secret};

const MOST_BYTES: u64 = 64 * 1024;

/// Reads a secret from a file, without the line end that editors add.
pub(super) fn read_secret(path: &Path, key: &str, problems: &mut Problems) -> Option<Secret> {
    check_private(path, key, problems).then_some(())?;
    let text = read(path, key, problems)?;
    let secret = text.trim_end_matches(['\n', '\r']);
    problems.add_if(secret.is_empty(), key, "the file is empty");
    (!secret.is_empty()).then(|| Secret::new(secret.to_owned()))
}

/// Reads a file of modest size as text.
pub(super) fn read(path: &Path, key: &str, problems: &mut Problems) -> Option<String> {
    match read_bounded(path) {
        Ok(text) => Some(text),
        Err(error) => {
            problems.add(key, format!("cannot read {}: {error}", path.display()));
            None
        }
    }
}

/// Reads a file of modest size as JSON.
pub(super) fn read_json(path: &Path, key: &str, problems: &mut Problems) -> Option<serde_json::Value> {
    let text = read(path, key, problems)?;
    let read = serde_json::from_str(&text);
    read.map_err(|error| problems.add(key, format!("{} is no JSON: {error}", path.display())))
        .ok()
}

fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?
        .take(MOST_BYTES + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::other("it is larger than 64 KiB"));
    }
    Ok(text)
}

/// Reports a file that is missing or that other users could read.
pub(super) fn check_private(path: &Path, key: &str, problems: &mut Problems) -> bool {
    match fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o007 != 0 => {
            let reason = format!(
                "{0} can be read by other users; run: chmod o-rwx {0}",
                path.display()
            );
            problems.add(key, reason);
            false
        }
        Ok(_) => true,
        Err(error) => {
            problems.add(key, format!("cannot read {}: {error}", path.display()));
            false
        }
    }
}

/// Reports a file that is not there.
pub(super) fn check_present(path: &Path, key: &str, problems: &mut Problems) {
    if let Err(error) = fs::metadata(path) {
        problems.add(key, format!("cannot read {}: {error}", path.display()));
    }
}
