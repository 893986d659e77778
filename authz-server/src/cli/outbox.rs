//! `authz-server outbox`: letters that stayed here because no SMTP server is configured.
//! Only reads and clears the folder; it needs neither database nor keys.

use std::io;
use std::process::ExitCode;

use clap::Subcommand;

use super::{CliError, Surroundings};
use crate::outbound::mail::Outbox;

#[derive(Subcommand)]
pub(super) enum OutboxCommand {
    /// Show what is in it, newest first.
    List,
    /// Print a letter; without a name the newest.
    Show {
        /// As `list` shows it.
        name: Option<String>,
    },
    /// Throw every letter away.
    Clear {
        /// Really throw them away: this can't be undone.
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn run(command: OutboxCommand, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let config = around.load()?.config;
    let outbox = Outbox::at(&config.server.data_dir);
    match command {
        OutboxCommand::List => {
            let letters = outbox.list()?;
            if letters.is_empty() {
                writeln!(around.out, "The outbox is empty.")?;
            }
            for letter in letters {
                writeln!(around.out, "{}  {}  {}", letter.name, letter.to, letter.subject)?;
            }
        }
        OutboxCommand::Show { name } => {
            let text = show(&outbox, name)?;
            writeln!(around.out, "{text}")?;
        }
        OutboxCommand::Clear { yes: false } => {
            return Err(CliError::Refused(
                "this throws every letter away; add --yes to do it".to_owned(),
            ));
        }
        OutboxCommand::Clear { yes: true } => {
            let count = outbox.clear()?;
            writeln!(around.out, "Threw {count} letters away.")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(outbox: &Outbox, name: Option<String>) -> Result<String, CliError> {
    let newest = || Ok::<_, io::Error>(outbox.list()?.into_iter().next().map(|letter| letter.name));
    let name = match name {
        Some(name) => name,
        None => newest()?.ok_or_else(|| CliError::Refused("the outbox is empty".to_owned()))?,
    };
    outbox.read(&name).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => CliError::Refused(format!("there is no letter {name}")),
        _ => error.into(),
    })
}
