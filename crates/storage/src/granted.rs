//! An authorization code or a refresh token with its grant and the person who gave it, read in one statement.
//! Refuses to find IAM users: for a grant of theirs the person is absent.

use model::SecretDigest;
use model::code::AuthorizationCode;
use model::grant::Grant;
use model::refresh_token::RefreshToken;
use model::user::User;

use crate::{Query, Row, StorageError, codes, grants, refresh_tokens, users};

const FIND_CODE: &str = "SELECT c.digest, c.grant_id, c.client_id, c.redirect_uri, c.code_challenge, c.dpop_jkt, c.created_at, c.expires_at, c.consumed_at, g.id, g.user_id, g.client_id, g.session_id, g.offline, g.scopes, g.resources, g.claims, g.nonce, g.authenticated_at, g.amr, g.acr, g.account_id, g.created_at, g.expires_at, g.ended_at, u.id, u.username, u.email, u.email_verified_at, u.role, u.password_hash, u.profile, u.disabled_at, u.created_at, u.updated_at FROM authorization_codes AS c JOIN grants AS g ON g.id = c.grant_id LEFT JOIN users AS u ON u.id = g.user_id AND u.role <> 'iam' WHERE c.digest = $1";
const CODE_COLUMNS: usize = 9;
const FIND_REFRESH_TOKEN: &str = "SELECT t.digest, t.grant_id, t.generation, t.created_at, t.expires_at, t.rotated_at, t.successor_digest, t.successor_sealed, t.cnf, g.id, g.user_id, g.client_id, g.session_id, g.offline, g.scopes, g.resources, g.claims, g.nonce, g.authenticated_at, g.amr, g.acr, g.account_id, g.created_at, g.expires_at, g.ended_at, u.id, u.username, u.email, u.email_verified_at, u.role, u.password_hash, u.profile, u.disabled_at, u.created_at, u.updated_at FROM refresh_tokens AS t JOIN grants AS g ON g.id = t.grant_id LEFT JOIN users AS u ON u.id = g.user_id AND u.role <> 'iam' WHERE t.digest = $1";
const REFRESH_TOKEN_COLUMNS: usize = 9;
const GRANT_COLUMNS: usize = 16;

pub(crate) const STATEMENTS: &[&str] = &[FIND_CODE, FIND_REFRESH_TOKEN];

/// What was presented, and what it hangs on.
pub struct Granted<T> {
    pub presented: T,
    pub grant: Grant,
    /// Absent when an IAM user gave the grant.
    pub person: Option<User>,
}

pub async fn find_code(
    q: &mut impl Query,
    digest: &SecretDigest,
) -> Result<Option<Granted<AuthorizationCode>>, StorageError> {
    let row = q.fetch_optional(FIND_CODE, &[digest.as_bytes().into()]).await?;
    row.map(|row| decode(row, codes::decode, CODE_COLUMNS))
        .transpose()
}

pub async fn find_refresh_token(
    q: &mut impl Query,
    digest: &SecretDigest,
) -> Result<Option<Granted<RefreshToken>>, StorageError> {
    let row = q
        .fetch_optional(FIND_REFRESH_TOKEN, &[digest.as_bytes().into()])
        .await?;
    row.map(|row| decode(row, refresh_tokens::decode, REFRESH_TOKEN_COLUMNS))
        .transpose()
}

fn decode<T>(
    row: Row,
    first: impl Fn(&Row) -> Result<T, StorageError>,
    columns: usize,
) -> Result<Granted<T>, StorageError> {
    let presented = first(&row)?;
    let row = row.after(columns);
    let grant = grants::decode(&row)?;
    let row = row.after(GRANT_COLUMNS);
    let person = match row.opt_text("id")? {
        Some(_) => Some(users::decode(&row)?),
        None => None,
    };
    Ok(Granted {
        presented,
        grant,
        person,
    })
}
