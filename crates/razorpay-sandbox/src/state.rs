//! The memory on disk, so that a demonstration survives a restart.
//! Writes the whole file or nothing; keeps neither keys nor events, so what was not delivered by then is lost.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::world::Books;

/// What is kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct State {
    /// How far the sandbox's clock is ahead of the machine's, in milliseconds.
    pub(crate) ahead: i64,
    pub(crate) books: Books,
}

impl State {
    /// `None` when there is no file yet.
    pub(crate) fn read(file: &Path) -> io::Result<Option<Self>> {
        match fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn write(&self, file: &Path) -> io::Result<()> {
        let draft = file.with_extension("draft");
        fs::write(&draft, serde_json::to_vec(self)?)?;
        fs::rename(draft, file)
    }
}
