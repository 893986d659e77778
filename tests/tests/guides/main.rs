//! What the documents say is so: links lead somewhere, and the programs understand every configuration that is shown.
//! Starts no server: the programs only check files.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod configurations;
mod links;
mod proxy_reference;

use std::path::{Path, PathBuf};

/// Folders that are not ours, or not written by hand.
const ELSEWHERE: [&str; 6] = ["target", "node_modules", ".tools", ".git", ".demo", "screenshots"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// A document, by its path below the root.
struct Document {
    path: PathBuf,
    text: String,
}

/// Every document of the repository.
fn documents() -> Vec<Document> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let (path, name) = (entry.path(), entry.file_name());
            let is_folder = entry.file_type().unwrap().is_dir();
            if is_folder && !ELSEWHERE.iter().any(|other| name == *other) {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_owned();
                found.push(Document { path, text });
            }
        }
    }
    found
}
