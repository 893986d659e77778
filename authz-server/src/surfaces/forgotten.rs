//! A forgotten password at any surface: a mail to whoever has the address, and the new one with what it held.
//! Refuses to tell whether anybody has the address.

use domain::people::AskedIn;
use model::challenge::Purpose;
use model::{Ctx, PlainSecret};

use super::Failure;
use crate::app::AppState;

/// Asks for the mail.
pub async fn ask(state: &AppState, ctx: &Ctx, email: &str) -> Result<(), Failure> {
    let (purpose, asked_in) = (Purpose::ResetPassword, AskedIn::default());
    let authority = &state.authority;
    authority.ask_by_mail(ctx, purpose, email, asked_in).await?;
    Ok(())
}

/// Sets the new password. `token`: from the mail.
pub async fn reset(state: &AppState, ctx: &Ctx, token: &str, password: &str) -> Result<(), Failure> {
    let password = PlainSecret::new(password);
    state.authority.reset_password(ctx, token, password).await?;
    Ok(())
}
