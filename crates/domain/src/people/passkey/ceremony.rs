//! A ceremony on its way through the page, sealed with its challenge.
//! Refuses another browser, another purpose and five minutes; that it is answered once is decided where it is used.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::passkey::CEREMONY_TTL;
use model::{Ctx, SecretDigest, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::authority::Authority;
use crate::fault::Fault;

/// Sealed ceremonies larger than this are not ours.
const MAX_TEXT: usize = 16 * 1024;

/// What is sealed, for one purpose.
pub(super) trait Ceremony: Serialize + DeserializeOwned {
    const PURPOSE: &'static str;
}

#[derive(Serialize, Deserialize)]
struct Sealed<C> {
    browser: [u8; 32],
    expires_at: Timestamp,
    ceremony: C,
}

/// A ceremony that is ours and not too old.
pub(super) struct Opened<C> {
    pub ceremony: C,
    /// Names it where answered ones are remembered.
    pub digest: SecretDigest,
    pub expires_at: Timestamp,
}

impl Authority {
    pub(super) fn seal_ceremony<C: Ceremony>(
        &self,
        ctx: &Ctx,
        browser: &SecretDigest,
        ceremony: C,
    ) -> Result<String, Fault> {
        let sealed = Sealed {
            browser: *browser.as_bytes(),
            expires_at: ctx.now.plus(CEREMONY_TTL),
            ceremony,
        };
        let plain =
            serde_json::to_vec(&sealed).map_err(|_| Fault::Sealed("a ceremony does not serialize"))?;
        let bytes = self.sealer.seal(C::PURPOSE, &plain, ctx.random.as_ref())?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn open_ceremony<C: Ceremony>(
        &self,
        ctx: &Ctx,
        (text, browser): (&str, &SecretDigest),
    ) -> Option<Opened<C>> {
        if text.len() > MAX_TEXT {
            return None;
        }
        // The decoder takes one spelling only, so the text names the ceremony.
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = self.sealer.open(C::PURPOSE, &bytes).ok()?;
        let sealed: Sealed<C> = serde_json::from_slice(&plain).ok()?;
        let holds = ctx.now < sealed.expires_at && SecretDigest::from_bytes(sealed.browser) == *browser;
        holds.then(|| Opened {
            ceremony: sealed.ceremony,
            digest: SecretDigest::of(text),
            expires_at: sealed.expires_at,
        })
    }
}
