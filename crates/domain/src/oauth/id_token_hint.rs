//! `id_token_hint`: an ID token of ours handed back (OIDC Core §3.1.2.1, RP-Initiated Logout §2).
//! Refuses foreign and unsigned ones; an expired one is still a hint.

use jose::{Algorithm, Policy};
use model::{ClientId, Ctx, SessionId, UserId};

use crate::authority::Authority;

/// Whom the hint is about and for whom it was issued.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdTokenHint {
    pub subject: UserId,
    pub client_id: ClientId,
    pub session_id: Option<SessionId>,
}

impl Authority {
    /// The hint, if it is one of our ID tokens.
    pub fn read_id_token_hint(&self, ctx: &Ctx, text: &str) -> Option<IdTokenHint> {
        let policy = Policy {
            types: &["JWT"],
            algorithms: &Algorithm::ALL,
            issuer: Some(&self.settings.issuer),
            ignore_expiry: true,
            leeway: self.leeway_seconds(),
            ..Policy::at(ctx.now.as_seconds())
        };
        let claims = jose::verify(text, self.keys.snapshot().verifiers(), &policy).ok()?;
        let [client_id] = claims.audience()[..] else {
            return None;
        };
        Some(IdTokenHint {
            subject: claims.text("sub")?.parse().ok()?,
            client_id: client_id.parse().ok()?,
            session_id: claims.text("sid").and_then(|sid| sid.parse().ok()),
        })
    }
}
