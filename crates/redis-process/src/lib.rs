//! A Redis of its own for a test, on a socket in a folder that goes away with it.
//! It refuses to keep anything: whoever stops it loses what was counted.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
pub struct RedisServer {
    folder: tempfile::TempDir,
    process: Child,
}

impl RedisServer {
    /// An empty one.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = run(folder.path().join("redis.sock"));
        let server = Self { folder, process };
        server.answers().await;
        server
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// The same as a URL.
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Kills it.
    pub fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::fs::remove_file(self.socket()).unwrap();
    }

    /// Starts an empty one in its place.
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

    /// A connection to look into it.
    pub fn connection(&self) -> redis::Connection {
        redis::Client::open(self.url()).unwrap().get_connection().unwrap()
    }

    async fn answers(&self) {
        let answers = async {
            while UnixStream::connect(self.socket()).is_err() {
                tokio::task::yield_now().await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, answers).await;
        in_time.expect("redis-server answers");
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
