//! A Redis of its own for a test, on a socket in a folder that goes away with it.
//! It refuses to keep anything: whoever stops it loses what was counted.

use super::eventually;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A running server.
pub struct RedisServer {
    folder: tempfile::TempDir,
    process: Child,
}

impl RedisServer {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = run(folder.path().join("redis.sock"));
        let server = Self { folder, process };
        server.answers().await;
        server
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::fs::remove_file(self.socket()).unwrap();
    }

    pub async fn start_again(&mut self) {
        self.process = run(self.socket());
        self.answers().await;
    }

    /// Leaves it running but deaf, or lets it hear again.
    pub fn freeze(&self, frozen: bool) {
        let signal = if frozen { "-STOP" } else { "-CONT" };
        let id = self.process.id().to_string();
        let done = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(done.success());
    }

    pub fn connection(&self) -> redis::Connection {
        redis::Client::open(self.url()).unwrap().get_connection().unwrap()
    }

    async fn answers(&self) {
        eventually(|| std::os::unix::net::UnixStream::connect(self.socket()).is_ok()).await;
    }
}

fn run(socket: PathBuf) -> Child {
    Command::new("redis-server")
        .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
        .arg(socket)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is there: scripts/setup installs it")
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}
