//! What is given from outside: where the server is, and what only its operator has.
//! Secrets can come from the environment, since other users of the machine can read arguments.

use clap::Parser;

use crate::operation::Area;

/// Replays the five API documents against a server and says which operations answer as they are written.
#[derive(Clone, Debug, Parser)]
#[command(name = "conformance", version)]
pub struct Options {
    /// Where the server is; its surfaces stand below.
    #[arg(long, env = "CONFORMANCE_BASE_URL", default_value = "http://127.0.0.1:8080")]
    pub base_url: String,
    /// The address of an administrator.
    #[arg(long, env = "CONFORMANCE_ADMIN_EMAIL")]
    pub admin_email: Option<String>,
    /// The password of the administrator.
    #[arg(long, env = "CONFORMANCE_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<String>,
    /// A service key, for the operations of machines.
    #[arg(long, env = "CONFORMANCE_SERVICE_KEY", hide_env_values = true)]
    pub service_key: Option<String>,
    /// A shell command that prints all letters to the address in `$MAIL_TO`, newest first, each begun by a form feed.
    #[arg(long, env = "CONFORMANCE_MAIL_COMMAND")]
    pub mail_command: Option<String>,
    /// A local stand-in for GitHub that the server is configured for, with doors to add people.
    #[arg(long, env = "CONFORMANCE_GITHUB_URL")]
    pub github_url: Option<String>,
    /// The region of signed IAM requests.
    #[arg(long, env = "CONFORMANCE_REGION", default_value = "us-east-1")]
    pub region: String,
    /// Only this document: 000, 001, 002, 003 or 004.
    #[arg(long)]
    pub document: Option<String>,
    /// Only the areas that are there: all their operations must pass, others may fail. Without it none may fail.
    #[arg(long, value_delimiter = ',')]
    pub require: Vec<Area>,
    /// Do not ask for the fields of rate limits, where a gateway in between limits.
    #[arg(long)]
    pub no_limit_fields: bool,
    /// Print every case, not only those that did not pass.
    #[arg(long)]
    pub verbose: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
    /// Print the table of operations and end.
    #[arg(long)]
    pub list: bool,
}
