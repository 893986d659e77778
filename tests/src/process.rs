//! A child process whose output goes to a file that is shown when the test fails.
//! It is ended by its own id, never by name, and never outlives the value that holds it.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process, kill_process_group};
use tokio::time::{Instant, interval};

/// How much of a log is shown when a test fails.
const SHOWN_LINES: usize = 80;

/// A running or finished child process.
pub struct Process {
    name: String,
    child: Child,
    leads_group: bool,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with its output appended to the file `log`.
    pub fn spawn(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let output = OpenOptions::new().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start {name}: {:?}", command.get_program()))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            leads_group: false,
            log: log.to_owned(),
        })
    }

    /// The same for a program that starts others: they share a process group and end with it.
    pub fn spawn_group(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let mut process = Self::spawn(name, command.process_group(0), log)?;
        process.leads_group = true;
        Ok(process)
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything the process has written so far.
    pub fn output(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.log)?).into_owned())
    }

    /// SIGKILL, and waits until the process is gone; harmless when it already is.
    pub fn kill_hard(&mut self) -> Result<()> {
        if self.leads_group && self.child.try_wait()?.is_none() {
            kill_process_group(Pid::from_child(&self.child), Signal::KILL)?;
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Sends a signal to a process that has not been waited for.
    pub fn signal(&mut self, signal: Signal) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            kill_process(Pid::from_child(&self.child), signal)?;
        }
        Ok(())
    }

    /// SIGTERM, then the exit status; an error when it takes longer than `limit`.
    pub async fn stop(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        self.ended(limit).await
    }

    /// The exit status of a process that ends by itself; an error when it takes longer than `limit`.
    pub async fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        let ended = async {
            let mut tick = interval(Duration::from_millis(5));
            loop {
                tick.tick().await;
                if let Some(status) = self.child.try_wait()? {
                    return Ok(status);
                }
            }
        };
        tokio::time::timeout(limit, ended)
            .await
            .context("it does not end")?
    }

    /// Asks `probe` until it has an answer; an error when the process ends first or `limit` passes.
    pub async fn until<T>(
        &mut self,
        limit: Duration,
        mut probe: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let deadline = Instant::now() + limit;
        let mut tick = interval(Duration::from_millis(5));
        loop {
            tick.tick().await;
            if let Some(answer) = probe()? {
                return Ok(answer);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended early: {status}\n{}", self.name, self.tail());
            }
            if Instant::now() > deadline {
                bail!("{} was not ready within {limit:?}\n{}", self.name, self.tail());
            }
        }
    }

    fn tail(&self) -> String {
        let output = self.output().unwrap_or_default();
        let lines: Vec<&str> = output.lines().collect();
        lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill_hard();
        if std::thread::panicking() {
            let _ = writeln!(
                io::stderr(),
                "---- output of {} ----\n{}\n----",
                self.name,
                self.tail()
            );
        }
    }
}
