//! What the machine itself can do: signatures, synchronous writes.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::{Duration, Instant};

use anyhow::Result;
use jose::{Algorithm, SigningKey};
use serde_json::json;

use crate::load::Rate;
use crate::report::Report;

const LENGTH: Duration = Duration::from_secs(2);

/// ES256 signatures a second on all cores together.
pub fn signatures() -> Result<f64> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads: Vec<_> = (0..cores).map(|_| std::thread::spawn(|| sign(LENGTH))).collect();
    let mut sum = 0.0;
    for thread in threads {
        sum += thread
            .join()
            .map_err(|_| anyhow::anyhow!("a signing thread died"))??;
    }
    Ok(sum)
}

fn sign(length: Duration) -> Result<f64> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < length {
        for _ in 0..100 {
            key.sign(
                "at+jwt",
                &json!({"iss": "http://127.0.0.1", "sub": "client", "exp": 1_795_221_529}),
            )?;
        }
        count += 100;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

/// Appends of 4 KiB that are on disk when they return, one after the other.
pub fn syncs() -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("sync");
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < LENGTH {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

pub fn measure(report: &mut Report) -> Result<()> {
    report.rate(
        "limit: ES256 signatures, all cores",
        Rate {
            per_second: signatures()?,
            ..Rate::default()
        },
    );
    report.rate(
        "limit: synced appends, one by one",
        Rate {
            per_second: syncs()?,
            ..Rate::default()
        },
    );
    Ok(())
}
