//! Keys that somebody has found in public: ended at once, and their owners told.
//! Refuses to end anything but the key whose whole text was found.

use model::api_key::{ApiKey, KeyEnd};
use model::audit::Actor;
use model::user::User;
use model::{Ctx, PlainSecret};
use storage::Writer;

use super::revoke::end_key;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Event, Letter, Message};

/// In characters, of what a finder says about the place.
const LONGEST_SOURCE: usize = 300;

/// A text that may be a key, and where it was found.
pub struct FoundKey {
    pub text: PlainSecret,
    pub source: String,
}

impl Authority {
    /// Whether it is a key of ours, live or not. A live one is ended.
    ///
    /// # Errors
    /// Storage; reporting it again is harmless.
    pub async fn report_leaked_key(&self, ctx: &Ctx, found: &FoundKey) -> Result<bool, Fault> {
        if self.recognise_key(found.text.expose(), ctx.now).is_none() {
            return Ok(false);
        }
        let mut reader = self.database.read().await?;
        let known = storage::api_keys::find_in_use(&mut reader, &found.text.digest()).await?;
        let Some(known) = known else { return Ok(false) };
        let owner = storage::users::find_by_id(&mut reader, known.key.user_id).await?;
        drop(reader);
        let Some(owner) = owner else { return Ok(true) };
        let letter = letter(ctx, &owner, (&known.key, &found.source));
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move { authority.end_leaked(w, &at, (&known.key, letter)).await })
        });
        if work.await? {
            self.ring();
            self.catch_up().await?;
        }
        Ok(true)
    }

    async fn end_leaked(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (key, letter): (&ApiKey, Letter),
    ) -> Result<bool, Fault> {
        let ended = end_key(w, &self.settings, ctx, (key, KeyEnd::Leaked, Actor::Anonymous)).await?;
        if ended {
            self.enqueue(w, ctx, &Job::Send(letter)).await?;
        }
        Ok(ended)
    }
}

fn letter(ctx: &Ctx, owner: &User, (key, source): (&ApiKey, &str)) -> Letter {
    let printable = source.chars().filter(|letter| !letter.is_control());
    // Where the finder's servers are is of no interest to the owner.
    let event = Event {
        at: ctx.now,
        address: None,
        user_agent: None,
    };
    let message = Message::ApiKeyLeaked {
        name: key.name.to_string(),
        prefix: key.prefix.clone(),
        source: printable.take(LONGEST_SOURCE).collect(),
        event,
    };
    Letter::to_user(ctx, owner, message)
}
