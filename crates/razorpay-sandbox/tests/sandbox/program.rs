//! The program, started as somebody would start it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_razorpay-sandbox"));
    command
        .env_remove("RAZORPAY_KEY_SECRET")
        .env_remove("RAZORPAY_WEBHOOK_SECRET");
    command
}

#[tokio::test]
async fn the_program_says_where_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let ports = folder.path().join("ports");
    let mut child = program()
        .env("RAZORPAY_KEY_SECRET", "secret")
        .args(["--listen", "127.0.0.1:0", "--port-file"])
        .arg(&ports)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    assert_eq!(fs::read_to_string(&ports).unwrap(), line);
    let address = line.trim().strip_prefix("public=").unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.get(format!("http://{address}/v1/orders"));
    let request = request.basic_auth("rzp_test_sandbox", Some("secret"));
    assert_eq!(request.send().await.unwrap().status(), 200);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn what_is_missing_or_misspelt_is_named() {
    let said = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&mut program()).contains("RAZORPAY_KEY_SECRET"));
    let folder = tempfile::tempdir().unwrap();
    let behaviour = folder.path().join("behaviour.json");
    fs::write(&behaviour, r#"{"auto_captur": true}"#).unwrap();
    let mut command = program();
    command
        .env("RAZORPAY_KEY_SECRET", "secret")
        .arg("--behaviour")
        .arg(&behaviour);
    assert!(said(&mut command).contains("auto_captur"));
    let mut command = program();
    command
        .env("RAZORPAY_KEY_SECRET", "secret")
        .args(["--webhook-url", "http://127.0.0.1/"]);
    assert!(said(&mut command).contains("RAZORPAY_WEBHOOK_SECRET"));
}
