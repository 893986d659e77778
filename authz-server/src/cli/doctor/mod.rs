//! `authz-server doctor`: a list of checks, each of which says what is wrong and how to mend it.
//! Changes nothing; it makes no file, no schema and no key.

mod audit;
mod bedside;
mod billing;
mod certificate;
mod clock;
mod database;
mod files;
mod ledger;
mod network;
mod shared_limits;

use std::{process::ExitCode, sync::Arc};

use futures::future::BoxFuture;
use model::{Clock, SystemClock};

pub use bedside::Doctor;

use super::{CliError, Surroundings, runtime};
use crate::config::Config;

/// What a check found.
pub(super) enum Finding {
    /// Nothing to do.
    Fine(String),
    /// The server runs, but something should be mended.
    Doubtful { what: String, mend: String },
    /// The server cannot run, or not safely.
    Wrong { what: String, mend: String },
}

impl Finding {
    fn doubtful(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Doubtful {
            what: what.into(),
            mend: mend.into(),
        }
    }

    fn wrong(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Wrong {
            what: what.into(),
            mend: mend.into(),
        }
    }
}

/// What the checks may look at.
struct Patient {
    config: Config,
    clock: Arc<dyn Clock>,
}

type Check = for<'a> fn(&'a Patient) -> BoxFuture<'a, Vec<Finding>>;

/// In the order in which they are reported.
const CHECKS: [(&str, Check); 9] = [
    ("data folder", |patient| {
        Box::pin(async { files::data_dir(&patient.config) })
    }),
    ("master keys", |patient| {
        Box::pin(async { files::master_keys(&patient.config) })
    }),
    ("database", |patient| Box::pin(database::check(&patient.config))),
    ("ports", |patient| Box::pin(network::ports(&patient.config))),
    ("issuer", |patient| Box::pin(network::issuer(&patient.config))),
    ("certificate", |patient| {
        Box::pin(async { certificate::check(&patient.config, patient.clock.now()) })
    }),
    ("clock", |patient| {
        Box::pin(async { clock::check(&patient.config, patient.clock.now()) })
    }),
    ("shared limits", |patient| {
        Box::pin(shared_limits::check(&patient.config))
    }),
    ("payments", |patient| {
        Box::pin(async { billing::gateway(&patient.config) })
    }),
];

pub(super) fn run(around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let config = match around.load() {
        Ok(loaded) => loaded.config,
        Err(error) => {
            writeln!(around.out, "wrong     configuration: {error}")?;
            return Ok(ExitCode::FAILURE);
        }
    };
    writeln!(around.out, "fine      configuration: every setting is usable")?;
    let patient = Patient {
        config,
        clock: Arc::new(SystemClock),
    };
    let runtime = runtime()?;
    let mut healthy = true;
    for (name, check) in CHECKS {
        for finding in runtime.block_on(check(&patient)) {
            healthy &= !matches!(finding, Finding::Wrong { .. });
            report(name, &finding, around)?;
        }
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(name: &str, finding: &Finding, around: &mut Surroundings<'_>) -> std::io::Result<()> {
    match finding {
        Finding::Fine(what) => writeln!(around.out, "fine      {name}: {what}"),
        Finding::Doubtful { what, mend } => {
            writeln!(around.out, "doubtful  {name}: {what}\n          {mend}")
        }
        Finding::Wrong { what, mend } => writeln!(around.out, "wrong     {name}: {what}\n          {mend}"),
    }
}
