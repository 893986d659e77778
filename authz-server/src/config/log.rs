//! `[log]`: what is logged, and how.
//! Refuses filters that the tracing subscriber cannot parse.

use super::Problems;

/// What is logged, and how.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// For people (`pretty`) or for machines (`json`).
    pub format: LogFormat,
    /// A level, or levels by module: `info,authz_server=debug`.
    pub filter: String,
}

/// The shape of a log line.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Pretty,
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Pretty,
            filter: "info".to_owned(),
        }
    }
}

impl LogConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let parsed = tracing_subscriber::EnvFilter::builder().parse(&self.filter);
        problems.add_if(
            parsed.is_err(),
            "log.filter",
            "must be a level or module=level pairs, such as info,sqlx=warn",
        );
    }
}
