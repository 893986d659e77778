//! `[github_app]`: the app that people install at GitHub for their repositories.
//! Refuses an app without `[github]`: only linked accounts can prove what they see.

use std::path::PathBuf;

use super::secret::{redacted, weakness};
use super::{Config, Problems, Secret, file};

/// A GitHub App. Its addresses are those of `[github]`, whose client has to be the app's own.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GithubAppConfig {
    /// The number of the app.
    pub app_id: u64,
    /// Its name in addresses, as in `https://github.com/apps/SLUG`. Its setup URL is
    /// `ISSUER/api/auth/github-app/callback`, its webhook URL `ISSUER/api/auth/github-app/webhook`.
    pub slug: String,
    /// The private key of the app, PEM.
    #[serde(default, serialize_with = "redacted")]
    #[schemars(with = "Option<String>")]
    pub private_key: Option<Secret>,
    /// A file with the private key, instead of `private_key`.
    pub private_key_file: Option<PathBuf>,
    /// What GitHub signs its events with; without it none are taken.
    #[serde(default, serialize_with = "redacted")]
    #[schemars(with = "Option<String>")]
    pub webhook_secret: Option<Secret>,
    /// A file with the webhook secret, instead of `webhook_secret`.
    pub webhook_secret_file: Option<PathBuf>,
}

pub(super) fn resolve_files(config: &mut Config, problems: &mut Problems) {
    let Some(app) = &mut config.github_app else {
        return;
    };
    let files = [
        (&mut app.private_key, &app.private_key_file, "private_key"),
        (
            &mut app.webhook_secret,
            &app.webhook_secret_file,
            "webhook_secret",
        ),
    ];
    for (secret, path, name) in files {
        let Some(path) = path else {
            continue;
        };
        let key = format!("github_app.{name}_file");
        problems.add_if(
            secret.is_some(),
            &key,
            "cannot be set together with the value itself",
        );
        *secret = file::read_secret(path, &key, problems);
    }
}

pub(super) fn check(config: &Config, problems: &mut Problems) {
    let Some(app) = &config.github_app else {
        return;
    };
    if config.github.is_none() {
        problems.add("github_app", "needs [github]");
        return;
    }
    problems.add_if(app.app_id == 0, "github_app.app_id", "must be set");
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    problems.add_if(
        !(1..=64).contains(&app.slug.len()) || !app.slug.bytes().all(plain),
        "github_app.slug",
        "must be 1 to 64 lower-case letters, digits and hyphens",
    );
    match &app.private_key {
        None => problems.add("github_app.private_key", "must be set"),
        Some(key) => {
            let read = jose::SigningKey::from_rsa_pem(jose::Algorithm::Rs256, key.expose());
            problems.add_if(
                read.is_err(),
                "github_app.private_key",
                "must be an RSA private key in PEM form",
            );
        }
    }
    if let Some(reason) = app
        .webhook_secret
        .as_ref()
        .and_then(|secret| weakness(secret.expose()))
    {
        problems.add("github_app.webhook_secret", reason);
    }
}
