//! A server made ready for the conformance suite: high limits, letters in the outbox, a local GitHub, an administrator.
//! It tells the suite where all that is, and nothing else.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use github_double::{AppKey, GithubApp, GithubDouble, Settings};

use crate::demo::PASSWORD;
use crate::server::{Server, Setup};

const ADMIN: &str = "operator@example.com";
const APP: &str = "lighthouse";
/// One that costs nothing, one to subscribe to.
const PLANS: &str = "[[plans]]\nid = \"free\"\nname = \"Free\"\namount = 0\nperiod = \"monthly\"\nfeatures = [{ name = \"calls\", limit = 1000 }]\n\n[[plans]]\nid = \"pro\"\nname = \"Pro\"\namount = 49900\nperiod = \"monthly\"\nfeatures = [{ name = \"calls\" }]\n";
/// Payments bring invoices.
const SELLER: &str = "[billing.seller]\nlegal_name = \"Lighthouse Services LLP\"\ngstin = \"29AAGCB7383J1Z4\"\naddress = [\"Bengaluru\"]\nstate_code = \"29\"\n";
const SECRET: &str = "only-for-tests-0123456789-abcdefghij";
/// Where the console sends people; nobody is there.
const FRONT_END: &str = "http://127.0.0.1:9/console";
/// The doors that people come back from GitHub through, on whatever port.
const CALLBACKS: [&str; 3] = [
    "/login/with/github/callback",
    "/api/auth/github/callback",
    "/v1/auth/callback",
];
/// So many that the suite meets none.
const LIMITS: [&str; 6] = [
    "v1",
    "v1_authentication",
    "v1_admin",
    "console_authentication",
    "authentication",
    "standard",
];
/// Each letter to `$MAIL_TO`, newest first, begun by a form feed.
const LETTERS: &str = r#"outbox list | awk -v to="$MAIL_TO" 'index($0, to) { print $1 }' | while read -r name; do printf '\f'; "#;

/// Running, and ended when dropped.
pub struct Ground {
    /// The server under test.
    pub server: Server,
    github: GithubDouble,
    service_key: String,
}

impl Ground {
    /// On the database of `setup`, to which what the suite needs is added.
    pub async fn start(setup: Setup) -> Result<Self> {
        let key = AppKey::generate()?;
        let mut app = GithubApp::new(1, APP, key.clone());
        app.client_secret = SECRET.to_owned();
        for path in CALLBACKS {
            app.callback_urls.push(format!("http://127.0.0.1{path}").parse()?);
        }
        let github = GithubDouble::start(Settings {
            github_apps: vec![app],
            ..Settings::default()
        })?;
        let server = Server::start(setup.with(&sections(&github, &key))).await?;
        let after_installing = server.url("/api/auth/github-app/callback").parse()?;
        github.edit_github_app(APP, |app| app.setup_url = Some(after_installing))?;
        make_administrator(&server)?;
        let service_key = make_service_key(&server)?;
        Ok(Self {
            server,
            github,
            service_key,
        })
    }
    /// The options of the suite.
    pub fn options(&self) -> Vec<(&'static str, String)> {
        vec![
            ("--base-url", self.server.issuer()),
            ("--admin-email", ADMIN.to_owned()),
            ("--admin-password", PASSWORD.to_owned()),
            ("--mail-command", self.mail_command()),
            ("--github-url", self.github.web_url().to_owned()),
            ("--service-key", self.service_key.clone()),
        ]
    }

    fn mail_command(&self) -> String {
        let program = shell_words(&self.server.command(&[]));
        format!("server() {{ {program} \"$@\"; }}; server {LETTERS} server outbox show \"$name\"; done")
    }
}

fn make_administrator(server: &Server) -> Result<()> {
    let mut command = server.command(&[
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

fn make_service_key(server: &Server) -> Result<String> {
    let words = ["service-keys", "create", "--owner", ADMIN, "--name", "suite"];
    let scopes = ["--scopes", "builds:read,builds:write"];
    let made = server.command(&[words.as_slice(), &scopes].concat()).output()?;
    let said = String::from_utf8(made.stdout)?;
    let key = said
        .lines()
        .find_map(|line| line.strip_prefix("key (shown this once): "));
    Ok(key.context("no service key could be made")?.to_owned())
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

fn sections(github: &GithubDouble, key: &AppKey) -> String {
    let limits: String = LIMITS
        .iter()
        .map(|name| format!("{name} = \"10000/min\"\n"))
        .collect();
    let (web, api, pem) = (github.web_url(), github.api_url(), key.private_pem());
    format!(
        "[throttle]\nattempts = 100\n\n[registration]\nattempts = 10000\n\n[mail]\naddress_attempts = 1000\n\n[limits]\n{limits}\n[billing]\ngateway = \"sandbox\"\n\n{SELLER}\n[console]\nfront_end = \"{FRONT_END}\"\n\n\
         [github]\nclient_id = \"Iv1.{APP}\"\nclient_secret = \"{SECRET}\"\nweb_url = \"{web}\"\napi_url = \"{api}\"\n\n\
         [github_app]\napp_id = 1\nslug = \"{APP}\"\nprivate_key = \"\"\"\n{pem}\"\"\"\n\n{PLANS}"
    )
}
