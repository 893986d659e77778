//! The `audit_entries` table.
//! Refuses to change an entry, but to take out what is personal; removes only from the front of a chain.

use model::Timestamp;
use model::audit::{ChainHash, Entry, Personal};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const INSERT: &str = "INSERT INTO audit_entries (account_id, seq, id, at, actor_type, actor, service, method, path, status, request_id, resource, actions, reporter, prev_hash, commitment, hash, salt, actor_name, ip, user_agent, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)";
const EXISTS: &str = "SELECT seq FROM audit_entries WHERE id = $1";
const LIST_AFTER: &str = "SELECT account_id, seq, id, at, actor_type, actor, service, method, path, status, request_id, resource, actions, reporter, prev_hash, commitment, hash, salt, actor_name, ip, user_agent, details FROM audit_entries WHERE account_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4";
const SEARCH: &str = "SELECT account_id, seq, id, at, actor_type, actor, service, method, path, status, request_id, resource, actions, reporter, prev_hash, commitment, hash, salt, actor_name, ip, user_agent, details FROM audit_entries WHERE account_id = $1 AND seq < $2 AND seq >= $3 AND at >= $4 AND at < $5 AND (service = $6 OR $6 = '') AND (method = $7 OR $7 = '') AND (status = $8 OR $8 = 0) AND (actor = $9 OR lower(actor_name) = lower($9) OR $9 = '') AND ($10 = '' OR lower(path || ' ' || service || ' ' || actions || ' ' || coalesce(actor, '') || ' ' || coalesce(resource, '') || ' ' || coalesce(request_id, '') || ' ' || coalesce(actor_name, '') || ' ' || coalesce(ip, '') || ' ' || coalesce(user_agent, '') || ' ' || coalesce(details, '')) LIKE $10 ESCAPE '!') ORDER BY seq DESC LIMIT $11";
const FIRST_SINCE: &str =
    "SELECT seq FROM audit_entries WHERE account_id = $1 AND at >= $2 ORDER BY at, seq LIMIT 1";
const LAST_BEFORE: &str =
    "SELECT seq FROM audit_entries WHERE account_id = $1 AND at < $2 ORDER BY at DESC, seq DESC LIMIT 1";
const SEQ_AFTER: &str =
    "SELECT seq FROM audit_entries WHERE account_id = $1 AND seq > $2 ORDER BY seq LIMIT 1";
const HASH_AT: &str = "SELECT hash FROM audit_entries WHERE account_id = $1 AND seq = $2";
const ACCOUNT_AFTER: &str =
    "SELECT account_id FROM audit_entries WHERE account_id > $1 ORDER BY account_id LIMIT 1";
const OF_PERSON: &str = "SELECT DISTINCT account_id FROM audit_entries WHERE (actor = $1 OR resource = $1 OR resource = $2) AND salt IS NOT NULL ORDER BY account_id";
const ERASE: &str = "UPDATE audit_entries SET salt = NULL, actor_name = NULL, ip = NULL, user_agent = NULL, details = NULL WHERE (actor = $1 OR resource = $1 OR resource = $2) AND salt IS NOT NULL AND account_id = $3";
const ERASED_UP_TO: &str =
    "SELECT count(*) AS entries FROM audit_entries WHERE account_id = $1 AND seq <= $2 AND salt IS NULL";
const DELETE_UP_TO: &str = "DELETE FROM audit_entries WHERE account_id = $1 AND seq <= $2";

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    EXISTS,
    LIST_AFTER,
    SEARCH,
    FIRST_SINCE,
    LAST_BEFORE,
    SEQ_AFTER,
    HASH_AT,
    ACCOUNT_AFTER,
    OF_PERSON,
    ERASE,
    ERASED_UP_TO,
    DELETE_UP_TO,
];

/// Adds the next entry of its chain; [`super::audit_chains`] says which that is.
pub async fn insert(w: &mut Writer, entry: &Entry) -> Result<(), StorageError> {
    let details = entry
        .personal
        .as_ref()
        .map(|personal| personal.details.to_string());
    let personal = entry.personal.as_ref();
    let args = [
        entry.account.as_str().into(),
        entry.seq.into(),
        entry.id.as_str().into(),
        entry.at.into(),
        entry.actor_type.as_str().into(),
        entry.actor.as_deref().into(),
        entry.service.as_str().into(),
        entry.method.as_str().into(),
        entry.path.as_str().into(),
        i64::from(entry.status).into(),
        entry.request_id.as_deref().into(),
        entry.resource.as_deref().into(),
        entry.actions.as_str().into(),
        entry.reporter.as_deref().into(),
        entry.prev_hash.as_bytes().into(),
        entry.commitment.as_bytes().into(),
        entry.hash.as_bytes().into(),
        personal.map(|personal| personal.salt.as_slice()).into(),
        personal
            .and_then(|personal| personal.actor_name.as_deref())
            .into(),
        personal.and_then(|personal| personal.ip.as_deref()).into(),
        personal
            .and_then(|personal| personal.user_agent.as_deref())
            .into(),
        details.as_deref().into(),
    ];
    w.execute(INSERT, &args).await.map(drop)
}

/// Whether there is an entry with this id, in whatever chain.
pub async fn exists(q: &mut impl Query, id: &str) -> Result<bool, StorageError> {
    Ok(q.fetch_optional(EXISTS, &[id.into()]).await?.is_some())
}

/// Entries of the chain after one number and up to another, oldest first.
pub async fn list_after(
    q: &mut impl Query,
    account: &str,
    (after, last): (i64, i64),
    limit: i64,
) -> Result<Vec<Entry>, StorageError> {
    let args = [account.into(), after.into(), last.into(), limit.into()];
    let rows = q.fetch_all(LIST_AFTER, &args).await?;
    rows.iter().map(decode).collect()
}

/// What entries are looked for; an empty text, or 0, asks for nothing.
pub struct Search<'a> {
    pub account: &'a str,
    /// Entries before this number …
    pub before: i64,
    /// … and not before this one.
    pub from: i64,
    pub since: Timestamp,
    pub until: Timestamp,
    pub service: &'a str,
    pub method: &'a str,
    pub status: i64,
    pub actor: &'a str,
    /// A text that is somewhere in the entry, whatever the case of its letters.
    pub text: &'a str,
    pub limit: i64,
}

/// Newest first.
pub async fn search(q: &mut impl Query, wanted: &Search<'_>) -> Result<Vec<Entry>, StorageError> {
    let pattern = pattern(wanted.text);
    let args = [
        wanted.account.into(),
        wanted.before.into(),
        wanted.from.into(),
        wanted.since.into(),
        wanted.until.into(),
        wanted.service.into(),
        wanted.method.into(),
        wanted.status.into(),
        wanted.actor.into(),
        pattern.as_str().into(),
        wanted.limit.into(),
    ];
    let rows = q.fetch_all(SEARCH, &args).await?;
    rows.iter().map(decode).collect()
}

/// The text anywhere, and nothing in it a wildcard. ASCII only is lowered: SQLite lowers nothing else.
fn pattern(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character.to_ascii_lowercase());
    }
    pattern.push('%');
    pattern
}

/// The number of the first entry not before this moment.
pub async fn first_since(
    q: &mut impl Query,
    account: &str,
    since: Timestamp,
) -> Result<Option<i64>, StorageError> {
    let row = q
        .fetch_optional(FIRST_SINCE, &[account.into(), since.into()])
        .await?;
    row.map(|row| row.int("seq")).transpose()
}

/// The number of the last entry before this moment.
pub async fn last_before(
    q: &mut impl Query,
    account: &str,
    until: Timestamp,
) -> Result<Option<i64>, StorageError> {
    let row = q
        .fetch_optional(LAST_BEFORE, &[account.into(), until.into()])
        .await?;
    row.map(|row| row.int("seq")).transpose()
}

/// The number of the next entry, whatever can be read of it.
pub async fn seq_after(q: &mut impl Query, account: &str, after: i64) -> Result<Option<i64>, StorageError> {
    let row = q
        .fetch_optional(SEQ_AFTER, &[account.into(), after.into()])
        .await?;
    row.map(|row| row.int("seq")).transpose()
}

pub async fn hash_at(q: &mut impl Query, account: &str, seq: i64) -> Result<Option<ChainHash>, StorageError> {
    let row = q.fetch_optional(HASH_AT, &[account.into(), seq.into()]).await?;
    row.map(|row| hash(&Columns::new("audit_entries", &row), "hash"))
        .transpose()
}

/// The first account after this one, in the order of their names, that has an entry.
pub async fn account_after(q: &mut impl Query, account: &str) -> Result<Option<String>, StorageError> {
    let row = q.fetch_optional(ACCOUNT_AFTER, &[account.into()]).await?;
    row.map(|row| row.text("account_id")).transpose()
}

/// In which chains somebody left something personal.
pub async fn accounts_of_person(
    q: &mut impl Query,
    (id, account): (&str, &str),
) -> Result<Vec<String>, StorageError> {
    let rows = q.fetch_all(OF_PERSON, &[id.into(), account.into()]).await?;
    rows.iter().map(|row| row.text("account_id")).collect()
}

/// Takes out what is personal in everything of one chain that somebody did or had done to them.
pub async fn erase_person(
    w: &mut Writer,
    (id, account): (&str, &str),
    chain: &str,
) -> Result<u64, StorageError> {
    w.execute(ERASE, &[id.into(), account.into(), chain.into()]).await
}

/// How many entries up to this one have had their personal parts taken out.
pub async fn count_erased(q: &mut impl Query, account: &str, seq: i64) -> Result<i64, StorageError> {
    q.fetch_one(ERASED_UP_TO, &[account.into(), seq.into()])
        .await?
        .int("entries")
}

/// Removes the front of a chain.
pub async fn delete_up_to(w: &mut Writer, account: &str, seq: i64) -> Result<u64, StorageError> {
    w.execute(DELETE_UP_TO, &[account.into(), seq.into()]).await
}

fn decode(row: &Row) -> Result<Entry, StorageError> {
    let columns = Columns::new("audit_entries", row);
    Ok(Entry {
        account: columns.text("account_id")?,
        seq: columns.int("seq")?,
        id: columns.text("id")?,
        at: columns.instant("at")?,
        actor_type: columns.text("actor_type")?,
        actor: columns.opt_text("actor")?,
        service: columns.text("service")?,
        method: columns.text("method")?,
        path: columns.text("path")?,
        status: u16::try_from(columns.int("status")?).map_err(|_| columns.corrupt("status"))?,
        request_id: columns.opt_text("request_id")?,
        resource: columns.opt_text("resource")?,
        actions: columns.text("actions")?,
        reporter: columns.opt_text("reporter")?,
        prev_hash: hash(&columns, "prev_hash")?,
        commitment: hash(&columns, "commitment")?,
        hash: hash(&columns, "hash")?,
        personal: personal(&columns)?,
    })
}

/// All of it or nothing: a value without the salt is as wrong as a salt without the details.
fn personal(columns: &Columns<'_>) -> Result<Option<Personal>, StorageError> {
    let salt = columns.opt_bytes("salt")?;
    let (actor_name, ip) = (columns.opt_text("actor_name")?, columns.opt_text("ip")?);
    let user_agent = columns.opt_text("user_agent")?;
    let details: Option<String> = columns.opt_text("details")?;
    let Some(salt) = salt else {
        let left = actor_name.is_some() || ip.is_some() || user_agent.is_some() || details.is_some();
        return match left {
            true => Err(columns.corrupt("salt")),
            false => Ok(None),
        };
    };
    let text = details.ok_or_else(|| columns.corrupt("details"))?;
    let details: serde_json::Value = columns.json("details")?;
    // Byte for byte: another spelling of the same details is not what was written.
    if details.to_string().as_str() != text.as_str() {
        return Err(columns.corrupt("details"));
    }
    Ok(Some(Personal {
        salt: salt.try_into().map_err(|_| columns.corrupt("salt"))?,
        actor_name,
        ip,
        user_agent,
        details,
    }))
}

fn hash(columns: &Columns<'_>, column: &'static str) -> Result<ChainHash, StorageError> {
    Ok(ChainHash::from_bytes(*columns.digest(column)?.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T04
    #[test]
    fn nothing_that_is_searched_for_is_a_wildcard() {
        assert_eq!(pattern(""), "");
        assert_eq!(pattern("IAM/100%_!"), "%iam/100!%!_!!%");
        assert_eq!(pattern("' OR 1=1 --"), "%' or 1=1 --%");
    }
}
