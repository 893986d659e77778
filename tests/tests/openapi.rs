//! The published description against the running server, by a tester that we did not write: schemathesis from PyPI.
//! It may find no fault of the server and no answer that is not described.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::path::Path;

use serde_json::{Value, json};
use tests::demo::PASSWORD;
use tests::server::{Server, Setup};
use tokio::process::Command;

/// Room for thousands of requests a minute, and the cheapest passwords that are allowed.
const SECTIONS: &str = r#"
[passwords]
memory_kib = 7168
passes = 5

[limits]
v1 = "10000/s"
v1_authentication = "10000/s"
v1_admin = "10000/s"
console_authentication = "10000/s"
authentication = "10000/s"
standard = "10000/s"

[billing]
gateway = "sandbox"
"#;

const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// What would end the very session that the tester is given, or suspend its account; without one all of them are tried.
const ENDING: [(&str, &str); 8] = [
    ("tokens_logout", "ends the session"),
    ("console_logout", "ends the session"),
    ("v1_logout", "ends the session"),
    ("v1_end_sessions", "ends all sessions"),
    ("v1_end_session", "the tester learns the session's id and ends it"),
    ("console_request_deletion", "suspends the account"),
    ("v1_delete_me", "suspends the account"),
    (
        "console_cancel_deletion",
        "belongs to a deletion, which is not tried",
    ),
];

async fn server() -> Server {
    Server::start(Setup::sqlite().with(SECTIONS)).await.unwrap()
}

/// An administrator's access token.
async fn token(server: &Server) -> String {
    let made = ["users", "create", "--email", "root@example.org", "--admin"];
    let said = server.run(&made).unwrap();
    let password = said.split_whitespace().last().unwrap_or(PASSWORD).to_owned();
    let credentials = json!({"email": "root@example.org", "password": password});
    let reply = reqwest::Client::new()
        .post(server.url("/v1/auth/login"))
        .header("content-type", "application/json")
        .body(credentials.to_string());
    let reply = reply.send().await.unwrap().text().await.unwrap();
    let body: Value = serde_json::from_str(&reply).unwrap();
    body["token"]
        .as_str()
        .unwrap_or_else(|| panic!("{reply}"))
        .to_owned()
}

/// A bounded run that is the same each time. It has one worker: CPython 3.11's parser, which the tester's strategies go
/// through, fails now and then when two threads are in it.
async fn finds_nothing(server: &Server, more: &[String]) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/python/bin/st");
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(program.canonicalize().unwrap())
        .arg("run")
        .arg(server.url("/openapi.json"))
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "5", "--seed", "1", "--workers", "1"])
        .args(["--generation-database", "none", "--max-redirects", "0"])
        .args(["--suppress-health-check", "all", "--request-timeout", "20"])
        .args(["--continue-on-failure", "--no-color", "--warnings", "off"])
        .args(more)
        .current_dir(folder.path())
        .kill_on_drop(true)
        .output();
    let run = run.await.unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert!(said.contains("Tested:"), "{said}");
}

#[tokio::test]
async fn strangers_get_described_answers_only() {
    let server = server().await;
    finds_nothing(&server, &[]).await;
}

#[tokio::test]
async fn whoever_is_signed_in_gets_described_answers_only() {
    let server = server().await;
    let token = token(&server).await;
    let mut more = vec!["--header".to_owned(), format!("Authorization: Bearer {token}")];
    for (operation, _) in ENDING {
        more.extend(["--exclude-operation-id".to_owned(), operation.to_owned()]);
    }
    finds_nothing(&server, &more).await;
    // It was signed in to the end, so the answers were to somebody.
    let me = reqwest::Client::new()
        .get(server.url("/auth/me"))
        .bearer_auth(token);
    assert_eq!(me.send().await.unwrap().status(), 200);
}
