//! Reading a configuration: file, then environment, then the secrets that they point to, then every check.
//! Stops at nothing early: one failed start names every problem.

use std::path::Path;

use figment::{
    Figment, Metadata, Source,
    providers::{Format as _, Toml},
};

use super::{
    Config, ConfigError, Problems, Secret, billing, environment::Environment, federation, file, github_app,
    shape, shared_limits,
};

/// A configuration that passed every check, and where its values came from.
pub struct Loaded {
    /// The values, with secrets read from their files.
    pub config: Config,
    pub(super) shown: Config,
    figment: Figment,
}

impl Loaded {
    /// Reads the file, if any, and the given environment variables.
    pub fn read(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let environment = Environment::new(environment);
        let mut figment = Figment::new();
        if let Some(path) = path {
            check_toml(path)?;
            figment = figment.merge(Toml::file_exact(path));
        }
        let figment = figment.merge(environment);
        match made(&figment) {
            Ok((config, shown)) => Ok(Self {
                config,
                shown,
                figment,
            }),
            Err(error) => Err(told(error, path, &figment)),
        }
    }

    /// Where the value of a key came from.
    pub(super) fn source(&self, key: &str) -> String {
        let Some(metadata) = self.figment.find_metadata(key) else {
            return "default".to_owned();
        };
        match &metadata.source {
            Some(Source::File(path)) => path.display().to_string(),
            _ => variable(key),
        }
    }
}

/// The configuration with what its files hold, and as it was written.
fn made(figment: &Figment) -> Result<(Config, Config), ConfigError> {
    let found = figment.extract().map_err(|error| {
        let mut problems = Problems::default();
        problems.add("--config", error.to_string());
        problems.into_error()
    })?;
    let shown = shape::read(&found)?;
    Ok((with_files(shown.clone())?, shown))
}

fn variable(key: &str) -> String {
    let path: Vec<&str> = key.split('.').collect();
    super::environment::variable(&path)
}

/// Says where the file stops being TOML, without quoting its lines: one of them may hold a secret.
fn check_toml(path: &Path) -> Result<(), ConfigError> {
    let mut problems = Problems::default();
    match std::fs::read_to_string(path) {
        Err(error) => problems.add("--config", format!("cannot read {}: {error}", path.display())),
        Ok(text) => {
            if let Err(wrong) = operator_messages::table(&text) {
                let place = format!("{}, line {}", path.display(), wrong.line);
                problems.add(place, wrong.reason);
            }
        }
    }
    problems.into_result()
}

/// Names the file, and the variable of each value that came from one.
fn told(mut error: ConfigError, path: Option<&Path>, figment: &Figment) -> ConfigError {
    for problem in &mut error.problems {
        let value = figment.find_value(&problem.key).ok();
        let source = figment.find_metadata(&problem.key);
        let file = |source: &Metadata| matches!(source.source, Some(Source::File(_)));
        if value.is_some_and(|value| value.as_dict().is_none()) && source.is_some_and(|one| !file(one)) {
            problem.reason = format!("{} (from {})", problem.reason, variable(&problem.key));
        }
    }
    error.file = path.map(Path::to_owned);
    error
}

fn with_files(mut config: Config) -> Result<Config, ConfigError> {
    let mut problems = Problems::default();
    resolve_files(&mut config, &mut problems);
    config.check(&mut problems);
    problems.drop_echoes();
    problems.into_result()?;
    Ok(config)
}

fn resolve_files(config: &mut Config, problems: &mut Problems) {
    let database = &mut config.database;
    if let Some(path) = &database.url_file {
        problems.add_if(
            database.url.is_some(),
            "database.url_file",
            "cannot be set together with database.url",
        );
        database.url = file::read_secret(path, "database.url_file", problems);
    }
    if let Some(smtp) = &mut config.mail.smtp
        && let Some(path) = &smtp.password_file
    {
        problems.add_if(
            smtp.password.is_some(),
            "mail.smtp.password_file",
            "set it or password, not both",
        );
        smtp.password = file::read_secret(path, "mail.smtp.password_file", problems);
    }
    federation::resolve_files(config, problems);
    github_app::resolve_files(config, problems);
    billing::resolve_files(config, problems);
    shared_limits::resolve_files(config, problems);
    let keys = &mut config.keys;
    if let Some(path) = &keys.master_keys_file {
        problems.add_if(
            !keys.master_keys.is_empty(),
            "keys.master_keys_file",
            "cannot be set together with keys.master_keys",
        );
        if let Some(text) = file::read_secret(path, "keys.master_keys_file", problems) {
            let lines = text
                .expose()
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'));
            keys.master_keys = lines.map(|line| Secret::new(line.to_owned())).collect();
        }
    }
    for client in &mut config.clients {
        let key = format!("clients.{}", client.id);
        if let Some(path) = &client.secret_file {
            problems.add_if(client.secret.is_some(), &key, "has both secret and secret_file");
            client.secret = file::read_secret(path, &format!("{key}.secret_file"), problems);
        }
        if let Some(path) = &client.jwks_file {
            problems.add_if(client.jwks.is_some(), &key, "has both jwks and jwks_file");
            client.jwks = file::read_json(path, &format!("{key}.jwks_file"), problems);
        }
    }
}
