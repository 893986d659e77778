//! The suite against servers that have nothing: what it finds there says what it can find.
//! No case may pass by accident in such numbers that an operation passes.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use clap::Parser as _;
use conformance::documents;
use conformance::options::Options;
use conformance::report::{Report, Verdict};
use conformance::world::World;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that gives everybody the same answer; its address.
async fn parrot(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 256 * 1024];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    format!("http://{address}")
}

async fn report_of(base_url: &str) -> Report {
    let options = Options::parse_from(["conformance", "--base-url", base_url]);
    let world = World::new(&options).unwrap();
    let cases = documents::run(&world, &options).await;
    Report::of(documents::operations(), &cases, &options)
}

fn with(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nX-Request-Id: req_1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_server_that_knows_nothing_passes_nothing_and_every_operation_was_asked_for() {
    let body = r#"{"error":{"code":"not_found","message":"No.","details":{}},"meta":{"requestId":"req_1"}}"#;
    let report = report_of(&parrot(with("404 Not Found", body)).await).await;
    assert_eq!(report.passed(), 0);
    assert!(!report.is_good(&[]));
    for (operation, verdict, cases) in report.verdicts() {
        assert!(cases.len() >= 2, "{} has too few cases", operation.name());
        assert_eq!(verdict, Verdict::Failed, "{}", operation.name());
    }
}

#[tokio::test]
async fn a_server_that_says_yes_to_all_passes_nothing() {
    let report = report_of(&parrot(with("200 OK", "{\"status\":\"ok\"}")).await).await;
    assert_eq!(report.passed(), 0);
}
