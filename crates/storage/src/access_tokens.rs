//! The `access_tokens` table: opaque access tokens.

use model::access_token::OpaqueAccessToken;
use model::iam::AccountId;
use model::{SecretDigest, Timestamp};

use crate::decode::{Columns, confirmation, to_json};
use crate::{Perform, Query, StorageError, Writer};

const TABLE: &str = "access_tokens";

const FIND: &str = "SELECT digest, id, client_id, grant_id, session_id, user_id, scopes, audience, issued_at, expires_at, cnf, account_id FROM access_tokens WHERE digest = $1";
const INSERT: &str = "INSERT INTO access_tokens (digest, id, client_id, grant_id, session_id, user_id, scopes, audience, issued_at, expires_at, cnf, account_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const DELETE_EXPIRED: &str = "DELETE FROM access_tokens WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, INSERT, DELETE_EXPIRED];

pub async fn find(
    q: &mut impl Query,
    digest: &SecretDigest,
) -> Result<Option<OpaqueAccessToken>, StorageError> {
    let Some(row) = q.fetch_optional(FIND, &[digest.as_bytes().into()]).await? else {
        return Ok(None);
    };
    let columns = Columns::new(TABLE, &row);
    Ok(Some(OpaqueAccessToken {
        digest: columns.digest("digest")?,
        id: columns.parsed("id")?,
        client_id: columns.parsed("client_id")?,
        grant_id: columns.opt_parsed("grant_id")?,
        session_id: columns.opt_parsed("session_id")?,
        user_id: columns.opt_parsed("user_id")?,
        account_id: columns.opt_parsed("account_id")?,
        scopes: columns.scopes("scopes")?,
        audience: columns.json("audience")?,
        issued_at: columns.instant("issued_at")?,
        expires_at: columns.instant("expires_at")?,
        confirmation: columns.opt_json("cnf")?.unwrap_or_default(),
    }))
}

pub async fn insert(w: &mut impl Perform, token: &OpaqueAccessToken) -> Result<(), StorageError> {
    let (id, grant) = (token.id.to_string(), token.grant_id.map(|id| id.to_string()));
    let (session, user) = (
        token.session_id.map(|id| id.to_string()),
        token.user_id.map(|id| id.to_string()),
    );
    let (scopes, audience) = (
        token.scopes.to_string(),
        to_json(TABLE, "audience", &token.audience)?,
    );
    let cnf = confirmation(TABLE, &token.confirmation)?;
    let args = [
        token.digest.as_bytes().into(),
        id.as_str().into(),
        token.client_id.as_str().into(),
        grant.as_deref().into(),
        session.as_deref().into(),
        user.as_deref().into(),
        scopes.as_str().into(),
        audience.as_str().into(),
        token.issued_at.into(),
        token.expires_at.into(),
        cnf.as_deref().into(),
        token.account_id.as_ref().map(AccountId::as_str).into(),
    ];
    w.perform(INSERT, &args).await
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
