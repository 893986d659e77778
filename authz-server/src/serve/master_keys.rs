//! Where the master keys come from: the configuration, a file, or a first start that makes one.
//! Refuses to make a second one beside sealed data: a file that is there is read, never replaced.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::sealing::{MasterKeyError, MasterKeys};
use model::{Random, Timestamp};
use storage::{Database, StorageError, signing_keys};
use zeroize::Zeroizing;

use crate::config::{Config, Secret};

const GENERATED: &str = "master.keys";

#[derive(Debug, thiserror::Error)]
pub enum MasterKeysError {
    #[error("keys.master_keys: {0}")]
    Configured(MasterKeyError),
    #[error("master keys in {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("master keys in {}: {source}", path.display())]
    Content { path: PathBuf, source: MasterKeyError },
    #[error(
        "{} is gone, and the database holds what was sealed with it: put the file back from your copy, or set keys.master_keys",
        path.display()
    )]
    Gone { path: PathBuf },
    #[error("storage: {0}")]
    Storage(#[from] StorageError),
}

/// Refuses a database whose master keys are gone: a new one could open nothing of it.
///
/// # Errors
/// When a key would be made beside sealed data, or the database doesn't answer.
pub async fn refuse_if_gone(config: &Config, database: &Database) -> Result<(), MasterKeysError> {
    let path = config.server.data_dir.join(GENERATED);
    let configured = !config.keys.master_keys.is_empty() || config.keys.master_keys_file.is_some();
    if configured || path.exists() {
        return Ok(());
    }
    let sealed = signing_keys::list(&mut database.read().await?, Timestamp::from_micros(0)).await?;
    match sealed.is_empty() {
        true => Ok(()),
        false => Err(MasterKeysError::Gone { path }),
    }
}

/// # Errors
/// When the keys can't be read, written or understood.
pub fn master_keys(config: &Config, random: &dyn Random) -> Result<MasterKeys, MasterKeysError> {
    if !config.keys.master_keys.is_empty() {
        let lines: Vec<&str> = config.keys.master_keys.iter().map(Secret::expose).collect();
        return MasterKeys::parse(&Zeroizing::new(lines.join("\n"))).map_err(MasterKeysError::Configured);
    }
    if let Some(path) = &config.keys.master_keys_file {
        return read(path);
    }
    let path = config.server.data_dir.join(GENERATED);
    if path.exists() {
        return read(&path);
    }
    write_new(&path, random).or_else(|source| match source.kind() {
        // Another process was first.
        io::ErrorKind::AlreadyExists => read(&path),
        _ => Err(MasterKeysError::File {
            path: path.clone(),
            source,
        }),
    })
}

fn read(path: &Path) -> Result<MasterKeys, MasterKeysError> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|source| MasterKeysError::File {
            path: path.to_owned(),
            source,
        })?;
    MasterKeys::parse(&text).map_err(|source| MasterKeysError::Content {
        path: path.to_owned(),
        source,
    })
}

/// Written aside and linked into place, so that nobody reads half a file.
fn write_new(path: &Path, random: &dyn Random) -> io::Result<MasterKeys> {
    let keys = MasterKeys::generate(random);
    let aside = path.with_extension(format!("keys.{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&aside)?;
    for key in keys.iter() {
        writeln!(file, "{}", Zeroizing::new(key.to_line()).as_str())?;
    }
    file.sync_all()?;
    let linked = std::fs::hard_link(&aside, path);
    std::fs::remove_file(&aside)?;
    linked.map(|()| keys)
}
