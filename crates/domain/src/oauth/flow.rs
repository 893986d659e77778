//! An authorization request on its way through login and consent, sealed so that the browser can carry it.
//! Refuses edits: what comes back is byte for byte what was validated (O35), and only for an hour.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Ctx, GrantId, Timestamp};
use oauth::authorization::AuthorizationRequest;
use serde::{Deserialize, Serialize};

use crate::authority::Authority;
use crate::fault::Fault;

const PURPOSE: &str = "authorization-flow";
const TTL: Duration = Duration::from_secs(60 * 60);
/// Sealed requests larger than this are not ours.
const MAX_TEXT: usize = 32 * 1024;

/// A validated request and when it arrived.
#[derive(Clone, Serialize, Deserialize)]
pub struct Flow {
    pub request: AuthorizationRequest,
    pub started_at: Timestamp,
    /// The grant it will become, so that it becomes one only (O28).
    pub grant_id: GrantId,
}

impl Flow {
    pub fn start(request: AuthorizationRequest, ctx: &Ctx) -> Self {
        Self {
            request,
            started_at: ctx.now,
            grant_id: GrantId::random(ctx.random.as_ref()),
        }
    }
}

impl Authority {
    /// The text for the `flow` parameter of pages.
    ///
    /// # Errors
    /// Only when sealing fails.
    pub fn seal_flow(&self, ctx: &Ctx, flow: &Flow) -> Result<String, Fault> {
        let plain = serde_json::to_vec(flow).map_err(|_| Fault::Sealed("flow does not serialize"))?;
        Ok(URL_SAFE_NO_PAD.encode(self.sealer.seal(PURPOSE, &plain, ctx.random.as_ref())?))
    }

    /// The flow, if the text is one of ours and not too old.
    pub fn open_flow(&self, ctx: &Ctx, text: &str) -> Option<Flow> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = self.sealer.open(PURPOSE, &sealed).ok()?;
        let flow: Flow = serde_json::from_slice(&plain).ok()?;
        (ctx.now < flow.started_at.plus(TTL)).then_some(flow)
    }
}
