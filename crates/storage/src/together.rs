//! Scripts of the same statements, run on SQLite in one call of the driver.
//! Refuses to guess which of them failed: then none of them counts, and each is run by itself.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::Arguments as _;
use sqlx::sqlite::SqliteArguments;

use crate::script::Script;
use crate::value::push_sqlite;
use crate::{StorageError, Writer};

/// How many scripts share a call: few sizes, so that the driver knows their texts by heart.
const SIZES: [usize; 3] = [16, 4, 1];

/// The texts of scripts run together, by the statements in them.
#[derive(Default)]
pub(crate) struct Texts(HashMap<Vec<usize>, Arc<str>>);

/// What became of a script inside its transaction.
pub(crate) type Outcome = Result<bool, StorageError>;

/// Runs the scripts, each done or undone as a whole, and tells of each in their order.
pub(crate) async fn run_all(
    writer: &mut Writer,
    texts: &mut Texts,
    scripts: &[Script],
) -> Result<Vec<Outcome>, StorageError> {
    let mut outcomes: Vec<Option<Outcome>> = scripts.iter().map(|_| None).collect();
    for shape in shapes(scripts) {
        let mut rest = shape.as_slice();
        while !rest.is_empty() {
            let size = SIZES.into_iter().find(|size| *size <= rest.len()).unwrap_or(1);
            let (chunk, after) = rest.split_at(size);
            rest = after;
            let members: Vec<&Script> = chunk.iter().filter_map(|place| scripts.get(*place)).collect();
            let results = run_chunk(writer, texts, &members).await?;
            for (place, outcome) in chunk.iter().zip(results) {
                if let Some(slot) = outcomes.get_mut(*place) {
                    *slot = Some(outcome);
                }
            }
        }
    }
    let missing = || Err(StorageError::Unavailable("the write was not run".to_owned()));
    Ok(outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or_else(missing))
        .collect())
}

/// The places of scripts that are alike.
fn shapes(scripts: &[Script]) -> Vec<Vec<usize>> {
    let mut shapes: Vec<(&Script, Vec<usize>)> = Vec::new();
    for (place, script) in scripts.iter().enumerate() {
        match shapes.iter_mut().find(|(first, _)| first.has_shape_of(script)) {
            Some((_, places)) => places.push(place),
            None => shapes.push((script, vec![place])),
        }
    }
    shapes.into_iter().map(|(_, places)| places).collect()
}

async fn run_chunk(
    writer: &mut Writer,
    texts: &mut Texts,
    scripts: &[&Script],
) -> Result<Vec<Outcome>, StorageError> {
    if scripts.len() > 1 {
        writer.execute("SAVEPOINT scripts", &[]).await?;
        let counted = run_joined(writer, texts, scripts).await;
        // What fails here is said by the scripts that are run one by one.
        let done = counted.is_ok_and(|counts| all_decided(scripts, &counts));
        writer.link.failed = false;
        if !done {
            writer.execute("ROLLBACK TO scripts", &[]).await?;
        }
        writer.execute("RELEASE scripts", &[]).await?;
        if done {
            return Ok(scripts.iter().map(|_| Ok(true)).collect());
        }
    }
    let mut outcomes = Vec::with_capacity(scripts.len());
    for script in scripts {
        outcomes.push(run_alone(writer, script).await?);
    }
    Ok(outcomes)
}

async fn run_alone(writer: &mut Writer, script: &Script) -> Result<Outcome, StorageError> {
    writer.execute("SAVEPOINT scripts", &[]).await?;
    let outcome = writer.run(script).await;
    writer.link.failed = false;
    if !matches!(outcome, Ok(true)) {
        // Fails if SQLite has rolled back everything by itself (disk full): then nobody is told of success.
        writer.execute("ROLLBACK TO scripts", &[]).await?;
    }
    writer.execute("RELEASE scripts", &[]).await?;
    Ok(outcome)
}

async fn run_joined(
    writer: &mut Writer,
    texts: &mut Texts,
    scripts: &[&Script],
) -> Result<Vec<u64>, sqlx::Error> {
    let steps = || scripts.iter().flat_map(|script| &script.steps);
    let addresses = steps().map(|step| step.sql.as_ptr() as usize).collect();
    let mut arguments = SqliteArguments::default();
    let mut offsets = Vec::new();
    for step in steps() {
        offsets.push(arguments.len());
        push_sqlite(&mut arguments, &step.values())?;
    }
    let text = texts
        .0
        .entry(addresses)
        .or_insert_with(|| join(steps().map(|step| step.sql).zip(offsets)).into());
    writer.link.counts(text.clone(), arguments).await
}

fn all_decided(scripts: &[&Script], counts: &[u64]) -> bool {
    let steps = scripts.iter().flat_map(|script| &script.steps);
    let total: usize = scripts.iter().map(|script| script.steps.len()).sum();
    counts.len() == total
        && steps
            .zip(counts)
            .all(|(step, count)| !step.decides || *count == 1)
}

fn join(statements: impl Iterator<Item = (&'static str, usize)>) -> String {
    let mut text = String::new();
    for (sql, offset) in statements {
        renumber(&mut text, sql, offset);
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
    use crate::script::Perform as _;

    #[test]
    fn placeholders_count_on_through_the_joined_text() {
        let statements = [("t SET a = $2 WHERE b = $1", 0), ("t VALUES ($1)", 2)];
        let text = join(statements.into_iter());
        assert_eq!(text, "t SET a = $2 WHERE b = $1;t VALUES ($3);");
    }

    #[tokio::test]
    async fn scripts_of_the_same_statements_are_one_shape() {
        const ONE: &str = "t VALUES ($1)";
        const OTHER: &str = "u VALUES ($1)";
        let mut scripts = [Script::default(), Script::default(), Script::default()];
        for (script, sql) in scripts.iter_mut().zip([ONE, OTHER, ONE]) {
            script.perform(sql, &[1.into()]).await.unwrap();
        }
        assert_eq!(shapes(&scripts), [vec![0, 2], vec![1]]);
    }
}
