//! The `razorpay-sandbox` program: the sandbox alone, for demonstrations and other languages' tests.
//! Runs until it is told to stop.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use clap::Parser;
use razorpay_sandbox::{Running, Sandbox, Settings};
use url::Url;

/// A sandbox that speaks Razorpay's REST shapes; says where it listens, and runs until it is told to stop.
///
/// It moves no money. The parts of people and banks, time, and failures are played below /sandbox/ with the same key.
#[derive(Parser)]
#[command(name = "razorpay-sandbox", version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8990")]
    listen: SocketAddr,
    /// The user name of the API.
    #[arg(long, default_value = "rzp_test_sandbox")]
    key_id: String,
    /// The file with its password; else the environment variable RAZORPAY_KEY_SECRET.
    #[arg(long)]
    key_secret_file: Option<PathBuf>,
    /// Where events are posted.
    #[arg(long)]
    webhook_url: Option<Url>,
    /// The file with what events are signed with; else the environment variable RAZORPAY_WEBHOOK_SECRET.
    #[arg(long)]
    webhook_secret_file: Option<PathBuf>,
    /// A JSON file that says how it behaves, as GET /sandbox/behaviour shows it; what it leaves out stays.
    #[arg(long)]
    behaviour: Option<PathBuf>,
    /// Makes ids, delays and losses repeatable.
    #[arg(long)]
    seed: Option<u64>,
    /// Where its memory is kept over a restart.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Gets the line `public=ADDRESS` when the sandbox answers.
    #[arg(long)]
    port_file: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "razorpay-sandbox: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let running = Sandbox::start(settings(arguments)?).map_err(|error| error.to_string())?;
    announce(arguments, &running)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(told_to_stop()))
        .map_err(|error| error.to_string())?;
    running.shutdown();
    Ok(())
}

fn settings(arguments: &Arguments) -> Result<Settings, String> {
    let key_secret = secret(arguments.key_secret_file.as_deref(), "RAZORPAY_KEY_SECRET")?
        .ok_or("the key's secret is missing: --key-secret-file or RAZORPAY_KEY_SECRET")?;
    let mut settings = Settings::new(arguments.listen, &arguments.key_id, &key_secret);
    settings.webhook_url.clone_from(&arguments.webhook_url);
    settings.webhook_secret = secret(
        arguments.webhook_secret_file.as_deref(),
        "RAZORPAY_WEBHOOK_SECRET",
    )?
    .unwrap_or_default();
    settings.seed = arguments.seed;
    settings.state_file.clone_from(&arguments.state);
    if let Some(file) = &arguments.behaviour {
        let text = read(file)?;
        settings.behaviour =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    if settings.webhook_url.is_some() && settings.webhook_secret.is_empty() {
        return Err("webhooks need a secret: --webhook-secret-file or RAZORPAY_WEBHOOK_SECRET".to_owned());
    }
    Ok(settings)
}

fn secret(file: Option<&Path>, variable: &str) -> Result<Option<String>, String> {
    match file {
        Some(file) => read(file).map(|text| Some(text.trim().to_owned())),
        None => Ok(env::var(variable).ok()),
    }
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Whole or not at all: a reader never sees half a file.
fn announce(arguments: &Arguments, running: &Running) -> Result<(), String> {
    let line = format!("public={}\n", running.addr());
    if let Some(file) = &arguments.port_file {
        let draft = file.with_extension("draft");
        fs::write(&draft, &line)
            .and_then(|()| fs::rename(&draft, file))
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    io::stdout()
        .write_all(line.as_bytes())
        .map_err(|error| error.to_string())
}

async fn told_to_stop() -> io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => stopped,
        _ = terminate.recv() => Ok(()),
    }
}
