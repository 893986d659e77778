//! The `milestones` table.
//! Refuses to move a milestone: the first time it was reached stands.

use model::milestone::Milestone;
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const TABLE: &str = "milestones";

const LIST: &str = "SELECT milestone, reached_at FROM milestones WHERE user_id = $1 ORDER BY milestone";
const REACH: &str = "INSERT INTO milestones (user_id, milestone, reached_at) VALUES ($1, $2, $3) ON CONFLICT (user_id, milestone) DO NOTHING";
const DELETE_OF_USER: &str = "DELETE FROM milestones WHERE user_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[LIST, REACH, DELETE_OF_USER];

pub async fn list(q: &mut impl Query, user: UserId) -> Result<Vec<(Milestone, Timestamp)>, StorageError> {
    let rows = q.fetch_all(LIST, &[user.to_string().as_str().into()]).await?;
    let read = |row: &crate::Row| {
        let columns = Columns::new(TABLE, row);
        let name = columns.text("milestone")?;
        let milestone = Milestone::parse(&name).ok_or_else(|| columns.corrupt("milestone"))?;
        Ok((milestone, columns.instant("reached_at")?))
    };
    rows.iter().map(read).collect()
}

/// False when it was reached before.
pub async fn reach(
    w: &mut Writer,
    user: UserId,
    milestone: Milestone,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let user = user.to_string();
    let args = [user.as_str().into(), milestone.as_str().into(), now.into()];
    Ok(w.execute(REACH, &args).await? == 1)
}

pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<(), StorageError> {
    let user = user.to_string();
    w.execute(DELETE_OF_USER, &[user.as_str().into()]).await.map(drop)
}
