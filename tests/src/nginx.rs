//! Debian's nginx as one child process in a folder of its own, listening on a socket there.
//! It needs no privileges and no port, and takes from the test only what goes into its `server` block.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::process::Process;

const START_LIMIT: Duration = Duration::from_secs(10);

/// A running nginx, killed when dropped.
pub struct Nginx {
    process: Process,
    folder: TempDir,
}

impl Nginx {
    /// Starts nginx with `locations` in its one `server` block.
    pub async fn start(locations: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("nginx").tempdir()?;
        let configuration_file = folder.path().join("nginx.conf");
        std::fs::write(&configuration_file, configuration(folder.path(), locations))?;
        let mut command = Command::new(binary()?);
        command
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&configuration_file)
            .arg("-e")
            .arg("stderr");
        let process = Process::spawn("nginx", &mut command, &folder.path().join("log"))?;
        let mut nginx = Self { process, folder };
        let socket = nginx.socket();
        nginx
            .process
            .until(START_LIMIT, || Ok(UnixStream::connect(&socket).ok()))
            .await?;
        Ok(nginx)
    }

    /// A client whose requests all go to this nginx, whatever host their URL names.
    pub fn client(&self) -> Result<reqwest::Client> {
        Ok(reqwest::Client::builder().unix_socket(self.socket()).build()?)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }
}

fn configuration(folder: &Path, locations: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off;
master_process off;
pid {folder}/pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen unix:{folder}/socket;
        {locations}
    }}
}}
"
    )
}

fn binary() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join("nginx"))
        .find(|candidate| candidate.is_file())
        .context("no nginx here: scripts/setup --for test installs it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nginx_answers_over_its_socket() {
        let nginx = Nginx::start("location / { return 204; }").await.unwrap();
        let answer = nginx
            .client()
            .unwrap()
            .get("http://any.example/")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 204);
    }

    #[tokio::test]
    async fn a_wrong_configuration_is_reported_with_what_nginx_says() {
        let error = Nginx::start("no_such_directive;").await.err().unwrap();
        assert!(error.to_string().contains("no_such_directive"), "{error}");
    }
}
