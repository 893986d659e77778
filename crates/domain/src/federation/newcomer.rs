//! Whose an account at a provider is: the user it is linked to, or a new one.
//! Refuses to give an existing user to anybody for an address: they sign in first, and add the account themselves.

use model::user::{Profile, Role, User};
use model::{Ctx, UserId};

use super::introduction::{Introduction, Standing};
use super::provider::Identity;
use super::unfinished::FederationError;
use crate::authority::Authority;
use crate::oauth::authorize::SignedIn as Present;
use crate::people::throttle::Counters;

const LONGEST_NAME: usize = 100;

impl Authority {
    /// The user the account is linked to.
    pub(super) async fn owner(
        &self,
        introduction: &Introduction,
    ) -> Result<Option<(User, Standing)>, FederationError> {
        let mut reader = self.database.read().await?;
        let subject = &introduction.identity.subject;
        let found = storage::linked_accounts::find(&mut reader, &introduction.provider, subject).await?;
        let Some(account) = found else {
            return Ok(None);
        };
        let user = storage::users::find_by_id(&mut reader, account.user_id).await?;
        Ok(user.map(|user| (user, Standing::Known)))
    }

    /// Somebody whose account is linked to nobody: a new user, or the one who sits there with the same proven address.
    pub(super) async fn newcomer(
        &self,
        ctx: &Ctx,
        identity: &Identity,
        present: Option<&Present>,
    ) -> Result<(User, Standing), FederationError> {
        let given = identity.email.as_ref().ok_or(FederationError::NoEmail)?;
        let email: model::email::Email = given.address.parse().map_err(|_| FederationError::NoEmail)?;
        if !given.verified {
            return Err(FederationError::EmailUnverified);
        }
        let mut reader = self.database.read().await?;
        let holder = storage::users::find_by_email(&mut reader, email.as_str()).await?;
        drop(reader);
        if let Some(holder) = holder {
            let sits_there = present.is_some_and(|present| present.user.id == holder.id);
            return if sits_there && holder.email_verified_at.is_some() {
                Ok((holder, Standing::Added))
            } else {
                Err(FederationError::EmailTaken)
            };
        }
        if !self.settings.registration.open {
            return Err(FederationError::RegistrationClosed);
        }
        let counters = Counters::of_registration(ctx);
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(FederationError::TooManyAttempts { retry_after });
        }
        let user = User {
            id: UserId::random(ctx.random.as_ref()),
            username: None,
            email,
            email_verified_at: Some(ctx.now),
            role: Role::User,
            password: None,
            profile: profile(identity),
            disabled_at: None,
            created_at: ctx.now,
            updated_at: ctx.now,
        };
        Ok((user, Standing::New))
    }
}

fn profile(identity: &Identity) -> Profile {
    let name = identity.name.as_deref().or(identity.login.as_deref());
    let name = name.map(|name| {
        let plain: String = name.chars().filter(|letter| !letter.is_control()).collect();
        plain.trim().chars().take(LONGEST_NAME).collect::<String>()
    });
    let picture = identity.avatar.clone();
    Profile {
        name: name.filter(|name| !name.is_empty()),
        picture: picture.filter(|picture| picture.starts_with("https://")),
        ..Profile::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::provider::UpstreamEmail;
    use super::*;

    #[test]
    fn what_a_provider_tells_is_cleaned_before_it_is_shown() {
        let made = profile(&Identity {
            subject: "1".to_owned(),
            login: Some("ada".to_owned()),
            name: Some(" \u{7}Ada ".to_owned()),
            avatar: Some("http://pictures.test/1".to_owned()),
            email: Some(UpstreamEmail {
                address: "ada@example.org".to_owned(),
                verified: true,
            }),
        });
        assert_eq!(made.name.as_deref(), Some("Ada"));
        assert_eq!(made.picture, None);
    }
}
