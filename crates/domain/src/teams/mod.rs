//! Teams: asking people into an account, their joining, their roles and their leaving.
//! Refuses to give anybody more than whoever gives it has, and to leave an account without its root user.

mod accept;
mod accounts;
mod export;
mod invitations;
mod invite;
mod join_flow;
mod letters;
mod members;
mod remove;
mod role;
mod seated;
mod settings;

pub use accept::{AcceptError, Joined};
pub use accounts::RenameError;
pub use invitations::InvitationInfo;
pub use invite::{InviteError, Invited};
pub use remove::TeamError;
pub use seated::Seated;
pub use settings::TeamSettings;
