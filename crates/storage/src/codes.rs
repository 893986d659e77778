//! The `authorization_codes` table.

use model::code::AuthorizationCode;
use model::{SecretDigest, Timestamp};

use oauth::pkce::{CodeChallenge, METHOD};

use crate::decode::Columns;
use crate::{Perform, Row, Script, StorageError};

const INSERT: &str = "INSERT INTO authorization_codes (digest, grant_id, client_id, redirect_uri, code_challenge, created_at, expires_at, dpop_jkt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const CONSUME: &str =
    "UPDATE authorization_codes SET consumed_at = $2 WHERE digest = $1 AND consumed_at IS NULL";
const DELETE_EXPIRED: &str = "DELETE FROM authorization_codes WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[INSERT, CONSUME, DELETE_EXPIRED];

pub(crate) fn decode(row: &Row) -> Result<AuthorizationCode, StorageError> {
    let columns = Columns::new("authorization_codes", row);
    Ok(AuthorizationCode {
        digest: columns.digest("digest")?,
        grant_id: columns.parsed("grant_id")?,
        client_id: columns.parsed("client_id")?,
        redirect_uri: columns.text("redirect_uri")?,
        code_challenge: challenge(&columns)?,
        dpop_jkt: columns.opt_text("dpop_jkt")?,
        created_at: columns.instant("created_at")?,
        expires_at: columns.instant("expires_at")?,
        consumed_at: columns.opt_instant("consumed_at")?,
    })
}

fn challenge(columns: &Columns<'_>) -> Result<Option<CodeChallenge>, StorageError> {
    let text = columns.opt_text("code_challenge")?;
    text.map(|text| CodeChallenge::parse(&text, Some(METHOD)).map_err(|_| columns.corrupt("code_challenge")))
        .transpose()
}

pub async fn insert(w: &mut impl Perform, code: &AuthorizationCode) -> Result<(), StorageError> {
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
        code.dpop_jkt.as_deref().into(),
    ];
    w.perform(INSERT, &args).await
}

/// Takes the code; the script is undone when someone else took it first.
pub fn consume(script: &mut Script, digest: &SecretDigest, now: Timestamp) {
    script.decide(CONSUME, &[digest.as_bytes().into(), now.into()]);
}

pub async fn delete_expired(w: &mut crate::Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
