//! The tables `totp_factors`, `totp_setups` and `backup_codes`.

use model::second_factor::TotpFactor;
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const FIND_TOTP: &str =
    "SELECT user_id, secret_sealed, last_step, confirmed_at FROM totp_factors WHERE user_id = $1";
const PUT_TOTP: &str = "INSERT INTO totp_factors (user_id, secret_sealed, last_step, confirmed_at) VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, last_step = excluded.last_step, confirmed_at = excluded.confirmed_at";
const TAKE_STEP: &str = "UPDATE totp_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2";
const DELETE_TOTP: &str = "DELETE FROM totp_factors WHERE user_id = $1";
const FIND_SETUP: &str = "SELECT secret_sealed FROM totp_setups WHERE user_id = $1 AND created_at > $2";
const PUT_SETUP: &str = "INSERT INTO totp_setups (user_id, secret_sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (user_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, created_at = excluded.created_at";
const TAKE_SETUP: &str = "DELETE FROM totp_setups WHERE user_id = $1 AND secret_sealed = $2";
const INSERT_CODE: &str = "INSERT INTO backup_codes (user_id, tag, created_at) VALUES ($1, $2, $3)";
const TAKE_CODE: &str =
    "UPDATE backup_codes SET used_at = $3 WHERE user_id = $1 AND tag = $2 AND used_at IS NULL";
const COUNT_CODES: &str = "SELECT count(*) AS n FROM backup_codes WHERE user_id = $1 AND used_at IS NULL";
const DELETE_CODES: &str = "DELETE FROM backup_codes WHERE user_id = $1";
const COUNT_FACTORS: &str = "SELECT (SELECT count(*) FROM totp_factors WHERE user_id = $1) + (SELECT count(*) FROM passkeys WHERE user_id = $1) AS n";
const DELETE_PASSKEYS: &str = "DELETE FROM passkeys WHERE user_id = $1";
const DELETE_TOTP_SINCE: &str = "DELETE FROM totp_factors WHERE user_id = $1 AND confirmed_at >= $2";
const DELETE_PASSKEYS_SINCE: &str = "DELETE FROM passkeys WHERE user_id = $1 AND created_at >= $2";
const DELETE_CODES_SINCE: &str = "DELETE FROM backup_codes WHERE user_id = $1 AND created_at >= $2";
const DELETE_SETUP: &str = "DELETE FROM totp_setups WHERE user_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    DELETE_SETUP,
    DELETE_TOTP_SINCE,
    DELETE_PASSKEYS_SINCE,
    DELETE_CODES_SINCE,
    DELETE_PASSKEYS,
    FIND_TOTP,
    PUT_TOTP,
    TAKE_STEP,
    DELETE_TOTP,
    FIND_SETUP,
    PUT_SETUP,
    TAKE_SETUP,
    INSERT_CODE,
    TAKE_CODE,
    COUNT_CODES,
    DELETE_CODES,
    COUNT_FACTORS,
];

pub async fn find_totp(q: &mut impl Query, user: UserId) -> Result<Option<TotpFactor>, StorageError> {
    let user = user.to_string();
    let Some(row) = q.fetch_optional(FIND_TOTP, &[user.as_str().into()]).await? else {
        return Ok(None);
    };
    let columns = Columns::new("totp_factors", &row);
    Ok(Some(TotpFactor {
        user_id: columns.parsed("user_id")?,
        secret_sealed: columns.bytes("secret_sealed")?,
        last_step: columns.int("last_step")?,
        confirmed_at: columns.instant("confirmed_at")?,
    }))
}

/// In place of the one before.
pub async fn put_totp(w: &mut Writer, factor: &TotpFactor) -> Result<(), StorageError> {
    let user = factor.user_id.to_string();
    let args = [
        user.as_str().into(),
        (&factor.secret_sealed).into(),
        factor.last_step.into(),
        factor.confirmed_at.into(),
    ];
    w.execute(PUT_TOTP, &args).await.map(drop)
}

/// False when a code of this step or a later one was taken before.
pub async fn take_step(w: &mut Writer, user: UserId, step: i64) -> Result<bool, StorageError> {
    let user = user.to_string();
    Ok(w.execute(TAKE_STEP, &[user.as_str().into(), step.into()]).await? == 1)
}

/// False when there was none.
pub async fn delete_totp(w: &mut Writer, user: UserId) -> Result<bool, StorageError> {
    let user = user.to_string();
    Ok(w.execute(DELETE_TOTP, &[user.as_str().into()]).await? == 1)
}

/// The sealed seed that was shown after `since`.
pub async fn find_setup(
    q: &mut impl Query,
    user: UserId,
    since: Timestamp,
) -> Result<Option<Vec<u8>>, StorageError> {
    let user = user.to_string();
    let row = q
        .fetch_optional(FIND_SETUP, &[user.as_str().into(), since.into()])
        .await?;
    row.map(|row| Columns::new("totp_setups", &row).bytes("secret_sealed"))
        .transpose()
}

/// In place of the one before.
pub async fn put_setup(
    w: &mut Writer,
    user: UserId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), StorageError> {
    let user = user.to_string();
    w.execute(PUT_SETUP, &[user.as_str().into(), sealed.into(), now.into()])
        .await
        .map(drop)
}

/// Uses the set-up; false when another one took its place or it was used.
pub async fn take_setup(w: &mut Writer, user: UserId, sealed: &[u8]) -> Result<bool, StorageError> {
    let user = user.to_string();
    Ok(w.execute(TAKE_SETUP, &[user.as_str().into(), sealed.into()])
        .await?
        == 1)
}

/// These codes, in place of all before.
pub async fn replace_codes(
    w: &mut Writer,
    user: UserId,
    tags: &[[u8; 32]],
    now: Timestamp,
) -> Result<(), StorageError> {
    let user = user.to_string();
    w.execute(DELETE_CODES, &[user.as_str().into()]).await?;
    for tag in tags {
        w.execute(INSERT_CODE, &[user.as_str().into(), tag.into(), now.into()])
            .await?;
    }
    Ok(())
}

/// False when there is no such code or it was used.
pub async fn take_code(
    w: &mut Writer,
    user: UserId,
    tag: &[u8; 32],
    now: Timestamp,
) -> Result<bool, StorageError> {
    let user = user.to_string();
    Ok(
        w.execute(TAKE_CODE, &[user.as_str().into(), tag.into(), now.into()])
            .await?
            == 1,
    )
}

/// How many are left.
pub async fn count_codes(q: &mut impl Query, user: UserId) -> Result<i64, StorageError> {
    let user = user.to_string();
    q.fetch_one(COUNT_CODES, &[user.as_str().into()]).await?.int("n")
}

/// How many second factors of any kind the user has: an app, passkeys. Backup codes stand in for one and do not count.
pub async fn count_factors(q: &mut impl Query, user: UserId) -> Result<i64, StorageError> {
    let user = user.to_string();
    q.fetch_one(COUNT_FACTORS, &[user.as_str().into()])
        .await?
        .int("n")
}

/// What was added at `since` or later, and what waits to be; tells how many factors there were. Without any factor left
/// there are no backup codes either.
pub async fn delete_since(w: &mut Writer, user: UserId, since: Timestamp) -> Result<u64, StorageError> {
    let id = user.to_string();
    let args = [id.as_str().into(), since.into()];
    let mut factors = w.execute(DELETE_TOTP_SINCE, &args).await?;
    factors += w.execute(DELETE_PASSKEYS_SINCE, &args).await?;
    w.execute(DELETE_CODES_SINCE, &args).await?;
    w.execute(DELETE_SETUP, &args[..1]).await?;
    if count_factors(w, user).await? == 0 {
        w.execute(DELETE_CODES, &args[..1]).await?;
    }
    Ok(factors)
}

/// Everything of a user who leaves.
pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<(), StorageError> {
    let user = user.to_string();
    for sql in [DELETE_TOTP, DELETE_SETUP, DELETE_CODES, DELETE_PASSKEYS] {
        w.execute(sql, &[user.as_str().into()]).await?;
    }
    Ok(())
}
