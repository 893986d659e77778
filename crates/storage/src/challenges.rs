//! The `mail_challenges` table.

use model::challenge::{Challenge, Purpose};
use model::{ChallengeId, SecretDigest, Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "mail_challenges";

const FIND_BY_SECRET: &str = "SELECT id, purpose, user_id, email, secret_digest, browser, flow, attempts, created_at, expires_at, consumed_at FROM mail_challenges WHERE secret_digest = $1";
// A job that is tried again sends another link; the one before stops working.
const PUT: &str = "INSERT INTO mail_challenges (id, purpose, user_id, email, secret_digest, browser, flow, attempts, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9) ON CONFLICT (id) DO UPDATE SET secret_digest = excluded.secret_digest WHERE mail_challenges.consumed_at IS NULL";
const COUNT_GUESS: &str = "UPDATE mail_challenges SET attempts = attempts + 1 WHERE id = $1 AND attempts < $2 AND consumed_at IS NULL RETURNING id, purpose, user_id, email, secret_digest, browser, flow, attempts, created_at, expires_at, consumed_at";
const CONSUME: &str =
    "UPDATE mail_challenges SET consumed_at = $2 WHERE id = $1 AND consumed_at IS NULL AND expires_at > $2";
const CONSUME_ALL: &str =
    "UPDATE mail_challenges SET consumed_at = $3 WHERE user_id = $1 AND purpose = $2 AND consumed_at IS NULL";
const CONSUME_SINCE: &str = "UPDATE mail_challenges SET consumed_at = $3 WHERE user_id = $1 AND created_at >= $2 AND consumed_at IS NULL";
const DELETE_EXPIRED: &str = "DELETE FROM mail_challenges WHERE expires_at < $1";

const DELETE_OF_USER: &str = "DELETE FROM mail_challenges WHERE user_id = $1";
const FIND_OPEN: &str = "SELECT id, purpose, user_id, email, secret_digest, browser, flow, attempts, created_at, expires_at, consumed_at FROM mail_challenges WHERE user_id = $1 AND purpose = $2 AND consumed_at IS NULL AND expires_at > $3 ORDER BY created_at DESC LIMIT 1";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND_BY_SECRET,
    PUT,
    COUNT_GUESS,
    CONSUME,
    CONSUME_ALL,
    CONSUME_SINCE,
    DELETE_EXPIRED,
    DELETE_OF_USER,
    FIND_OPEN,
];

fn decode(row: &Row) -> Result<Challenge, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Challenge {
        id: columns.parsed("id")?,
        purpose: Purpose::parse(&columns.text("purpose")?).ok_or_else(|| columns.corrupt("purpose"))?,
        user_id: columns.parsed("user_id")?,
        email: columns.parsed("email")?,
        secret: columns.digest("secret_digest")?,
        browser: columns.opt_digest("browser")?,
        flow: columns.opt_text("flow")?,
        attempts: columns.int("attempts")?,
        created_at: columns.instant("created_at")?,
        expires_at: columns.instant("expires_at")?,
        consumed_at: columns.opt_instant("consumed_at")?,
    })
}

pub async fn find_by_secret(
    q: &mut impl Query,
    secret: &SecretDigest,
) -> Result<Option<Challenge>, StorageError> {
    q.fetch_optional(FIND_BY_SECRET, &[secret.as_bytes().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// Stores the challenge; when it is there already, only its link becomes another.
pub async fn put(w: &mut Writer, challenge: &Challenge) -> Result<(), StorageError> {
    let (id, user) = (challenge.id.to_string(), challenge.user_id.to_string());
    let browser = challenge.browser.as_ref().map(|mark| mark.as_bytes().as_slice());
    let args = [
        id.as_str().into(),
        challenge.purpose.as_str().into(),
        user.as_str().into(),
        challenge.email.as_str().into(),
        challenge.secret.as_bytes().into(),
        browser.into(),
        challenge.flow.as_deref().into(),
        challenge.created_at.into(),
        challenge.expires_at.into(),
    ];
    w.execute(PUT, &args).await.map(drop)
}

/// Counts a guess of the code before it is judged; nothing when there is no such challenge, it was used, or `most` were
/// counted.
pub async fn count_guess(
    w: &mut Writer,
    id: ChallengeId,
    most: i64,
) -> Result<Option<Challenge>, StorageError> {
    let id = id.to_string();
    w.fetch_optional(COUNT_GUESS, &[id.as_str().into(), most.into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// False when it was used or has expired.
pub async fn consume(w: &mut Writer, id: ChallengeId, now: Timestamp) -> Result<bool, StorageError> {
    let id = id.to_string();
    Ok(w.execute(CONSUME, &[id.as_str().into(), now.into()]).await? == 1)
}

/// Ends every open challenge of the user for this purpose.
pub async fn consume_all(
    w: &mut Writer,
    user: UserId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<(), StorageError> {
    let user = user.to_string();
    let args = [user.as_str().into(), purpose.as_str().into(), now.into()];
    w.execute(CONSUME_ALL, &args).await.map(drop)
}

/// Ends every open challenge of the user that was made at `since` or later.
pub async fn consume_since(
    w: &mut Writer,
    user: UserId,
    since: Timestamp,
    now: Timestamp,
) -> Result<u64, StorageError> {
    let user = user.to_string();
    w.execute(CONSUME_SINCE, &[user.as_str().into(), since.into(), now.into()])
        .await
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}

pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_USER, &[user.to_string().as_str().into()])
        .await
}

/// The newest one of the user that can still be used for this purpose.
pub async fn find_open(
    q: &mut impl Query,
    user: UserId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Challenge>, StorageError> {
    let user = user.to_string();
    let args = [user.as_str().into(), purpose.as_str().into(), now.into()];
    q.fetch_optional(FIND_OPEN, &args)
        .await?
        .map(|row| decode(&row))
        .transpose()
}
