//! What a repository function sees: a `Reader` that can only fetch, a `Writer` that can also execute.
//! Neither can begin, commit or roll back.

use std::future::Future;

use crate::dialect::{NOTIFY, TRIGGERS_POSTGRES, TRIGGERS_SQLITE};
use crate::link::{Driver, Link};
use crate::readers::Home;
use crate::{Row, StorageError, Value};

pub(crate) mod sealed {
    /// Keeps [`super::Query`] to the two types of this module.
    pub trait Connected: Send {
        fn link(&mut self) -> &mut super::Link;
    }
}

use sealed::Connected;

/// Fetching, the same on both. Statements have `$1` placeholders and are prepared once per connection.
pub trait Query: Connected {
    /// The first row, if there is one.
    fn fetch_optional(
        &mut self,
        sql: &'static str,
        args: &[Value<'_>],
    ) -> impl Future<Output = Result<Option<Row>, StorageError>> + Send {
        async move {
            let link = self.link();
            let before = link.begin();
            let outcome = link.optional(sql, args).await;
            link.end(before, outcome)
        }
    }

    /// The first row; its absence is an error of the program.
    fn fetch_one(
        &mut self,
        sql: &'static str,
        args: &[Value<'_>],
    ) -> impl Future<Output = Result<Row, StorageError>> + Send {
        async move {
            let row = self.fetch_optional(sql, args).await?;
            row.ok_or(StorageError::Database(sqlx::Error::RowNotFound))
        }
    }

    /// All rows; the statement itself bounds how many.
    fn fetch_all(
        &mut self,
        sql: &'static str,
        args: &[Value<'_>],
    ) -> impl Future<Output = Result<Vec<Row>, StorageError>> + Send {
        async move {
            let link = self.link();
            let before = link.begin();
            let outcome = link.all(sql, args).await;
            link.end(before, outcome)
        }
    }
}

impl<T: Connected> Query for T {}

/// A connection that only reads. Each statement sees what was committed before it began.
pub struct Reader {
    pub(crate) link: Link,
    /// Where the connection goes when the reader is dropped.
    pub(crate) home: Home,
}

impl Connected for Reader {
    fn link(&mut self) -> &mut Link {
        &mut self.link
    }
}

impl Reader {
    /// The names of the schema's triggers that work.
    pub(crate) async fn triggers(&mut self) -> Result<Vec<String>, StorageError> {
        let sql = match self.link.driver {
            Driver::Sqlite(_) | Driver::Gone => TRIGGERS_SQLITE,
            Driver::Postgres(_) | Driver::Transaction(_) => TRIGGERS_POSTGRES,
        };
        let rows = self.fetch_all(sql, &[]).await?;
        rows.iter().map(|row| row.text("name")).collect()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let driver = std::mem::replace(&mut self.link.driver, Driver::Gone);
        self.home.take_back(driver, self.link.failed);
    }
}

/// The open transaction of one [`crate::Database::write`].
///
/// A statement that fails or is abandoned dooms the write, on both databases: it is rolled back even if the error is
/// swallowed. Where a conflict is expected, write `ON CONFLICT DO NOTHING` and count the rows.
pub struct Writer {
    pub(crate) link: Link,
}

impl Connected for Writer {
    fn link(&mut self) -> &mut Link {
        &mut self.link
    }
}

impl Writer {
    /// Runs a statement and tells how many rows it changed.
    pub async fn execute(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<u64, StorageError> {
        let before = self.link.begin();
        let outcome = self.link.execute(sql, args).await;
        self.link.end(before, outcome)
    }

    /// Tells the other replicas, with the commit, that the revocation log went on; a file has no others to tell.
    pub(crate) async fn tell_replicas(&mut self) -> Result<(), StorageError> {
        match self.link.driver {
            Driver::Postgres(_) | Driver::Transaction(_) => self.execute(NOTIFY, &[]).await.map(drop),
            Driver::Sqlite(_) | Driver::Gone => Ok(()),
        }
    }
}
