//! The `authorization_codes` table.

use model::code::AuthorizationCode;
use model::{SecretDigest, Timestamp};

use oauth::pkce::{CodeChallenge, METHOD};

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const FIND: &str = "SELECT digest, grant_id, client_id, redirect_uri, code_challenge, created_at, expires_at, consumed_at FROM authorization_codes WHERE digest = $1";
const INSERT: &str = "INSERT INTO authorization_codes (digest, grant_id, client_id, redirect_uri, code_challenge, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const CONSUME: &str =
    "UPDATE authorization_codes SET consumed_at = $2 WHERE digest = $1 AND consumed_at IS NULL";
const DELETE_EXPIRED: &str = "DELETE FROM authorization_codes WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, INSERT, CONSUME, DELETE_EXPIRED];

pub async fn find(
    q: &mut impl Query,
    digest: &SecretDigest,
) -> Result<Option<AuthorizationCode>, StorageError> {
    let Some(row) = q.fetch_optional(FIND, &[digest.as_bytes().into()]).await? else {
        return Ok(None);
    };
    let columns = Columns::new("authorization_codes", &row);
    Ok(Some(AuthorizationCode {
        digest: columns.digest("digest")?,
        grant_id: columns.parsed("grant_id")?,
        client_id: columns.parsed("client_id")?,
        redirect_uri: columns.text("redirect_uri")?,
        code_challenge: challenge(&columns)?,
        created_at: columns.instant("created_at")?,
        expires_at: columns.instant("expires_at")?,
        consumed_at: columns.opt_instant("consumed_at")?,
    }))
}

fn challenge(columns: &Columns<'_>) -> Result<Option<CodeChallenge>, StorageError> {
    let text = columns.opt_text("code_challenge")?;
    text.map(|text| CodeChallenge::parse(&text, Some(METHOD)).map_err(|_| columns.corrupt("code_challenge")))
        .transpose()
}

pub async fn insert(w: &mut Writer, code: &AuthorizationCode) -> Result<(), StorageError> {
    let (grant, challenge) = (
        code.grant_id.to_string(),
        code.code_challenge.as_ref().map(CodeChallenge::as_str),
    );
    let args = [
        code.digest.as_bytes().into(),
        grant.as_str().into(),
        code.client_id.as_str().into(),
        code.redirect_uri.as_str().into(),
        challenge.into(),
        code.created_at.into(),
        code.expires_at.into(),
    ];
    w.queue(INSERT, &args).await
}

/// Takes the code; false when someone else took it first.
pub async fn consume(w: &mut Writer, digest: &SecretDigest, now: Timestamp) -> Result<bool, StorageError> {
    Ok(w.execute(CONSUME, &[digest.as_bytes().into(), now.into()])
        .await?
        == 1)
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
