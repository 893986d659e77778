//! The `users` table: people. The rows of IAM users, which stand here too, are read by [`crate::iam_users`] alone.

use model::email::Email;
use model::password::PasswordHash;
use model::user::{Role, User};
use model::username::Username;
use model::{Timestamp, UserId};

use crate::decode::{Columns, to_json};
use crate::{Query, Row, StorageError, Writer, user_directory};

const TABLE: &str = "users";

const FIND_BY_ID: &str = "SELECT id, username, email, email_verified_at, role, password_hash, profile, disabled_at, created_at, updated_at FROM users WHERE id = $1 AND role <> 'iam'";
const FIND_STANDING: &str = "SELECT id, username, email, email_verified_at, role, password_hash, profile, disabled_at, created_at, updated_at FROM users WHERE id = $1 AND erased_at IS NULL AND role <> 'iam'";
const FIND_BY_EMAIL: &str = "SELECT id, username, email, email_verified_at, role, password_hash, profile, disabled_at, created_at, updated_at FROM users WHERE email = $1 AND role <> 'iam'";
const FIND_BY_USERNAME: &str = "SELECT id, username, email, email_verified_at, role, password_hash, profile, disabled_at, created_at, updated_at FROM users WHERE username = $1 AND role <> 'iam'";
const IS_ERASED: &str = "SELECT count(*) AS n FROM users WHERE id = $1 AND erased_at IS NOT NULL";
const COUNT_ADMINS: &str = "SELECT count(*) AS n FROM users WHERE role = 'admin' AND disabled_at IS NULL";
const HOLD_ADMINS: &str = "UPDATE users SET id = id WHERE role = 'admin'";
const COUNT_OTHER_ADMINS: &str = "SELECT count(*) AS n FROM users WHERE role = 'admin' AND disabled_at IS NULL AND id <> $1 AND NOT EXISTS (SELECT 1 FROM account_deletions WHERE account_deletions.user_id = users.id)";
const INSERT: &str = "INSERT INTO users (id, username, email, email_verified_at, role, password_hash, profile, disabled_at, created_at, updated_at, terms_due) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL)";
const UPDATE_PASSWORD: &str =
    "UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1 AND password_hash = $4";
const CONFIRM: &str = "UPDATE users SET id = id WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL";
const UPDATE_PROFILE: &str = "UPDATE users SET profile = $2, updated_at = $3 WHERE id = $1";
const UPDATE_ROLE: &str =
    "UPDATE users SET role = $3, updated_at = $4 WHERE id = $1 AND role = $2 AND erased_at IS NULL";
const DISABLE: &str =
    "UPDATE users SET disabled_at = $2, updated_at = $2 WHERE id = $1 AND disabled_at IS NULL";
const ENABLE: &str = "UPDATE users SET disabled_at = NULL, updated_at = $2 WHERE id = $1 AND disabled_at IS NOT NULL AND erased_at IS NULL";

const CONFIRM_ENABLED: &str = "UPDATE users SET id = id WHERE id = $1 AND disabled_at IS NULL";
const VERIFY_EMAIL: &str = "UPDATE users SET email_verified_at = $3, updated_at = $3 WHERE id = $1 AND email = $2 AND email_verified_at IS NULL";
const CHANGE_EMAIL: &str =
    "UPDATE users SET email = $3, email_verified_at = $4, updated_at = $4 WHERE id = $1 AND email = $2";
const SET_PASSWORD: &str =
    "UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1 AND disabled_at IS NULL";

const UPDATE_DETAILS: &str =
    "UPDATE users SET username = $2, profile = $3, updated_at = $4 WHERE id = $1 AND disabled_at IS NULL";
const RENAME: &str =
    "UPDATE users SET username = $2, profile = $3, updated_at = $4 WHERE id = $1 AND erased_at IS NULL";
const ERASE: &str = "UPDATE users SET username = NULL, email = $2, email_verified_at = NULL, role = 'user', password_hash = NULL, profile = '{}', disabled_at = COALESCE(disabled_at, $3), erased_at = $3, updated_at = $3 WHERE id = $1 AND erased_at IS NULL";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND_BY_ID,
    FIND_STANDING,
    FIND_BY_EMAIL,
    FIND_BY_USERNAME,
    IS_ERASED,
    COUNT_ADMINS,
    HOLD_ADMINS,
    COUNT_OTHER_ADMINS,
    INSERT,
    UPDATE_PASSWORD,
    CONFIRM,
    CONFIRM_ENABLED,
    VERIFY_EMAIL,
    CHANGE_EMAIL,
    SET_PASSWORD,
    UPDATE_PROFILE,
    UPDATE_ROLE,
    DISABLE,
    ENABLE,
    UPDATE_DETAILS,
    RENAME,
    ERASE,
];

pub(crate) fn decode(row: &Row) -> Result<User, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(User {
        id: columns.parsed("id")?,
        username: columns.opt_parsed("username")?,
        email: columns.parsed("email")?,
        email_verified_at: columns.opt_instant("email_verified_at")?,
        role: Role::parse(&columns.text("role")?).ok_or_else(|| columns.corrupt("role"))?,
        password: columns.opt_text("password_hash")?.map(PasswordHash::from_phc),
        profile: columns.json("profile")?,
        disabled_at: columns.opt_instant("disabled_at")?,
        created_at: columns.instant("created_at")?,
        updated_at: columns.instant("updated_at")?,
    })
}

pub async fn find_by_id(q: &mut impl Query, id: UserId) -> Result<Option<User>, StorageError> {
    q.fetch_optional(FIND_BY_ID, &[id.to_string().as_str().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// `email` in its normal form.
pub async fn find_by_email(q: &mut impl Query, email: &str) -> Result<Option<User>, StorageError> {
    q.fetch_optional(FIND_BY_EMAIL, &[email.into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// `username` in its normal form.
pub async fn find_by_username(q: &mut impl Query, username: &str) -> Result<Option<User>, StorageError> {
    q.fetch_optional(FIND_BY_USERNAME, &[username.into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// One who was not erased.
pub async fn find_standing(q: &mut impl Query, id: UserId) -> Result<Option<User>, StorageError> {
    q.fetch_optional(FIND_STANDING, &[id.to_string().as_str().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// Whether nothing but the id of the user is left.
pub async fn is_erased(q: &mut impl Query, id: UserId) -> Result<bool, StorageError> {
    let id = id.to_string();
    Ok(q.fetch_one(IS_ERASED, &[id.as_str().into()]).await?.int("n")? == 1)
}

/// Enabled administrators.
pub async fn count_admins(q: &mut impl Query) -> Result<i64, StorageError> {
    q.fetch_one(COUNT_ADMINS, &[]).await?.int("n")
}

/// How many besides this user administer the server and will go on doing so. Holds every administrator until commit, so
/// that of two who leave at once one sees the other gone.
pub async fn hold_other_admins(w: &mut Writer, but: UserId) -> Result<i64, StorageError> {
    w.execute(HOLD_ADMINS, &[]).await?;
    w.fetch_one(COUNT_OTHER_ADMINS, &[but.to_string().as_str().into()])
        .await?
        .int("n")
}

/// False when the role is another one than `from` by now.
pub async fn update_role(
    w: &mut Writer,
    id: UserId,
    (from, to): (Role, Role),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let id = id.to_string();
    let args = [
        id.as_str().into(),
        from.as_str().into(),
        to.as_str().into(),
        now.into(),
    ];
    Ok(w.execute(UPDATE_ROLE, &args).await? == 1)
}

/// # Errors
/// [`StorageError::UniqueViolation`] when the address or name is taken.
pub async fn insert(w: &mut Writer, user: &User) -> Result<(), StorageError> {
    let profile = to_json(TABLE, "profile", &user.profile)?;
    w.execute(
        INSERT,
        &[
            user.id.to_string().as_str().into(),
            user.username.as_ref().map(Username::as_str).into(),
            user.email.as_str().into(),
            user.email_verified_at.into(),
            user.role.as_str().into(),
            user.password.as_ref().map(PasswordHash::as_phc).into(),
            profile.as_str().into(),
            user.disabled_at.into(),
            user.created_at.into(),
            user.updated_at.into(),
        ],
    )
    .await?;
    user_directory::enroll(w, user).await
}

/// Replaces the hash `old` by `new`; false when another change came first.
pub async fn update_password(
    w: &mut Writer,
    id: UserId,
    old: &PasswordHash,
    new: &PasswordHash,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let id = id.to_string();
    let args = [
        id.as_str().into(),
        new.as_phc().into(),
        now.into(),
        old.as_phc().into(),
    ];
    Ok(w.execute(UPDATE_PASSWORD, &args).await? == 1)
}

/// Whether the user still is enabled and has this hash. Holds the row until commit, so neither changes meanwhile.
pub async fn confirm(w: &mut Writer, id: UserId, password: &PasswordHash) -> Result<bool, StorageError> {
    Ok(w.execute(
        CONFIRM,
        &[id.to_string().as_str().into(), password.as_phc().into()],
    )
    .await?
        == 1)
}

/// Whether the user is enabled. Holds the row until commit.
pub async fn confirm_enabled(w: &mut Writer, id: UserId) -> Result<bool, StorageError> {
    Ok(w.execute(CONFIRM_ENABLED, &[id.to_string().as_str().into()])
        .await?
        == 1)
}

/// False when the user has another address now, or it was confirmed before.
pub async fn verify_email(
    w: &mut Writer,
    id: UserId,
    email: &Email,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let id = id.to_string();
    Ok(w.execute(
        VERIFY_EMAIL,
        &[id.as_str().into(), email.as_str().into(), now.into()],
    )
    .await?
        == 1)
}

/// Gives the user the confirmed address `new` in place of `old`; false when the address is another one by now.
///
/// # Errors
/// [`StorageError::UniqueViolation`] when somebody else has it.
pub async fn change_email(
    w: &mut Writer,
    id: UserId,
    (old, new): (&Email, &Email),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let id = id.to_string();
    let args = [
        id.as_str().into(),
        old.as_str().into(),
        new.as_str().into(),
        now.into(),
    ];
    let changed = w.execute(CHANGE_EMAIL, &args).await? == 1;
    user_directory::refresh(w, &id).await?;
    Ok(changed)
}

/// A new password, or none, whatever was there; false when the user is disabled.
pub async fn set_password(
    w: &mut Writer,
    id: UserId,
    password: Option<&PasswordHash>,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let id = id.to_string();
    let args = [
        id.as_str().into(),
        password.map(PasswordHash::as_phc).into(),
        now.into(),
    ];
    Ok(w.execute(SET_PASSWORD, &args).await? == 1)
}

pub async fn update_profile(
    w: &mut Writer,
    id: UserId,
    profile: &model::user::Profile,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (id, profile) = (id.to_string(), to_json(TABLE, "profile", profile)?);
    let args = [id.as_str().into(), profile.as_str().into(), now.into()];
    let changed = w.execute(UPDATE_PROFILE, &args).await? == 1;
    user_directory::refresh(w, &id).await?;
    Ok(changed)
}

/// False when the user was disabled already.
pub async fn disable(w: &mut Writer, id: UserId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(w.execute(DISABLE, &[id.to_string().as_str().into(), now.into()])
        .await?
        == 1)
}

/// False when the user was not disabled, or was erased.
pub async fn enable(w: &mut Writer, id: UserId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(w.execute(ENABLE, &[id.to_string().as_str().into(), now.into()])
        .await?
        == 1)
}

/// User name and profile; false when the user is disabled.
///
/// # Errors
/// [`StorageError::UniqueViolation`] when somebody else has the name.
pub async fn update_details(
    w: &mut Writer,
    id: UserId,
    details: (Option<&Username>, &model::user::Profile),
    now: Timestamp,
) -> Result<bool, StorageError> {
    describe(w, UPDATE_DETAILS, (id, details), now).await
}

/// The same, whether or not the user is disabled; false when they were erased.
///
/// # Errors
/// [`StorageError::UniqueViolation`] when somebody else has the name.
pub async fn rename(
    w: &mut Writer,
    id: UserId,
    details: (Option<&Username>, &model::user::Profile),
    now: Timestamp,
) -> Result<bool, StorageError> {
    describe(w, RENAME, (id, details), now).await
}

async fn describe(
    w: &mut Writer,
    sql: &'static str,
    (id, (username, profile)): (UserId, (Option<&Username>, &model::user::Profile)),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (id, profile) = (id.to_string(), to_json(TABLE, "profile", profile)?);
    let args = [
        id.as_str().into(),
        username.map(Username::as_str).into(),
        profile.as_str().into(),
        now.into(),
    ];
    let changed = w.execute(sql, &args).await? == 1;
    user_directory::refresh(w, &id).await?;
    Ok(changed)
}

/// Takes everything personal out of the row and lets nobody in by it any more; false when that was done before.
pub async fn erase(
    w: &mut Writer,
    id: UserId,
    placeholder: &Email,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let id = id.to_string();
    let args = [id.as_str().into(), placeholder.as_str().into(), now.into()];
    let erased = w.execute(ERASE, &args).await? == 1;
    if erased {
        user_directory::withdraw(w, &id).await?;
    }
    Ok(erased)
}
