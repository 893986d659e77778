//! The curl commands that the documents print, run by the real curl.
//! Nothing of them is changed but the host and what a reader must fill in: tokens, ids, keys, addresses and passwords.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::http::Http;
use crate::shape::fits;
use crate::trouble::{Outcome, Trouble, given, wrong};

/// The commands of all documents, each after a line `# DOCUMENT METHOD PATH`.
const COMMANDS: &str = include_str!("curl/commands.txt");
/// Printed behind the body.
const MARK: &str = "\nstatus:";

/// The command of an operation as its document prints it.
pub fn printed(document: &str, operation: &str) -> Option<&'static str> {
    let wanted = format!("{document} {operation}");
    let mut sections = COMMANDS.split("# ").skip(1);
    sections.find_map(|section| {
        let (title, command) = section.split_once('\n')?;
        (title == wanted).then(|| command.trim())
    })
}

/// Runs the command of an operation and checks its answer. `filled` says what stands for what.
///
/// # Errors
/// `NotTried` without curl or command; a failure when the answer is another.
pub async fn run(
    http: &Http,
    (document, operation): (&str, &str),
    filled: &[(&str, &str)],
    (status, shape): (u16, &Value),
) -> Outcome<Value> {
    let Some(printed) = printed(document, operation) else {
        return Err(Trouble::NotTried("needs the printed command".to_owned()));
    };
    let command = fill(printed, http, filled);
    let output = given(execute(&command).await, "curl")?;
    let (body, got) = output.rsplit_once(MARK).unwrap_or((&output, "none"));
    let shown = crate::trouble::shorten(printed);
    let unlike = |expected: &str| wrong(&shown, expected, &output);
    if got != status.to_string() {
        return Err(unlike(&format!("status {status}")));
    }
    let value = serde_json::from_str(body).map_err(|_| unlike("a JSON body"))?;
    fits(shape, &value).map_err(|reason| unlike(&format!("{shape}\n{reason}")))?;
    Ok(value)
}

fn fill(printed: &str, http: &Http, filled: &[(&str, &str)]) -> String {
    let mut command = printed.to_owned();
    for host in hosts(printed) {
        command = command.replace(&host, &http.url(""));
    }
    for (blank, value) in filled {
        command = command.replace(blank, value);
    }
    command.replacen(
        "curl ",
        &format!("curl -sS --noproxy '*' -w '{}%{{http_code}}' ", "\\nstatus:"),
        1,
    )
}

/// `https://HOST` of every address in it.
fn hosts(printed: &str) -> Vec<String> {
    let starts = printed.match_indices("https://");
    let ends = |start: usize| {
        let rest = printed.get(start + 8..).unwrap_or_default();
        rest.find(['/', ' ', '"', '\'']).map(|length| {
            printed
                .get(start..start + 8 + length)
                .unwrap_or_default()
                .to_owned()
        })
    };
    starts.filter_map(|(start, _)| ends(start)).collect()
}

async fn execute(command: &str) -> Outcome<String> {
    let ran = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .output()
        .await;
    let output = ran.map_err(|error| Trouble::NotTried(error.to_string()))?;
    match output.status.code() {
        Some(127) => Err(Trouble::NotTried("needs the program curl".to_owned())),
        _ => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printed_command_belongs_to_an_operation() {
        let operations = crate::documents::operations();
        let titles = COMMANDS.split("# ").skip(1);
        let mut count = 0;
        for title in titles.filter_map(|section| section.lines().next()) {
            let known = operations
                .iter()
                .any(|row| title == format!("{} {}", row.document, row.name()));
            assert!(known, "{title}");
            count += 1;
        }
        assert_eq!(count, 15);
    }

    #[test]
    fn host_and_blanks_are_filled_in() {
        let http = Http::new("http://127.0.0.1:1", false).unwrap();
        let printed = printed("002", "GET /v1/auth/me").unwrap();
        let command = fill(printed, &http, &[("YOUR_TOKEN", "abc")]);
        assert!(command.contains("http://127.0.0.1:1/v1/auth/me"), "{command}");
        assert!(command.contains("Bearer abc"), "{command}");
    }
}
