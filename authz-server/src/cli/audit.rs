//! `authz-server audit`: verify the log of what was done, in the database or in an export, and export it.
//! Changes no entry; it says what it found and at which one.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{SyncSender, sync_channel};

use clap::{Args, Subcommand};
use domain::audit::{Span, Verified};
use jose::{KeySet, MAX_KEY_SET_BYTES};
use model::Timestamp;
use model::audit::{Findings, LONGEST_LINE, Reading, Verdict};

use super::beside::beside;
use super::{CliError, Surroundings, about};

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Find out whether every entry is as it was written, and none is missing, added or moved.
    ///
    /// Without --file the database is looked at. Ends with failure when anything is found.
    Verify(Verify),
    /// Write the log of an account as lines that verify by themselves.
    Export(Export),
    /// Print the public keys that the log was signed with, as a JWK Set. Keep it elsewhere, for `verify --keys`.
    Keys,
}

#[derive(Args)]
pub(super) struct Verify {
    /// An export, in place of the database.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Only the log of this account: its twelve digits, or `-` for what concerns no account.
    #[arg(long, conflicts_with = "file", allow_hyphen_values = true)]
    account: Option<String>,
    /// A JWK Set with the keys that the log was signed with; without it, those in the export are taken.
    #[arg(long, requires = "file")]
    keys: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Export {
    /// The account's twelve digits, or `-` for what concerns no account.
    #[arg(long, allow_hyphen_values = true)]
    account: String,
    /// Not before this instant, such as 2026-11-01T00:00:00Z.
    #[arg(long)]
    since: Option<jiff::Timestamp>,
    /// Before this instant.
    #[arg(long)]
    until: Option<jiff::Timestamp>,
}

pub(super) fn run(command: AuditCommand, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    match command {
        AuditCommand::Verify(Verify {
            file: Some(file),
            keys,
            ..
        }) => verify_file(&file, keys.as_deref(), around),
        AuditCommand::Verify(Verify { account, .. }) => verify_database(account, around),
        AuditCommand::Export(wish) => export(&wish, around),
        AuditCommand::Keys => keys(around),
    }
}

fn verify_database(account: Option<String>, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let verified = beside(around, |authority, _| async move {
        Ok(authority.verify_audit_log(account.as_deref()).await?)
    })?;
    let Verified {
        chains,
        entries,
        checkpoints,
        erased,
        unsigned,
        findings,
    } = verified;
    writeln!(
        around.out,
        "Looked at {entries} entries and {checkpoints} signed checkpoints in {chains} logs; {erased} entries were erased of what is personal."
    )?;
    if unsigned > 0 {
        writeln!(
            around.out,
            "{unsigned} entries are newer than the last checkpoint of their log: no signature would miss them yet."
        )?;
    }
    tell(&findings, around)
}

fn verify_file(
    file: &Path,
    keys: Option<&Path>,
    around: &mut Surroundings<'_>,
) -> Result<ExitCode, CliError> {
    let given = keys.map(read_keys).transpose()?;
    let from_file = given.is_none();
    let mut reading = Reading::new(given);
    let mut lines = BufReader::new(File::open(file).map_err(about(file))?);
    loop {
        let mut line = Vec::new();
        let most = LONGEST_LINE as u64 + 2;
        if lines.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        // Another end of the line, or none, is another line.
        let text = String::from_utf8_lossy(&line);
        reading.line(text.strip_suffix('\n').unwrap_or("the line has no end"));
    }
    let Verdict {
        account,
        entries,
        checkpoints,
        erased,
        last,
        kids,
        findings,
    } = reading.finish();
    writeln!(
        around.out,
        "Looked at {entries} entries up to number {last} and {checkpoints} signed checkpoints of account {account}; {erased} entries were erased of what is personal."
    )?;
    if from_file {
        writeln!(
            around.out,
            "The keys came with the export: {}. Whoever could sign anew could also have put them there; compare them, or give --keys.",
            kids.join(", ")
        )?;
    }
    tell(&findings, around)
}

fn read_keys(path: &Path) -> Result<KeySet, CliError> {
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(about(path))?
        .take(MAX_KEY_SET_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    KeySet::parse(&bytes).map_err(|error| CliError::Refused(format!("{}: {error}", path.display())))
}

fn tell(findings: &Findings, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    if findings.is_empty() {
        writeln!(around.out, "Everything is as it was written.")?;
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &findings.list {
        writeln!(around.out, "found     {finding}")?;
    }
    let all = findings.list.len() + findings.left_out;
    writeln!(around.out, "The log is not as it was written: {all} findings.")?;
    Ok(ExitCode::FAILURE)
}

fn export(wish: &Export, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let at = |instant: Option<jiff::Timestamp>| instant.map(|at| Timestamp::from_micros(at.as_microsecond()));
    let span = Span {
        since: at(wish.since),
        until: at(wish.until),
    };
    let account = wish.account.clone();
    let (sender, lines) = sync_channel::<String>(2);
    let (config, variables) = (around.config.clone(), around.variables.clone());
    std::thread::scope(|scope| {
        // What was read is written while the next portion is read.
        let reading = scope.spawn(move || {
            let nowhere = &mut io::sink();
            let aside = Surroundings {
                config,
                variables,
                out: nowhere,
            };
            beside(&aside, |authority, ctx| async move {
                authority.keep_keys(&ctx).await?;
                let export = authority.export_audit_log_of(&ctx, &account, span).await?;
                send(export, &sender).await
            })
        });
        for part in lines {
            around.out.write_all(part.as_bytes())?;
        }
        let broken = |_| Err(CliError::Refused("the export broke off".to_owned()));
        reading.join().unwrap_or_else(broken)
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn send(mut export: domain::audit::Export, to: &SyncSender<String>) -> Result<(), CliError> {
    loop {
        let next = export.next().await;
        let next = next.map_err(|error| CliError::Refused(error.to_string()))?;
        // Whoever reads may have had enough.
        if next.is_none_or(|lines| to.send(lines).is_err()) {
            return Ok(());
        }
    }
}

fn keys(around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let keys = beside(
        around,
        |authority, _| async move { Ok(authority.audit_keys().await?) },
    )?;
    let set = serde_json::json!({ "keys": keys });
    writeln!(around.out, "{set}")?;
    Ok(ExitCode::SUCCESS)
}
