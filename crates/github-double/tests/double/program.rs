//! The program, started from a file.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

const CONFIG: &str = "[[people]]\nlogin = \"octo\"\n";

fn program(config: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_github-double"));
    command.arg("--config").arg(config);
    command
}

#[tokio::test]
async fn the_program_says_where_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let (config, ports) = (folder.path().join("double.toml"), folder.path().join("ports"));
    fs::write(&config, CONFIG).unwrap();
    let mut child = program(&config)
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
    let http = reqwest::Client::builder().no_proxy().user_agent("tests");
    let request = http.build().unwrap().get(format!("http://{address}/user"));
    assert_eq!(request.send().await.unwrap().status(), 401);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_file_that_makes_no_sense_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("double.toml");
    fs::write(&config, format!("{CONFIG}[[people]]\nlogin = \"octo\"\n")).unwrap();
    let output = program(&config).output().unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("login octo is taken"), "{message}");
    let output = program(&folder.path().join("absent.toml")).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("absent.toml"), "{message}");
}
