//! The `memberships` table: who works in an account, and as what.
//! Refuses to take root users out of their accounts, or to change what they are there: the statements themselves say so.

use model::UserId;
use model::email::Email;
use model::iam::AccountId;
use model::team::{Member, Membership, MembershipId, Seat, TeamRole};
use model::user::Profile;

use crate::accounts::decode_account;
use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "memberships";

const FIND_OF_USER: &str = "SELECT id, account_id, user_id, role, invited_by, created_at FROM memberships WHERE account_id = $1 AND user_id = $2";
const FIND: &str = "SELECT id, account_id, user_id, role, invited_by, created_at FROM memberships WHERE account_id = $1 AND id = $2";
const LIST: &str = "SELECT m.id AS id, m.account_id AS account_id, m.user_id AS user_id, m.role AS role, m.invited_by AS invited_by, m.created_at AS created_at, u.email AS email, u.profile AS profile FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.account_id = $1 ORDER BY m.created_at, m.id LIMIT $2 OFFSET $3";
const HAS_ADDRESS: &str = "SELECT count(*) AS n FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.account_id = $1 AND u.email = $2";
const FIND_MEMBER: &str = "SELECT m.id AS id, m.account_id AS account_id, m.user_id AS user_id, m.role AS role, m.invited_by AS invited_by, m.created_at AS created_at, u.email AS email, u.profile AS profile FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.account_id = $1 AND m.id = $2";
const COUNT: &str = "SELECT count(*) AS n FROM memberships WHERE account_id = $1";
const LIST_SEATS: &str = "SELECT a.id AS id, a.name AS name, a.root_user_id AS root_user_id, u.username AS username, u.email AS email, u.profile AS profile, m.role AS role FROM memberships m JOIN accounts a ON a.id = m.account_id JOIN users u ON u.id = a.root_user_id WHERE m.user_id = $1 ORDER BY m.created_at, m.id LIMIT $2 OFFSET $3";
const COUNT_SEATS: &str = "SELECT count(*) AS n FROM memberships WHERE user_id = $1";
const LIST_USERS: &str = "SELECT user_id FROM memberships WHERE account_id = $1";
const INSERT: &str = "INSERT INTO memberships (id, account_id, user_id, role, invited_by, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const UPDATE_ROLE: &str = "UPDATE memberships SET role = $4 WHERE account_id = $1 AND id = $2 AND role = $3 AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = memberships.account_id AND accounts.root_user_id = memberships.user_id)";
const DELETE: &str = "DELETE FROM memberships WHERE account_id = $1 AND id = $2 AND role = $3 AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = memberships.account_id AND accounts.root_user_id = memberships.user_id)";
const DELETE_OF_USER: &str = "DELETE FROM memberships WHERE user_id = $1";
const DELETE_OF_ACCOUNT: &str = "DELETE FROM memberships WHERE account_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND_OF_USER,
    FIND,
    LIST,
    HAS_ADDRESS,
    FIND_MEMBER,
    COUNT,
    LIST_SEATS,
    COUNT_SEATS,
    LIST_USERS,
    INSERT,
    UPDATE_ROLE,
    DELETE,
    DELETE_OF_USER,
    DELETE_OF_ACCOUNT,
];

fn decode(row: &Row) -> Result<Membership, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Membership {
        id: columns.parsed("id")?,
        account_id: columns.parsed("account_id")?,
        user_id: columns.parsed("user_id")?,
        role: role(&columns)?,
        invited_by: columns.opt_parsed("invited_by")?,
        created_at: columns.instant("created_at")?,
    })
}

fn role(columns: &Columns<'_>) -> Result<TeamRole, StorageError> {
    TeamRole::parse(&columns.text("role")?).ok_or_else(|| columns.corrupt("role"))
}

/// What the user is in the account; nothing for whoever does not work there.
pub async fn find_of_user(
    q: &mut impl Query,
    account: &str,
    user: UserId,
) -> Result<Option<Membership>, StorageError> {
    let user = user.to_string();
    q.fetch_optional(FIND_OF_USER, &[account.into(), user.as_str().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// One of this account's.
pub async fn find(
    q: &mut impl Query,
    account: &AccountId,
    id: MembershipId,
) -> Result<Option<Membership>, StorageError> {
    let id = id.to_string();
    q.fetch_optional(FIND, &[account.as_str().into(), id.as_str().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// Those who work in the account, the first ones first, and how many they are.
pub async fn list(
    q: &mut impl Query,
    account: &AccountId,
    (limit, offset): (i64, i64),
) -> Result<(Vec<Member>, i64), StorageError> {
    let rows = q
        .fetch_all(LIST, &[account.as_str().into(), limit.into(), offset.into()])
        .await?;
    let total = q.fetch_one(COUNT, &[account.as_str().into()]).await?.int("n")?;
    let members: Result<_, _> = rows.iter().map(decode_member).collect();
    Ok((members?, total))
}

/// How many work in the account.
pub async fn count(q: &mut impl Query, account: &AccountId) -> Result<i64, StorageError> {
    q.fetch_one(COUNT, &[account.as_str().into()]).await?.int("n")
}

/// Whether somebody with this address works in the account.
pub async fn has_address(
    q: &mut impl Query,
    account: &AccountId,
    email: &Email,
) -> Result<bool, StorageError> {
    let args = [account.as_str().into(), email.as_str().into()];
    Ok(q.fetch_one(HAS_ADDRESS, &args).await?.int("n")? > 0)
}

/// The same with whose it is.
pub async fn find_member(
    q: &mut impl Query,
    account: &AccountId,
    id: MembershipId,
) -> Result<Option<Member>, StorageError> {
    let id = id.to_string();
    let row = q
        .fetch_optional(FIND_MEMBER, &[account.as_str().into(), id.as_str().into()])
        .await?;
    row.map(|row| decode_member(&row)).transpose()
}

fn decode_member(row: &Row) -> Result<Member, StorageError> {
    let columns = Columns::new(TABLE, row);
    let profile: Profile = columns.json("profile")?;
    Ok(Member {
        membership: decode(row)?,
        email: columns.parsed("email")?,
        name: profile.name,
    })
}

/// The accounts that the user may act in, the first ones first, and how many they are.
pub async fn list_seats(
    q: &mut impl Query,
    user: UserId,
    (limit, offset): (i64, i64),
) -> Result<(Vec<Seat>, i64), StorageError> {
    let user = user.to_string();
    let args = [user.as_str().into(), limit.into(), offset.into()];
    let rows = q.fetch_all(LIST_SEATS, &args).await?;
    let total = q.fetch_one(COUNT_SEATS, &[user.as_str().into()]).await?;
    let decode_seat = |row: &Row| {
        Ok::<_, StorageError>(Seat {
            account: decode_account(row)?,
            role: role(&Columns::new(TABLE, row))?,
        })
    };
    let seats: Result<_, _> = rows.iter().map(decode_seat).collect();
    Ok((seats?, total.int("n")?))
}

/// Everybody who works in the account.
pub async fn list_users(q: &mut impl Query, account: &AccountId) -> Result<Vec<UserId>, StorageError> {
    let rows = q.fetch_all(LIST_USERS, &[account.as_str().into()]).await?;
    rows.iter()
        .map(|row| Columns::new(TABLE, row).parsed("user_id"))
        .collect()
}

/// False when the user works in the account already.
pub async fn insert(w: &mut Writer, membership: &Membership) -> Result<bool, StorageError> {
    let (id, user) = (membership.id.to_string(), membership.user_id.to_string());
    let by = membership.invited_by.map(|by| by.to_string());
    let args = [
        id.as_str().into(),
        membership.account_id.as_str().into(),
        user.as_str().into(),
        membership.role.as_str().into(),
        by.as_deref().into(),
        membership.created_at.into(),
    ];
    Ok(w.execute(INSERT, &args).await? == 1)
}

/// False when the role is another one than it was, or it is the root user's membership.
pub async fn update_role(w: &mut Writer, was: &Membership, role: TeamRole) -> Result<bool, StorageError> {
    let id = was.id.to_string();
    let args = [
        was.account_id.as_str().into(),
        id.as_str().into(),
        was.role.as_str().into(),
        role.as_str().into(),
    ];
    Ok(w.execute(UPDATE_ROLE, &args).await? == 1)
}

/// False when the role is another one than it was, or it is the root user's membership.
pub async fn delete(w: &mut Writer, was: &Membership) -> Result<bool, StorageError> {
    let id = was.id.to_string();
    let args = [
        was.account_id.as_str().into(),
        id.as_str().into(),
        was.role.as_str().into(),
    ];
    Ok(w.execute(DELETE, &args).await? == 1)
}

pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_USER, &[user.to_string().as_str().into()])
        .await
}

/// Also the root user's: for an account that nobody has any more.
pub async fn delete_of_account(w: &mut Writer, account: &AccountId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_ACCOUNT, &[account.as_str().into()]).await
}
