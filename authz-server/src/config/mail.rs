//! `[mail]`: how letters leave.
//! Without an SMTP server they stay in an outbox that only the operator sees, which is right for trying things out.

use std::path::PathBuf;

use super::{Period, Problems, Secret, secret::redacted};

/// How letters to people leave.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// The sender, such as `Example <accounts@example.com>`.
    pub from: String,
    /// The server that takes them. Without it they are kept in the folder `outbox` in `server.data_dir`.
    pub smtp: Option<SmtpConfig>,
    /// How many letters may be asked for to one mailbox within the window before it has to wait.
    pub mailbox_attempts: u32,
    /// How many one client address may ask for within the window.
    pub address_attempts: u32,
    /// How long those count.
    pub window: Period,
}

/// An SMTP server.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Its name.
    pub host: String,
    /// Its port. Without it: 465 for `implicit`, 587 for `starttls`, 25 for `none`.
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: SmtpTls,
    /// The name to sign in with.
    pub username: Option<String>,
    /// The password to sign in with.
    #[serde(default, serialize_with = "redacted")]
    #[schemars(with = "Option<String>")]
    pub password: Option<Secret>,
    /// A file with the password, instead of `password`.
    pub password_file: Option<PathBuf>,
    /// How long one letter may take.
    #[serde(default = "thirty_seconds")]
    pub timeout: Period,
}

fn thirty_seconds() -> Period {
    Period::seconds(30)
}

/// How the connection to the SMTP server is protected.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// From the first byte.
    Implicit,
    /// After STARTTLS, which the server must offer.
    #[default]
    Starttls,
    /// Not at all; for a server on this machine.
    None,
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            from: "authz <accounts@localhost>".to_owned(),
            smtp: None,
            mailbox_attempts: 5,
            address_attempts: 30,
            window: Period::minutes(60),
        }
    }
}

impl MailConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let sender = self.from.parse::<lettre::message::Mailbox>();
        problems.add_if(
            sender.is_err(),
            "mail.from",
            "must be an address, or a name with an address in angle brackets",
        );
        for (key, attempts) in [
            ("mail.mailbox_attempts", self.mailbox_attempts),
            ("mail.address_attempts", self.address_attempts),
        ] {
            problems.add_if(
                !(1..=10_000).contains(&attempts),
                key,
                "must be between 1 and 10000",
            );
        }
        let window = (Period::seconds(1)..=Period::days(1)).contains(&self.window);
        problems.add_if(!window, "mail.window", "must be between 1s and 1d");
        if let Some(smtp) = &self.smtp {
            smtp.check(problems);
        }
    }
}

impl SmtpConfig {
    fn check(&self, problems: &mut Problems) {
        problems.add_if(self.host.is_empty(), "mail.smtp.host", "must be set");
        let half = self.username.is_some() != self.password.is_some();
        problems.add_if(
            half,
            "mail.smtp.username",
            "username and password belong together",
        );
        let is_local = ["localhost", "127.0.0.1", "::1"].contains(&self.host.as_str());
        problems.add_if(
            self.tls == SmtpTls::None && self.username.is_some() && !is_local,
            "mail.smtp.tls",
            "a password may not travel unprotected; use implicit or starttls",
        );
        let timeout = (Period::seconds(1)..=Period::seconds(90)).contains(&self.timeout);
        problems.add_if(!timeout, "mail.smtp.timeout", "must be between 1s and 90s");
    }
}
