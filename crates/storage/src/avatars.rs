//! The `avatars` table.
//! Keeps one picture of a user: the next takes its place, under another id.

use model::avatar::{Avatar, PictureFormat};
use model::{AvatarId, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "avatars";

const FIND: &str = "SELECT id, user_id, format, bytes, created_at FROM avatars WHERE id = $1";
const FIND_OF_USER: &str = "SELECT id, user_id, format, bytes, created_at FROM avatars WHERE user_id = $1";
const PUT: &str = "INSERT INTO avatars (id, user_id, format, bytes, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, format = excluded.format, bytes = excluded.bytes, created_at = excluded.created_at";
const DELETE_OF_USER: &str = "DELETE FROM avatars WHERE user_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, FIND_OF_USER, PUT, DELETE_OF_USER];

fn decode(row: &Row) -> Result<Avatar, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Avatar {
        id: columns.parsed("id")?,
        user_id: columns.parsed("user_id")?,
        format: PictureFormat::parse(&columns.text("format")?).ok_or_else(|| columns.corrupt("format"))?,
        bytes: columns.bytes("bytes")?,
        created_at: columns.instant("created_at")?,
    })
}

pub async fn find(q: &mut impl Query, id: AvatarId) -> Result<Option<Avatar>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.to_string().as_str().into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

pub async fn find_of_user(q: &mut impl Query, user: UserId) -> Result<Option<Avatar>, StorageError> {
    let row = q
        .fetch_optional(FIND_OF_USER, &[user.to_string().as_str().into()])
        .await?;
    row.map(|row| decode(&row)).transpose()
}

/// In place of the picture the user had.
pub async fn put(w: &mut Writer, avatar: &Avatar) -> Result<(), StorageError> {
    let (id, user) = (avatar.id.to_string(), avatar.user_id.to_string());
    let args = [
        id.as_str().into(),
        user.as_str().into(),
        avatar.format.as_str().into(),
        avatar.bytes.as_slice().into(),
        avatar.created_at.into(),
    ];
    w.execute(PUT, &args).await.map(drop)
}

/// False when the user had none.
pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<bool, StorageError> {
    let user = user.to_string();
    Ok(w.execute(DELETE_OF_USER, &[user.as_str().into()]).await? == 1)
}
