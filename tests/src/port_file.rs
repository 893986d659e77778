//! Reads the file in which both programs name the addresses they are bound to: lines of `name=address`.
//! It does not guess: a name that is not in the file is an error.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};

/// Listener names and their bound addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports(BTreeMap<String, SocketAddr>);

impl Ports {
    /// The addresses in `path`, or `None` while there is no such file.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The address of one listener.
    pub fn get(&self, name: &str) -> Result<SocketAddr> {
        self.0
            .get(name)
            .copied()
            .with_context(|| format!("no listener '{name}' in {:?}", self.0))
    }

    fn parse(text: &str) -> Result<Self> {
        let entry = |line: &str| {
            let (name, address) = line
                .split_once('=')
                .with_context(|| format!("not name=address: {line}"))?;
            Ok((
                name.to_owned(),
                address
                    .parse()
                    .with_context(|| format!("not an address: {line}"))?,
            ))
        };
        text.lines().map(entry).collect::<Result<_>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_names_a_listener() {
        let ports = Ports::parse("public=127.0.0.1:1234\nadmin=127.0.0.1:1235\n").unwrap();
        assert_eq!(ports.get("admin").unwrap().port(), 1235);
        assert!(ports.get("other").is_err());
    }

    #[test]
    fn half_a_line_is_an_error() {
        assert!(Ports::parse("public=127.0.0.1:1234\nadm").is_err());
        assert!(Ports::parse("public=127.0.0.1").is_err());
    }

    #[test]
    fn no_file_yet_is_not_an_error() {
        assert_eq!(Ports::read(Path::new("no/such/file")).unwrap(), None);
    }
}
