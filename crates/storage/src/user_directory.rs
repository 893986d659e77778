//! The order of users and the words they are found by: `user_numbers`, `user_blocks`, `user_terms`.
//! Refuses to count rows or look through them: every answer begins at an index and is bounded.

use model::search;
use model::user::{Profile, User};
use model::username::Username;

use crate::decode::Columns;
use crate::users::decode;
use crate::{Query, StorageError, Writer};

/// Consecutive numbers that are counted together.
pub const BLOCK: i64 = 1000;
/// Users that one statement finds by their numbers.
const AT_ONCE: usize = 20;

const NEXT_NUMBER: &str = "UPDATE user_numbers SET last = last + 1 WHERE id = 1 RETURNING last";
const GIVE_NUMBER: &str = "UPDATE users SET number = $2 WHERE id = $1 AND number IS NULL";
const COUNT_IN: &str = "INSERT INTO user_blocks (block, live) VALUES ($1, 1) ON CONFLICT (block) DO UPDATE SET live = user_blocks.live + 1";
const COUNT_OUT: &str = "UPDATE user_blocks SET live = live - 1 WHERE block = $1";
const LIST_BLOCKS: &str = "SELECT block, live FROM user_blocks ORDER BY block DESC";
const FIND_FIELDS: &str = "SELECT id, number, email, username, profile, erased_at FROM users WHERE id = $1";
const DELETE_TERMS: &str = "DELETE FROM user_terms WHERE number = $1";
const INSERT_TERM: &str =
    "INSERT INTO user_terms (term, number) VALUES ($1, $2) ON CONFLICT (term, number) DO NOTHING";
const TERMS_MADE: &str = "UPDATE users SET terms_due = NULL WHERE id = $1 AND terms_due IS NOT NULL";
const LIST_DUE: &str = "SELECT id FROM users WHERE terms_due IS NOT NULL ORDER BY id LIMIT $1";
const LIST_BEFORE: &str = "SELECT id, username, email, email_verified_at, role, password_hash, profile, disabled_at, created_at, updated_at FROM users WHERE number < $1 AND erased_at IS NULL ORDER BY number DESC LIMIT $2 OFFSET $3";
const FIND_MATCHES: &str =
    "SELECT number FROM user_terms WHERE term >= $1 AND term < $2 ORDER BY term, number LIMIT $3";
const LIST_NUMBERED: &str = "SELECT id, username, email, email_verified_at, role, password_hash, profile, disabled_at, created_at, updated_at, number FROM users WHERE number IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) AND erased_at IS NULL";
const LIST_DISABLED: &str = "SELECT number FROM users WHERE disabled_at IS NOT NULL AND erased_at IS NULL AND role <> 'iam' AND number IS NOT NULL ORDER BY number DESC LIMIT $1";
const LIST_UNCONFIRMED: &str = "SELECT number FROM users WHERE email_verified_at IS NULL AND erased_at IS NULL AND role <> 'iam' AND number IS NOT NULL ORDER BY number DESC LIMIT $1";
const LIST_ADMINISTRATORS: &str = "SELECT number FROM users WHERE role = 'admin' AND erased_at IS NULL AND number IS NOT NULL ORDER BY number DESC LIMIT $1";
const LIST_LEAVING: &str = "SELECT u.number AS number FROM account_deletions d JOIN users u ON u.id = d.user_id WHERE u.erased_at IS NULL AND u.number IS NOT NULL ORDER BY d.scheduled_for LIMIT $1";
// The terms are bounded before users are looked at.
const FIND_STANDING: &str = "SELECT t.number AS number FROM (SELECT term, number FROM user_terms WHERE term >= $1 AND term < $2 ORDER BY term, number LIMIT $3) t JOIN users u ON u.number = t.number WHERE u.erased_at IS NULL AND (($4 = 'disabled' AND u.disabled_at IS NOT NULL) OR ($4 = 'unconfirmed' AND u.email_verified_at IS NULL) OR ($4 = 'administrators' AND u.role = 'admin') OR ($4 = 'leaving' AND EXISTS (SELECT 1 FROM account_deletions d WHERE d.user_id = u.id))) ORDER BY t.term, t.number";

pub(crate) const STATEMENTS: &[&str] = &[
    LIST_DISABLED,
    LIST_UNCONFIRMED,
    LIST_ADMINISTRATORS,
    LIST_LEAVING,
    FIND_STANDING,
    NEXT_NUMBER,
    GIVE_NUMBER,
    COUNT_IN,
    COUNT_OUT,
    LIST_BLOCKS,
    FIND_FIELDS,
    DELETE_TERMS,
    INSERT_TERM,
    TERMS_MADE,
    LIST_DUE,
    LIST_BEFORE,
    FIND_MATCHES,
    LIST_NUMBERED,
];

/// A thousand consecutive numbers, and how many of their users are there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Block {
    pub number: i64,
    pub live: i64,
}

/// Gives a new user the next number and makes their terms.
pub(crate) async fn enroll(w: &mut Writer, user: &User) -> Result<(), StorageError> {
    let Some(number) = number(w, &user.id.to_string()).await? else {
        return Ok(());
    };
    let name = user.profile.name.as_deref();
    let terms = search::terms(&user.email, user.username.as_ref(), name);
    insert_terms(w, number, terms).await
}

/// The next number, if the user has none yet. The counter's row is held until commit, so numbers are in the order of
/// commits.
async fn number(w: &mut Writer, id: &str) -> Result<Option<i64>, StorageError> {
    let number = w.fetch_one(NEXT_NUMBER, &[]).await?.int("last")?;
    if w.execute(GIVE_NUMBER, &[id.into(), number.into()]).await? != 1 {
        return Ok(None);
    }
    w.execute(COUNT_IN, &[(number / BLOCK).into()]).await?;
    Ok(Some(number))
}

async fn insert_terms(
    w: &mut Writer,
    number: i64,
    terms: impl IntoIterator<Item = String>,
) -> Result<(), StorageError> {
    for term in terms {
        w.execute(INSERT_TERM, &[term.as_bytes().into(), number.into()])
            .await?;
    }
    Ok(())
}

/// Makes the terms anew from what the row says now.
pub(crate) async fn refresh(w: &mut Writer, id: &str) -> Result<(), StorageError> {
    let Some(row) = w.fetch_optional(FIND_FIELDS, &[id.into()]).await? else {
        return Ok(());
    };
    let columns = Columns::new("users", &row);
    let mut known = row.opt_int("number")?;
    let is_erased = columns.opt_instant("erased_at")?.is_some();
    if known.is_none() && !is_erased {
        known = number(w, id).await?;
    }
    if let Some(number) = known.filter(|_| !is_erased) {
        let (email, username) = (
            columns.parsed("email")?,
            columns.opt_parsed::<Username>("username")?,
        );
        let profile: Profile = columns.json("profile")?;
        let terms = search::terms(&email, username.as_ref(), profile.name.as_deref());
        w.execute(DELETE_TERMS, &[number.into()]).await?;
        insert_terms(w, number, terms).await?;
    }
    w.execute(TERMS_MADE, &[id.into()]).await.map(drop)
}

/// Takes an erased user out.
pub(crate) async fn withdraw(w: &mut Writer, id: &str) -> Result<(), StorageError> {
    let row = w.fetch_one(FIND_FIELDS, &[id.into()]).await?;
    if let Some(number) = row.opt_int("number")? {
        w.execute(DELETE_TERMS, &[number.into()]).await?;
        w.execute(COUNT_OUT, &[(number / BLOCK).into()]).await?;
    }
    Ok(())
}

/// Makes the terms of up to `limit` users of an older version; tells of how many.
pub async fn make_due_terms(w: &mut Writer, limit: i64) -> Result<usize, StorageError> {
    let rows = w.fetch_all(LIST_DUE, &[limit.into()]).await?;
    for row in &rows {
        refresh(w, &row.text("id")?).await?;
    }
    Ok(rows.len())
}

/// The newest first: one row for each thousand users.
pub async fn list_blocks(q: &mut impl Query) -> Result<Vec<Block>, StorageError> {
    let rows = q.fetch_all(LIST_BLOCKS, &[]).await?;
    let block = |row: &crate::Row| {
        Ok(Block {
            number: row.int("block")?,
            live: row.int("live")?,
        })
    };
    rows.iter().map(block).collect()
}

/// Up to `limit` users with numbers below `before`, newest first, after the first `skip` of them.
pub async fn list_before(
    q: &mut impl Query,
    before: i64,
    (skip, limit): (i64, i64),
) -> Result<Vec<User>, StorageError> {
    let args = [before.into(), limit.into(), skip.into()];
    let rows = q.fetch_all(LIST_BEFORE, &args).await?;
    rows.iter().map(decode).collect()
}

/// The numbers of users with terms from `first` to before `end`, in the order of the terms; a number for each term.
pub async fn find_matches(
    q: &mut impl Query,
    (first, end): (&[u8], &[u8]),
    limit: i64,
) -> Result<Vec<i64>, StorageError> {
    let rows = q
        .fetch_all(FIND_MATCHES, &[first.into(), end.into(), limit.into()])
        .await?;
    rows.iter().map(|row| row.int("number")).collect()
}

/// What an account may be found by besides its words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Disabled,
    /// Whose address was never confirmed.
    Unconfirmed,
    Administrators,
    /// Marked to be erased.
    Leaving,
}

impl Standing {
    pub const ALL: [Self; 4] = [
        Self::Disabled,
        Self::Unconfirmed,
        Self::Administrators,
        Self::Leaving,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Unconfirmed => "unconfirmed",
            Self::Administrators => "administrators",
            Self::Leaving => "leaving",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == text)
    }
}

/// The numbers of up to `limit` users of this standing, the newest first; of those who leave, whoever leaves first.
pub async fn list_of_standing(
    q: &mut impl Query,
    standing: Standing,
    limit: i64,
) -> Result<Vec<i64>, StorageError> {
    let sql = match standing {
        Standing::Disabled => LIST_DISABLED,
        Standing::Unconfirmed => LIST_UNCONFIRMED,
        Standing::Administrators => LIST_ADMINISTRATORS,
        Standing::Leaving => LIST_LEAVING,
    };
    let rows = q.fetch_all(sql, &[limit.into()]).await?;
    rows.iter().map(|row| row.int("number")).collect()
}

/// Of what [`find_matches`] finds the users of this standing.
pub async fn find_of_standing(
    q: &mut impl Query,
    (first, end): (&[u8], &[u8]),
    standing: Standing,
    limit: i64,
) -> Result<Vec<i64>, StorageError> {
    let args = [first.into(), end.into(), limit.into(), standing.as_str().into()];
    let rows = q.fetch_all(FIND_STANDING, &args).await?;
    rows.iter().map(|row| row.int("number")).collect()
}

/// The users of these numbers in their order, without those who were erased.
pub async fn list_numbered(q: &mut impl Query, numbers: &[i64]) -> Result<Vec<User>, StorageError> {
    let mut found = Vec::with_capacity(numbers.len());
    for some in numbers.chunks(AT_ONCE) {
        let mut args = [some[0].into(); AT_ONCE];
        for (arg, number) in args.iter_mut().zip(some) {
            *arg = (*number).into();
        }
        for row in q.fetch_all(LIST_NUMBERED, &args).await? {
            found.push((row.int("number")?, decode(&row)?));
        }
    }
    let place = |number: i64| numbers.iter().position(|wanted| *wanted == number);
    found.sort_by_key(|(number, _)| place(*number));
    Ok(found.into_iter().map(|(_, user)| user).collect())
}
