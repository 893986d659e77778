//! Requests that may be sent again: the first answer is kept for a day and given to every repetition.
//! Refuses another request under the same key, and to do anything twice at once.

use std::time::Duration;

use model::{Ctx, SecretDigest};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use storage::StorageError;
use storage::idempotency::{self, NewKey};

use crate::authority::Authority;
use crate::fault::Fault;

const PURPOSE: &str = "idempotency";
/// How long an answer is given again.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// After so long without an answer the one at work is taken for dead; longer than any request may take.
pub const LEASE: Duration = Duration::from_secs(120);
/// The largest body that is kept.
pub const LARGEST_BODY: usize = 64 * 1024;
const LONGEST_KEY: usize = 255;

/// A key as its caller has chosen it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// 1 to 255 visible ASCII characters.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let visible = text.iter().all(u8::is_ascii_graphic);
        let sized = (1..=LONGEST_KEY).contains(&text.len());
        let text = std::str::from_utf8(text).ok()?;
        (visible && sized).then(|| Self(text.to_owned()))
    }
}

/// A request with its key.
pub struct IdempotentRequest<'a> {
    /// The id of whoever calls, or the network of somebody unknown.
    pub caller: &'a str,
    pub method: &'a str,
    /// With the query, if there is one.
    pub path: &'a str,
    pub body: &'a [u8],
    pub key: &'a IdempotencyKey,
}

impl IdempotentRequest<'_> {
    fn place(&self) -> SecretDigest {
        digest(&[
            self.caller.as_bytes(),
            self.method.as_bytes(),
            self.path.as_bytes(),
            self.key.0.as_bytes(),
        ])
    }

    fn content(&self) -> SecretDigest {
        digest(&[self.method.as_bytes(), self.path.as_bytes(), self.body])
    }
}

/// Of the parts with their lengths, so that no two lists of parts are the same.
fn digest(parts: &[&[u8]]) -> SecretDigest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    SecretDigest::from_bytes(hash.finalize().into())
}

/// An answer as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptAnswer {
    pub status: u16,
    pub kind: Option<String>,
    pub body: String,
}

/// The right to answer; whoever has it ends it with [`Authority::keep_answer`] or [`Authority::release_key`].
#[derive(Clone)]
pub struct Lease {
    place: SecretDigest,
    lease: SecretDigest,
}

/// What a request with a key is.
pub enum Attempt {
    /// The first one: it is to be carried out.
    First(Lease),
    /// A repetition: this was the answer.
    Repeated(KeptAnswer),
    /// A repetition of one that is being carried out; it is given up after so long.
    InProgress(Duration),
    /// The key was used for another request.
    Conflict,
}

impl Authority {
    /// Of many at once, one is the first.
    ///
    /// # Errors
    /// Storage, or an answer that can't be opened.
    pub async fn attempt(&self, ctx: &Ctx, request: &IdempotentRequest<'_>) -> Result<Attempt, Fault> {
        let (place, content) = (request.place(), request.content());
        // A repetition is told from what is read, without a write.
        if let Some(attempt) = self.look_at_key(ctx, (&place, &content)).await? {
            return Ok(attempt);
        }
        let mut mark = [0; 32];
        ctx.random.fill(&mut mark);
        let lease = Lease {
            place,
            lease: SecretDigest::from_bytes(mark),
        };
        let (at, caller, own) = (ctx.now, request.caller.to_owned(), lease.clone());
        let taken = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let key = NewKey {
                    digest: &own.place,
                    caller: &caller,
                    request: &content,
                    lease: &own.lease,
                    leased_until: at.plus(LEASE),
                    expires_at: at.plus(KEPT),
                };
                idempotency::take(w, &key, at).await
            })
        });
        if taken.await? {
            return Ok(Attempt::First(lease));
        }
        let found = self.look_at_key(ctx, (&lease.place, &request.content())).await?;
        // It was given back in between: a moment later it can be taken.
        Ok(found.unwrap_or(Attempt::InProgress(Duration::ZERO)))
    }

    /// Nothing when the key can be taken.
    async fn look_at_key(
        &self,
        ctx: &Ctx,
        (place, content): (&SecretDigest, &SecretDigest),
    ) -> Result<Option<Attempt>, Fault> {
        let mut reader = self.database.read().await?;
        let found = idempotency::find(&mut reader, place).await?;
        drop(reader);
        let Some(stored) = found.filter(|stored| ctx.now < stored.expires_at) else {
            return Ok(None);
        };
        let left = stored.leased_until.as_micros() - ctx.now.as_micros();
        Ok(match stored.answer {
            None if left <= 0 => None,
            _ if stored.request != *content => Some(Attempt::Conflict),
            None => Some(Attempt::InProgress(Duration::from_micros(left.unsigned_abs()))),
            Some(sealed) => {
                let plain = self.sealer.open(PURPOSE, &sealed)?;
                let kept = serde_json::from_slice(&plain);
                let kept = kept.map_err(|_| Fault::Sealed("an answer of another version"))?;
                Some(Attempt::Repeated(kept))
            }
        })
    }

    /// Gives this answer to every repetition; a body beyond [`LARGEST_BODY`] is left out.
    ///
    /// # Errors
    /// Storage or the cipher.
    pub async fn keep_answer(&self, ctx: &Ctx, lease: Lease, mut answer: KeptAnswer) -> Result<(), Fault> {
        if answer.body.len() > LARGEST_BODY {
            answer.body.clear();
        }
        let plain = serde_json::to_vec(&answer).map_err(|_| Fault::Sealed("an answer does not serialize"))?;
        let sealed = self.sealer.seal(PURPOSE, &plain, ctx.random.as_ref())?;
        let kept = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { idempotency::answer(w, (&lease.place, &lease.lease), &sealed).await })
        });
        if !kept.await? {
            tracing::warn!("an answer came after its lease had ended");
        }
        Ok(())
    }

    /// Nothing was done: the next attempt is a first one.
    ///
    /// # Errors
    /// Storage.
    pub async fn release_key(&self, lease: Lease) -> Result<(), Fault> {
        let released = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { idempotency::release(w, (&lease.place, &lease.lease)).await })
        });
        released.await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_visible() {
        let longest = "x".repeat(LONGEST_KEY);
        for text in ["a", "8e03978e-40d5-43e8-bc93-6894a57f9324", "!~", &longest] {
            assert!(IdempotencyKey::parse(text.as_bytes()).is_some(), "{text}");
        }
        let longer = "x".repeat(LONGEST_KEY + 1);
        for text in ["", " ", "a b", "a\tb", "\u{e9}", &longer] {
            assert!(IdempotencyKey::parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn what_moves_from_one_part_to_the_next_is_another_request() {
        assert!(digest(&[b"ab", b"c"]) != digest(&[b"a", b"bc"]));
        assert!(digest(&[b"ab"]) != digest(&[b"ab", b""]));
    }
}
