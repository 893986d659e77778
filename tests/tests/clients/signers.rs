//! Signers that we did not write: the aws-sigv4 crate, botocore from PyPI, and curl.
//! Each signs the exchange of an access key against the real server.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use futures::future::join_all;
use model::{Clock as _, SystemClock};
use reqwest::Client;
use serde_json::{Value, json};
use testkit::signer::{Outgoing, Signer};
use tests::demo::PASSWORD;
use tests::server::{Server, Setup};

const EXCHANGE: &str = "/auth/iam/exchange-credentials";
const KEYS: &str = "/auth/iam/users/ci/access-keys";

async fn post(server: &Server, path: &str, token: &str, body: Value) -> Value {
    let request = Client::new()
        .post(server.url(path))
        .bearer_auth(token)
        .json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

/// The token of an account's root user.
async fn root(server: &Server) -> String {
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let request = Client::new().post(server.url("/auth/register")).json(&body);
    let ada: Value = request.send().await.unwrap().json().await.unwrap();
    ada["access_token"].as_str().unwrap().to_owned()
}

/// An access key of an IAM user.
async fn key(server: &Server) -> Signer {
    let token = root(server).await;
    post(server, "/auth/iam/users", &token, json!({"username": "ci"})).await;
    let made = post(server, KEYS, &token, json!({})).await;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    Signer::new(&text("access_key_id"), &text("secret_access_key"))
}

async fn send(server: &Server, request: &Outgoing) -> (u16, Value) {
    let mut sent = Client::new()
        .post(server.url(&request.target))
        .body(request.body.clone());
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let answer = sent.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn host(server: &Server) -> String {
    server.address().to_string()
}

#[tokio::test]
async fn the_aws_sigv4_crate_signs_and_presigns() {
    for setup in [Setup::sqlite(), Setup::postgres()] {
        let server = Server::start(setup).await.unwrap();
        let key = key(&server).await;
        let request = Outgoing::post(&host(&server), EXCHANGE, r#"{"duration_seconds":300}"#);
        let (status, said) = send(&server, &key.sign(request, SystemClock.now())).await;
        assert_eq!((status, &said["expires_in"]), (200, &json!(300)), "{said}");
        let request = Outgoing::post(&host(&server), EXCHANGE, "");
        let presigned = key.presign(request, SystemClock.now(), Duration::from_secs(60));
        assert_eq!(send(&server, &presigned).await.0, 200);
        let (status, said) = send(&server, &presigned).await;
        assert_eq!((status, &said["error"]["code"]), (401, &json!("signature_used")));
    }
}

#[tokio::test]
async fn botocore_signs_and_presigns() {
    let server = Server::start(Setup::sqlite()).await.unwrap();
    let key = key(&server).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let run = Command::new(root.join(".tools/python/bin/python"))
        .arg(root.join("conformance/clients/python/botocore_client.py"))
        .env("ISSUER", server.issuer())
        .env("ACCESS_KEY_ID", &key.id)
        .env("SECRET_ACCESS_KEY", &key.secret)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
}

#[tokio::test]
async fn curl_signs() {
    let server = Server::start(Setup::sqlite()).await.unwrap();
    let key = key(&server).await;
    for body in ["", r#"{"duration_seconds":300}"#] {
        let run = Command::new("curl")
            .args(["--silent", "--show-error", "--noproxy", "*", "--request", "POST"])
            .args(["--aws-sigv4", "aws:amz:us-east-1:iam"])
            .args(["--user", &format!("{}:{}", key.id, key.secret)])
            .args(["--data", body, &server.url(EXCHANGE)])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        let answer: Value = serde_json::from_str(&said).unwrap_or_default();
        assert_eq!(
            answer["token_type"],
            "Bearer",
            "{said}{}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
}

/// V03: sent to three replicas at the same time, one takes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_signature_sent_to_three_replicas_at_once_counts_once() {
    let first = Server::start(Setup::postgres()).await.unwrap();
    let replicas = [
        first.replica(Setup::default()).await.unwrap(),
        first.replica(Setup::default()).await.unwrap(),
    ];
    let key = key(&first).await;
    for round in 0..10 {
        let body = format!("{{\"duration_seconds\":{}}}", 100 + round);
        let request = key.sign(Outgoing::post(&host(&first), EXCHANGE, &body), SystemClock.now());
        let all = [&first, &replicas[0], &replicas[1]].into_iter().cycle().take(9);
        let answers = join_all(all.map(|server| send(server, &request))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status == 200);
        assert_eq!(won.len(), 1, "{lost:?}");
        assert!(
            lost.iter()
                .all(|(_, said)| said["error"]["code"] == "signature_used"),
            "{lost:?}"
        );
    }
}

/// Asked of three replicas at the same time, a user gets two keys.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_user_gets_two_keys_whoever_asks_at_once() {
    let first = Server::start(Setup::postgres()).await.unwrap();
    let replica = first.replica(Setup::default()).await.unwrap();
    let token = root(&first).await;
    post(&first, "/auth/iam/users", &token, json!({"username": "ci"})).await;
    let all = [&first, &replica].into_iter().cycle().take(8);
    let made = join_all(all.map(|server| post(server, KEYS, &token, json!({})))).await;
    let made: Vec<_> = made
        .iter()
        .filter(|said| said["access_key_id"].is_string())
        .collect();
    assert_eq!(made.len(), 2, "{made:?}");
}
