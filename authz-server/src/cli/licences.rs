//! `authz-server licenses`: which plan an account has, by the operator's hand.
//! Refuses plans that the configuration does not have.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::licences::{Held, LicenceError, NewLicence};
use model::Timestamp;
use model::audit::Actor;
use model::billing::Licence;
use model::iam::AccountId;

use super::beside::beside;
use super::{CliError, Surroundings};

#[derive(Subcommand)]
pub(super) enum LicencesCommand {
    /// Show what an account has, and had.
    Show(Named),
    /// Give an account a plan, prolong it, or change its seats.
    ///
    /// Example:
    ///   licenses bind 143241214442 --plan large --until 2027-01-01T00:00:00Z
    #[command(verbatim_doc_comment)]
    Bind(Bind),
    /// End the licence of an account, which has the default plan afterwards.
    End(Named),
}

#[derive(Args)]
pub(super) struct Named {
    /// The account's number, twelve digits.
    account: String,
}

#[derive(Args)]
pub(super) struct Bind {
    #[command(flatten)]
    named: Named,
    /// The plan's id; the one it has when it is not said.
    #[arg(long)]
    plan: Option<String>,
    /// For how many people.
    #[arg(long)]
    seats: Option<u32>,
    /// When it ends, as in `2026-12-31T00:00:00Z`, or `never`.
    #[arg(long)]
    until: Option<String>,
}

pub(super) fn run(command: LicencesCommand, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let lines = match command {
        LicencesCommand::Show(named) => show(&named, around)?,
        LicencesCommand::Bind(bind) => self::bind(bind, around)?,
        LicencesCommand::End(named) => end(&named, around)?,
    };
    for line in lines {
        writeln!(around.out, "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(named: &Named, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let account = named.account()?;
    beside(around, |authority, ctx| async move {
        let history = authority.licence_history(&account, &Actor::Operator).await;
        let history = history.map_err(refused)?;
        let held = authority.licence_of(&ctx, &account).await?;
        let mut lines = vec![line(&held)];
        for (licence, replaced) in &history {
            if let Some(replaced) = replaced {
                lines.push(format!("before  {}", past(licence, *replaced)));
            }
        }
        Ok(lines)
    })
}

fn bind(bind: Bind, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let account = bind.named.account()?;
    let valid_until = match bind.until.as_deref() {
        None => None,
        Some("never") => Some(None),
        Some(text) => Some(Some(instant(text)?)),
    };
    let new = NewLicence {
        plan: bind.plan,
        seats: bind.seats,
        valid_until,
    };
    beside(around, |authority, ctx| async move {
        let given = authority
            .give_licence(&ctx, (&account, new), Actor::Operator)
            .await;
        Ok(vec![line(&given.map_err(refused)?)])
    })
}

fn end(named: &Named, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let account = named.account()?;
    beside(around, |authority, ctx| async move {
        let ended = authority.end_licence(&ctx, &account, Actor::Operator).await;
        Ok(vec![line(&ended.map_err(refused)?)])
    })
}

impl Named {
    fn account(&self) -> Result<AccountId, CliError> {
        let parsed = self.account.parse::<AccountId>();
        parsed.map_err(|error| CliError::Refused(error.to_string()))
    }
}

fn refused(error: LicenceError) -> CliError {
    match error {
        LicenceError::Fault(fault) => CliError::Fault(fault),
        reason => CliError::Refused(reason.to_string()),
    }
}

fn instant(text: &str) -> Result<Timestamp, CliError> {
    let parsed = text.parse::<jiff::Timestamp>();
    let parsed = parsed.map_err(|error| CliError::Refused(format!("--until: {error}")))?;
    Ok(Timestamp::from_micros(parsed.as_microsecond()))
}

fn line(held: &Held) -> String {
    let binding = &held.licence.binding;
    let id = held
        .licence
        .id
        .map_or_else(|| "default".to_owned(), |id| id.to_string());
    let until = binding
        .valid_until
        .map_or_else(|| "never".to_owned(), |until| until.to_string());
    format!(
        "{id}  {}  {}  {} seats  from {}  until {until}",
        held.plan.id,
        binding.status.as_str(),
        binding.seats,
        held.licence.valid_from,
    )
}

fn past(licence: &Licence, replaced: Timestamp) -> String {
    let status = licence.status_at(replaced).as_str();
    let binding = &licence.binding;
    format!(
        "{}  {status}  {} seats  until {replaced}",
        binding.plan, binding.seats
    )
}
