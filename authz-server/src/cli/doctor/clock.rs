//! The machine's clock: is it set at all?
//! Asks no other machine; it compares with what this machine has written itself.

use std::{fs, time::UNIX_EPOCH};

use model::Timestamp;

use super::Finding;
use crate::config::Config;

/// 2026-01-01; this program did not exist before.
const BUILT_AFTER: Timestamp = Timestamp::from_seconds(1_767_225_600);
const TOLERATED_SECONDS: i64 = 60;
const MEND: &str = "Set the clock and keep it set (chrony, systemd-timesyncd): tokens are judged by it.";

pub(super) fn check(config: &Config, now: Timestamp) -> Vec<Finding> {
    if now < BUILT_AFTER {
        return vec![Finding::wrong(
            format!("it says {now}, which is in the past"),
            MEND,
        )];
    }
    let written = fs::metadata(&config.server.data_dir)
        .and_then(|found| found.modified())
        .ok();
    let seconds = written
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_secs()).ok());
    match seconds {
        Some(seconds) if seconds > now.as_seconds() + TOLERATED_SECONDS => vec![Finding::wrong(
            format!("it says {now}, but the data folder was changed later than that: it was set back"),
            MEND,
        )],
        _ => vec![Finding::Fine(format!("it says {now}"))],
    }
}
