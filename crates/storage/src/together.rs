//! Several statements in one call of the SQLite driver, because each call is a trip to its thread and back.
//! Refuses to reorder, and to tell the outcome of any statement but the last.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::Arguments as _;
use sqlx::sqlite::SqliteArguments;

use crate::value::{Value, push_sqlite};

/// Statements that run with the next one.
#[derive(Default)]
pub(crate) struct Queue {
    statements: Vec<Queued>,
    arguments: SqliteArguments,
    /// Texts joined before, by the addresses of the statements in them: as many as the program has sequences.
    joined: HashMap<Vec<usize>, Arc<str>>,
    /// How often the queue was emptied by running it.
    runs: u64,
}

#[derive(Clone, Copy)]
struct Queued {
    sql: &'static str,
    /// How many arguments come before its own.
    offset: usize,
}

/// A place in the queue to go back to.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    length: usize,
    runs: u64,
}

impl Queue {
    pub(crate) const fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    pub(crate) fn push(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), sqlx::Error> {
        let offset = self.arguments.len();
        push_sqlite(&mut self.arguments, values)?;
        self.statements.push(Queued { sql, offset });
        Ok(())
    }

    /// Everything queued as one text with its arguments; the queue is empty afterwards.
    pub(crate) fn take(&mut self) -> (Arc<str>, SqliteArguments) {
        self.runs += 1;
        let addresses: Vec<usize> = self
            .statements
            .iter()
            .map(|queued| queued.sql.as_ptr() as usize)
            .collect();
        let statements = std::mem::take(&mut self.statements);
        let text = self
            .joined
            .entry(addresses)
            .or_insert_with(|| join(&statements).into());
        (text.clone(), std::mem::take(&mut self.arguments))
    }

    /// Where the queue is now. Only statements without arguments may be queued at a mark.
    pub(crate) const fn mark(&self) -> Mark {
        Mark {
            length: self.statements.len(),
            runs: self.runs,
        }
    }

    /// Forgets what was queued since the mark, and keeps what was queued before it and has not run.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        let kept = if mark.runs == self.runs { mark.length } else { 0 };
        self.statements.truncate(kept);
        self.arguments = SqliteArguments::default();
    }
}

fn join(statements: &[Queued]) -> String {
    let mut text = String::new();
    for queued in statements {
        renumber(&mut text, queued.sql, queued.offset);
        text.push(';');
    }
    text
}

/// Appends `sql` with each placeholder `$n` as `$(n + offset)`; our statements have a dollar sign nowhere else.
fn renumber(text: &mut String, sql: &str, offset: usize) {
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(part.len());
        let (number, rest) = part.split_at(end);
        let number: usize = number.parse().unwrap_or_default();
        text.push('$');
        text.push_str(&(number + offset).to_string());
        text.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on_through_the_joined_text() {
        let mut queue = Queue::default();
        queue.push("SAVEPOINT work", &[]).unwrap();
        queue
            .push("t SET a = $2 WHERE b = $1", &[1.into(), 2.into()])
            .unwrap();
        queue.push("t VALUES ($1)", &[3.into()]).unwrap();
        let (text, arguments) = queue.take();
        assert_eq!(&*text, "SAVEPOINT work;t SET a = $2 WHERE b = $1;t VALUES ($3);");
        assert_eq!(arguments.len(), 3);
        assert!(queue.is_empty());
    }

    #[test]
    fn going_back_keeps_what_was_queued_before_and_has_not_run() {
        let mut queue = Queue::default();
        queue.push("BEGIN", &[]).unwrap();
        let mark = queue.mark();
        queue.push("t VALUES ($1)", &[1.into()]).unwrap();
        queue.back_to(mark);
        assert_eq!(&*queue.take().0, "BEGIN;");
        queue.push("t VALUES ($1)", &[1.into()]).unwrap();
        queue.back_to(mark);
        assert!(queue.is_empty(), "what ran before can't be taken back here");
    }
}
