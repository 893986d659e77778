//! `authz-server keys`: look at the signing keys and rotate them.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::keys::RotationStart;
use jose::Algorithm;
use model::signing_key::KeyState;

use super::beside::beside;
use super::{CliError, Surroundings};

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Show every published key and what it is doing.
    List,
    /// Publish a new key for each algorithm; it signs once it has been published for keys.publish_ahead.
    ///
    /// A running server picks the change up within seconds. Old keys stay published until the last thing they signed
    /// has expired.
    Rotate(Rotate),
}

#[derive(Args)]
pub(super) struct Rotate {
    /// Only this algorithm: ES256, EdDSA, PS256 or RS256.
    #[arg(long, value_name = "ALG")]
    algorithm: Option<Algorithm>,
    /// Let the new key sign at once. Clients that cache the key set must fetch it again.
    #[arg(long)]
    now: bool,
}

pub(super) fn run(command: KeysCommand, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let lines = match command {
        KeysCommand::List => list(around)?,
        KeysCommand::Rotate(rotate) => self::rotate(&rotate, around)?,
    };
    for line in lines {
        writeln!(around.out, "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    beside(around, |authority, ctx| async move {
        let keys = authority.list_keys(&ctx).await?;
        let line = |key: &model::signing_key::SigningKeyRecord| {
            let state = match key.state(ctx.now) {
                KeyState::Next => format!("next, signs from {}", key.activates_at),
                KeyState::Active => format!("active since {}", key.activates_at),
                KeyState::Retired | KeyState::Removed => {
                    format!(
                        "retired, removed {}",
                        key.remove_at.map_or_else(String::new, |at| at.to_string())
                    )
                }
            };
            format!("{:<6} {:<45} {state}", key.algorithm, key.kid)
        };
        let empty = "No keys yet: the server makes them at its first start.".to_owned();
        Ok(if keys.is_empty() {
            vec![empty]
        } else {
            keys.iter().map(line).collect()
        })
    })
}

fn rotate(rotate: &Rotate, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let algorithms = rotate
        .algorithm
        .map_or_else(|| Algorithm::ALL.to_vec(), |algorithm| vec![algorithm]);
    let start = if rotate.now {
        RotationStart::Now
    } else {
        RotationStart::Ahead
    };
    beside(around, |authority, ctx| async move {
        let rotated = authority.rotate_keys(&ctx, &algorithms, start).await?;
        let line = |key: &domain::keys::Rotation| {
            format!(
                "{:<6} {:<45} signs from {}",
                key.algorithm, key.kid, key.signs_from
            )
        };
        Ok(rotated.iter().map(line).collect())
    })
}
