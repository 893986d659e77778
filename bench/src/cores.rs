//! Which cores do what: half of them run what is measured, the others load, upstream and whatever else is needed.
//! It refuses to divide fewer than four: there everybody shares all of them.

use std::sync::LazyLock;

use anyhow::{Context, Result};
use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

/// The cores that this process was given at its start.
static GIVEN: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
});

/// How everybody is told how many threads a proxy has.
pub const THREADS: &str = "BENCH_THREADS";

/// Threads of each proxy: as many as it has cores, unless `BENCH_THREADS` says otherwise.
pub fn threads() -> usize {
    let asked = std::env::var(THREADS).ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or_else(measured)
}

/// How many cores what is measured has for itself; half of them also where they are not divided.
fn measured() -> usize {
    (GIVEN.len() / 2).max(1)
}

/// Keeps this process, and those that it starts, off the cores of what is measured. Comes before any thread.
///
/// # Errors
/// When the system does not let us choose.
pub fn divide() -> Result<()> {
    match GIVEN.split_at_checked(measured()) {
        Some((_, rest)) if GIVEN.len() >= 4 => keep(None, rest),
        _ => Ok(()),
    }
}

/// Moves a process with its threads and children to the cores of what is measured.
///
/// # Errors
/// When it has ended, or the system does not let us choose.
pub fn measure_on_its_own(process: u32) -> Result<()> {
    if GIVEN.len() < 4 {
        return Ok(());
    }
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let id: i32 = thread?
            .file_name()
            .to_str()
            .context("a thread's number")?
            .parse()?;
        keep(Pid::from_raw(id), &GIVEN[..measured()])?;
    }
    for child in crate::cpu::children(process) {
        measure_on_its_own(child)?;
    }
    Ok(())
}

fn keep(thread: Option<Pid>, cores: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core);
    }
    sched_setaffinity(thread, &set).context("cannot choose the cores")
}
