//! V01: the published test vectors, as they come with the `aws-sigv4` crate (Apache-2.0) that the lock file pins.
//! Refuses to keep a copy: they are read from where Cargo has put that crate.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use sigv4::{PathForm, Presented, Refusal, Request, Rules};

/// Adds a token beside what was signed, which only services with temporary credentials take.
const UNSIGNED_TOKEN: &str = "post-sts-header-after";

#[test]
fn the_published_vectors_are_verified() {
    let mut seen = 0;
    for folder in folders() {
        let Ok(context) = std::fs::read_to_string(folder.join("context.json")) else {
            continue;
        };
        let vector = Vector::new(&folder, serde_json::from_str(&context).unwrap());
        for form in ["header", "query"] {
            let verdict = vector.verdict(form);
            if folder.ends_with(UNSIGNED_TOKEN) && form == "header" {
                let unsigned = Refusal::HeaderNotSigned("x-amz-security-token".into());
                assert_eq!(verdict, Err(unsigned));
            } else if folder.ends_with(UNSIGNED_TOKEN) {
                assert_eq!(verdict, Err(Refusal::Mismatch));
            } else {
                assert_eq!(verdict, Ok(()), "{} {form}", folder.display());
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 76);
}

/// Two older ones, without a context: paths that are encoded twice.
#[test]
fn the_published_vectors_of_double_encoding_have_our_string_to_sign() {
    let folder = suite().join("double-url-encode");
    let raw = std::fs::read_to_string(folder.join("header-signed-request.txt")).unwrap();
    let rules = Rules {
        region: "us-east-2",
        service: "lambda",
        ..rules(PathForm::Normalised)
    };
    let presented = parsed(&raw, |request| Presented::parse(request, &rules)).unwrap();
    let expected = std::fs::read_to_string(folder.join("header-string-to-sign.txt")).unwrap();
    assert_eq!(presented.string_to_sign(), expected.trim_end());
}

struct Vector<'a> {
    folder: &'a Path,
    context: Value,
}

impl<'a> Vector<'a> {
    fn new(folder: &'a Path, context: Value) -> Self {
        Self { folder, context }
    }

    fn verdict(&self, form: &str) -> Result<(), Refusal> {
        let file = self.folder.join(format!("{form}-signed-request.txt"));
        let raw = std::fs::read_to_string(file).unwrap();
        let normalises = self.context["normalize"].as_bool().unwrap();
        let rules = rules(if normalises {
            PathForm::Normalised
        } else {
            PathForm::AsSent
        });
        let secret = self.context["credentials"]["secret_access_key"].as_str().unwrap();
        let presented = parsed(&raw, |request| Presented::parse(request, &rules))?;
        presented.verify(secret.as_bytes(), 1_440_938_160).map(drop)
    }
}

fn rules(path: PathForm) -> Rules<'static> {
    Rules {
        region: "us-east-1",
        service: "service",
        skew: Duration::from_secs(300),
        longest_presigned: Duration::from_secs(3600),
        path,
    }
}

/// A request as a text: request line, headers, an empty line, the body.
fn parsed<T>(raw: &str, read: impl FnOnce(Request<'_>) -> T) -> T {
    let (head, body) = raw.split_once("\n\n").unwrap_or((raw, ""));
    let mut lines = head.split('\n').filter(|line| !line.is_empty());
    let line = lines.next().unwrap();
    let line = line.strip_suffix(" HTTP/1.1").unwrap_or(line);
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target
        .split_once('?')
        .map_or((target, None), |(path, query)| (path, Some(query)));
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        match (line.starts_with(' '), headers.last_mut()) {
            (true, Some((_, value))) => value.push_str(&format!("\n{line}")),
            _ => {
                let (name, value) = line.split_once(':').unwrap();
                headers.push((name.into(), value.trim_start_matches(' ').into()));
            }
        }
    }
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    read(Request {
        method,
        path,
        query,
        headers: &headers,
        body: body.as_bytes(),
    })
}

fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(suite()).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Where the sources of `aws-sigv4` are.
fn suite() -> PathBuf {
    let compiler = output(Command::new("rustc").arg("-vV"));
    let host = compiler
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let said = output(Command::new(cargo).args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ]));
    let said: Value = serde_json::from_str(&said).unwrap();
    let packages = said["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|package| package["name"] == "aws-sigv4")
        .unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    manifest.with_file_name("aws-signing-test-suite").join("v4")
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
