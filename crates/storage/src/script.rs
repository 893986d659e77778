//! A write that is known before it begins: its statements are data, and no answer decides what comes next.
//! Refuses reads; whatever needs one is a work for [`crate::Database::write`].

use std::future::Future;

use crate::{StorageError, Value, Writer};

/// Where a repository function puts a statement that changes something: into a transaction at once, or into a script.
pub trait Perform: Send {
    /// Runs the statement, or adds it to what will run; how many rows it changes does not matter.
    fn perform(
        &mut self,
        sql: &'static str,
        args: &[Value<'_>],
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}

impl Perform for Writer {
    async fn perform(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<(), StorageError> {
        self.execute(sql, args).await.map(drop)
    }
}

/// Statements that are all done or all undone. On SQLite many scripts go to the driver in one call, which is a trip to
/// its thread and back that each statement of a work pays for by itself.
#[derive(Default)]
pub struct Script {
    pub(crate) steps: Vec<Step>,
}

pub(crate) struct Step {
    pub(crate) sql: &'static str,
    values: Vec<Owned>,
    /// The script is undone unless this one changes exactly one row.
    pub(crate) decides: bool,
}

impl Perform for Script {
    fn perform(
        &mut self,
        sql: &'static str,
        args: &[Value<'_>],
    ) -> impl Future<Output = Result<(), StorageError>> + Send {
        self.push(sql, args, false);
        std::future::ready(Ok(()))
    }
}

impl Script {
    /// A statement that says whether the script is to be done: it must change exactly one row.
    pub fn decide(&mut self, sql: &'static str, args: &[Value<'_>]) {
        self.push(sql, args, true);
    }

    fn push(&mut self, sql: &'static str, args: &[Value<'_>], decides: bool) {
        let values = args.iter().map(Owned::of).collect();
        self.steps.push(Step { sql, values, decides });
    }

    /// Scripts of the same statements can share a text.
    pub(crate) fn has_shape_of(&self, other: &Self) -> bool {
        let pairs = || self.steps.iter().zip(&other.steps);
        self.steps.len() == other.steps.len() && pairs().all(|(own, other)| std::ptr::eq(own.sql, other.sql))
    }
}

impl Step {
    pub(crate) fn values(&self) -> Vec<Value<'_>> {
        self.values.iter().map(Owned::borrow).collect()
    }
}

/// An argument that waits.
enum Owned {
    Text(Option<Box<str>>),
    Int(Option<i64>),
    Bytes(Option<Box<[u8]>>),
}

impl Owned {
    fn of(value: &Value<'_>) -> Self {
        match *value {
            Value::Text(text) => Self::Text(Some(text.into())),
            Value::OptText(text) => Self::Text(text.map(Into::into)),
            Value::Int(int) => Self::Int(Some(int)),
            Value::OptInt(int) => Self::Int(int),
            Value::Bytes(bytes) => Self::Bytes(Some(bytes.into())),
            Value::OptBytes(bytes) => Self::Bytes(bytes.map(Into::into)),
        }
    }

    fn borrow(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::OptText(text.as_deref()),
            Self::Int(int) => Value::OptInt(*int),
            Self::Bytes(bytes) => Value::OptBytes(bytes.as_deref()),
        }
    }
}

impl Writer {
    /// Runs a script inside an open transaction; false when it decided against itself, and then it must be rolled back.
    pub(crate) async fn run(&mut self, script: &Script) -> Result<bool, StorageError> {
        for step in &script.steps {
            let changed = self.execute(step.sql, &step.values()).await?;
            if step.decides && changed != 1 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
