//! What somebody's own data tells of teams.
//! Refuses the names of others: accounts are told by number and role, invitations by the address that was typed.

use model::Ctx;
use model::user::User;
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::fault::Fault;

/// More than anybody has.
const MOST: i64 = 10_000;

impl Authority {
    pub(crate) async fn export_seats(&self, ctx: &Ctx, user: &User) -> Result<Vec<Value>, Fault> {
        let (seats, _) = self.list_seats(ctx, user.id, (MOST, 0)).await?;
        let told = |seat: &model::team::Seat| json!({ "id": seat.account.id, "role": seat.role.as_str() });
        Ok(seats.iter().map(told).collect())
    }

    pub(crate) async fn export_invitations(&self, user: &User) -> Result<Vec<Value>, Fault> {
        let mut reader = self.database.read().await?;
        let made = storage::invitations::list_made_by(&mut reader, user.id, MOST).await?;
        let told = made.into_iter().map(|invitation| {
            json!({
                "id": invitation.id,
                "account_id": invitation.account_id,
                "email": invitation.email,
                "role": invitation.role.as_str(),
                "created_at": invitation.created_at.to_string(),
                "expires_at": invitation.expires_at.to_string(),
                "accepted_at": invitation.accepted_at.map(|at| at.to_string()),
            })
        });
        Ok(told.collect())
    }
}
