//! The effective configuration as TOML, each value with its source.
//! Secrets are not in what it prints.

use std::io;

use toml::{Table, Value};

use super::Loaded;

impl Loaded {
    /// Writes every setting in force, section by section.
    pub fn print(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let sections = Table::try_from(&self.shown).map_err(io::Error::other)?;
        for (name, section) in &sections {
            match section {
                Value::Table(table) => self.print_section(name, table, out)?,
                Value::Array(entries) => {
                    for entry in entries.iter().filter_map(Value::as_table) {
                        writeln!(out, "[[{name}]] # {}", self.source(name))?;
                        for (key, value) in entry {
                            writeln!(out, "{key} = {value}")?;
                        }
                        writeln!(out)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn print_section(&self, name: &str, table: &Table, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "[{name}]")?;
        for (key, value) in table {
            writeln!(out, "{key} = {value} # {}", self.source(&format!("{name}.{key}")))?;
        }
        writeln!(out)
    }
}
