//! A server made ready for the conformance suite: high limits, letters in the outbox, a local GitHub, an administrator.
//! It tells the suite where all that is, and nothing else.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use github_double::{GithubDouble, OauthApp, Settings};

use crate::demo::PASSWORD;
use crate::server::{Server, Setup};

const ADMIN: &str = "operator@example.com";
const CLIENT: (&str, &str) = ("conformance", "only-for-tests-0123456789-abcdefghij");
/// Each letter to `$MAIL_TO`, newest first, begun by a form feed.
const LETTERS: &str = r#"outbox list | awk -v to="$MAIL_TO" 'index($0, to) { print $1 }' | while read -r name; do printf '\f'; "#;

/// Running, and ended when dropped.
pub struct Ground {
    /// The server under test.
    pub server: Server,
    github: GithubDouble,
}

impl Ground {
    /// On the database of `setup`, to which what the suite needs is added.
    pub async fn start(setup: Setup) -> Result<Self> {
        let github = GithubDouble::start(Settings {
            oauth_apps: vec![OauthApp::new(CLIENT.0, CLIENT.1, "http://127.0.0.1/".parse()?)],
            ..Settings::default()
        })?;
        let server = Server::start(setup.with(&sections(&github))).await?;
        let ground = Self { server, github };
        ground.make_administrator()?;
        Ok(ground)
    }

    fn make_administrator(&self) -> Result<()> {
        let mut command = self.server.command(&[
            "users",
            "create",
            "--email",
            ADMIN,
            "--username",
            "operator",
            "--admin",
            "--password-stdin",
        ]);
        let mut running = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let mut input = running.stdin.take().context("no standard input")?;
        input.write_all(PASSWORD.as_bytes())?;
        drop(input);
        ensure!(running.wait()?.success(), "no administrator could be made");
        Ok(())
    }

    /// The options of the suite.
    pub fn options(&self) -> Vec<(&'static str, String)> {
        vec![
            ("--base-url", self.server.issuer()),
            ("--admin-email", ADMIN.to_owned()),
            ("--admin-password", PASSWORD.to_owned()),
            ("--mail-command", self.mail_command()),
            ("--github-url", self.github.web_url().to_owned()),
        ]
    }

    fn mail_command(&self) -> String {
        let program = shell_words(&self.server.command(&[]));
        format!("server() {{ {program} \"$@\"; }}; server {LETTERS} server outbox show \"$name\"; done")
    }
}

fn shell_words(command: &Command) -> String {
    let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"));
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let variables = command.get_envs().filter_map(|(key, value)| {
        let value = value?;
        Some(format!("{}={}", key.to_string_lossy(), quoted(value)))
    });
    let words: Vec<String> = variables.chain(words.map(quoted)).collect();
    words.join(" ")
}

fn sections(github: &GithubDouble) -> String {
    format!(
        "[throttle]\nattempts = 100\n\n[github]\nclient_id = \"{}\"\nclient_secret = \"{}\"\nweb_url = \"{}\"\napi_url = \"{}\"\n",
        CLIENT.0,
        CLIENT.1,
        github.web_url(),
        github.api_url()
    )
}
