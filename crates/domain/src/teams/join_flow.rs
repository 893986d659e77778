//! An invitation on its way through signing in or registering, sealed so that the browser can carry it.
//! Refuses edits and other texts: it opens to a token and to nothing else, and only for an hour.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Ctx, Timestamp};
use oauth::opaque::{self, OpaqueKind};
use serde::{Deserialize, Serialize};

use crate::authority::Authority;
use crate::fault::Fault;

const PURPOSE: &str = "join-flow";
const TTL: Duration = Duration::from_secs(60 * 60);
/// Sealed texts longer than this are not ours.
const MAX_TEXT: usize = 1024;

#[derive(Serialize, Deserialize)]
struct Carried {
    token: String,
    started_at: Timestamp,
}

impl Authority {
    /// The text that pages carry along.
    ///
    /// # Errors
    /// Only when sealing fails.
    pub fn seal_invitation(&self, ctx: &Ctx, token: &str) -> Result<String, Fault> {
        let carried = Carried {
            token: token.to_owned(),
            started_at: ctx.now,
        };
        let plain = serde_json::to_vec(&carried).map_err(|_| Fault::Sealed("flow does not serialize"))?;
        Ok(URL_SAFE_NO_PAD.encode(self.sealer.seal(PURPOSE, &plain, ctx.random.as_ref())?))
    }

    /// The token of the invitation, if the text is one of ours and not too old.
    pub fn open_invitation(&self, ctx: &Ctx, text: &str) -> Option<String> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = self.sealer.open(PURPOSE, &sealed).ok()?;
        let carried: Carried = serde_json::from_slice(&plain).ok()?;
        let is_fresh = ctx.now < carried.started_at.plus(TTL);
        (is_fresh && opaque::parse(&carried.token) == Some(OpaqueKind::Invitation)).then_some(carried.token)
    }
}
