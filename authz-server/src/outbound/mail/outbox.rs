//! The outbox: letters kept as files in the data folder, for trying things out without an SMTP server.
//! Refuses to be read by other users of the machine.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::mail::MailerError;
use lettre::Message;
use model::{JobId, Timestamp};

/// Older letters make room.
const MOST_LETTERS: usize = 500;

/// A folder of letters, each a file that mail programs open.
#[derive(Clone, Debug)]
pub struct Outbox(PathBuf);

/// A letter in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLetter {
    /// The name of its file without the ending; newer ones sort later.
    pub name: String,
    pub to: String,
    pub subject: String,
}

impl Outbox {
    /// The outbox of a data folder; it need not exist.
    pub fn at(data_dir: &Path) -> Self {
        Self(data_dir.join("outbox"))
    }

    pub(super) async fn keep(&self, id: &JobId, now: Timestamp, letter: Message) -> Result<(), MailerError> {
        let outbox = self.clone();
        let name = format!("{:016}-{id}", now.as_micros());
        let written = tokio::task::spawn_blocking(move || outbox.write(&name, &letter.formatted()));
        match written.await {
            Ok(outcome) => outcome.map_err(|error| MailerError(format!("outbox: {error}"))),
            Err(_) => Err(MailerError("outbox: writing was cut short".to_owned())),
        }
    }

    fn write(&self, name: &str, letter: &[u8]) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let path = self.path(name);
        let half = path.with_extension("part");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&half)?.write_all(letter)?;
        fs::rename(half, path)?;
        let names = self.names()?;
        for old in names.iter().rev().skip(MOST_LETTERS) {
            fs::remove_file(self.path(old))?;
        }
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.eml"))
    }

    /// Oldest first.
    fn names(&self) -> io::Result<Vec<String>> {
        let folder = match fs::read_dir(&self.0) {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in folder {
            let name = entry?.file_name();
            names.extend(
                name.to_str()
                    .and_then(|name| name.strip_suffix(".eml"))
                    .map(str::to_owned),
            );
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What is in it, newest first.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn list(&self) -> io::Result<Vec<KeptLetter>> {
        let names = self.names()?.into_iter().rev();
        let letters = names.map(|name| {
            let text = self.read(&name)?;
            Ok(KeptLetter {
                to: header(&text, "To").to_owned(),
                subject: header(&text, "Subject").to_owned(),
                name,
            })
        });
        letters.collect()
    }

    /// A letter as it would be sent.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn read(&self, name: &str) -> io::Result<String> {
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_name {
            return Err(io::ErrorKind::NotFound.into());
        }
        fs::read_to_string(self.path(name))
    }

    /// Empties it, and tells how many letters there were.
    ///
    /// # Errors
    /// When one can't be removed.
    pub fn clear(&self) -> io::Result<usize> {
        let names = self.names()?;
        for name in &names {
            fs::remove_file(self.path(name))?;
        }
        Ok(names.len())
    }
}

fn header<'t>(text: &'t str, name: &str) -> &'t str {
    let lines = text.lines().take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| *found == name)
        .map_or("", |(_, value)| value)
}
