//! Reading a configuration: file, then environment, then the secrets that they point to, then every check.
//! Stops at nothing early: one failed start names every problem.

use std::path::Path;

use figment::{
    Figment, Source,
    providers::{Format as _, Toml},
    value::{Dict, Value},
};

use super::{
    Config, ConfigError, Problems, Secret, billing, environment::Environment, federation, file, github_app,
    schema,
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
        let mut problems = Problems::default();
        let mut figment = Figment::new();
        if let Some(path) = path {
            match std::fs::read_to_string(path) {
                Ok(_) => figment = figment.merge(Toml::file_exact(path)),
                Err(error) => problems.add("--config", format!("cannot read {}: {error}", path.display())),
            }
        }
        let figment = figment.merge(Environment::new(environment));
        if let Ok(found) = figment.extract::<Dict>() {
            unknown_keys(&found, &schema::root(), "", &mut problems);
        }
        problems.into_result()?;
        let shown: Config = figment.extract().map_err(syntax_error)?;
        let config = with_files(shown.clone())?;
        Ok(Self {
            config,
            shown,
            figment,
        })
    }

    /// Where the value of a key came from.
    pub(super) fn source(&self, key: &str) -> String {
        let Some(metadata) = self.figment.find_metadata(key) else {
            return "default".to_owned();
        };
        match &metadata.source {
            Some(Source::File(path)) => path.display().to_string(),
            _ => {
                let path: Vec<&str> = key.split('.').collect();
                super::environment::variable(&path)
            }
        }
    }
}

fn with_files(mut config: Config) -> Result<Config, ConfigError> {
    let mut problems = Problems::default();
    resolve_files(&mut config, &mut problems);
    config.check(&mut problems);
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
            let text = file::read(path, &format!("{key}.jwks_file"), problems).unwrap_or_default();
            client.jwks = Some(serde_json::from_str(&text).unwrap_or_default());
        }
    }
}

fn unknown_keys(found: &Dict, node: &serde_json::Value, prefix: &str, problems: &mut Problems) {
    let Some(known) = schema::properties(node) else {
        return;
    };
    for (name, value) in found {
        let Some(child) = known.get(name) else {
            problems.add(format!("{prefix}{name}"), "is not a setting");
            continue;
        };
        match (value, schema::entry(child)) {
            (Value::Dict(_, inner), _) => unknown_keys(inner, child, &format!("{prefix}{name}."), problems),
            (Value::Array(_, entries), Some(entry)) => {
                for (index, inner) in entries
                    .iter()
                    .enumerate()
                    .filter_map(|(at, it)| Some((at, it.as_dict()?)))
                {
                    unknown_keys(inner, entry, &format!("{prefix}{name}[{index}]."), problems);
                }
            }
            _ => {}
        }
    }
}

/// One problem for each value of the wrong type, or the place where the file stops being TOML.
fn syntax_error(error: figment::Error) -> ConfigError {
    let problems = error.into_iter().map(|one| {
        let key = if one.path.is_empty() {
            "--config".to_owned()
        } else {
            one.path.join(".")
        };
        super::Problem {
            key,
            reason: one.kind.to_string(),
        }
    });
    ConfigError {
        problems: problems.collect(),
    }
}
