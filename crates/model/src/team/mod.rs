//! Teams: who works in an account, as what, and who has been asked to.
//! Refuses to let anybody give more than they have: [`TeamRole::covers`] is the whole rule.

mod account;
mod account_name;
mod invitation;
mod public_name;
mod role;

pub use account::{Account, Seat};
pub use account_name::{AccountName, AccountNameError};
pub use invitation::{Invitation, InvitationState, address_hint};
pub use public_name::public_name;
pub use role::TeamRole;

use crate::clock::Timestamp;
use crate::email::Email;
use crate::iam::AccountId;
use crate::id::{Id, Kind, UserId};

#[derive(Debug)]
pub struct MembershipKind;
#[derive(Debug)]
pub struct InvitationKind;

impl Kind for MembershipKind {
    const PREFIX: &'static str = "mem";
}
impl Kind for InvitationKind {
    const PREFIX: &'static str = "inv";
}

pub type MembershipId = Id<MembershipKind>;
pub type InvitationId = Id<InvitationKind>;

/// Somebody works in an account. Its root user has one, too, made with the account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    pub id: MembershipId,
    pub account_id: AccountId,
    pub user_id: UserId,
    pub role: TeamRole,
    /// Nobody for the root user.
    pub invited_by: Option<UserId>,
    pub created_at: Timestamp,
}

/// A membership and whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    pub membership: Membership,
    pub email: Email,
    pub name: Option<String>,
}
