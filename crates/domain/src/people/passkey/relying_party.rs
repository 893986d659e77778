//! Who authenticators think we are: the host of the issuer, asked for by pages of its origin.
//! Refuses to look at a request: no header changes the relying party.

use model::UserId;
use url::Url;
use webauthn_rs::prelude::{Uuid, Webauthn, WebauthnBuilder};

use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// Whether passkeys can be used here: browsers know them on named hosts only.
    pub fn knows_passkeys(&self) -> bool {
        matches!(self.relying_party(), Ok(Some(_)))
    }

    /// `None` when the issuer is an address without a name. // WebAuthn §5.1.2: an RP ID is a domain
    pub(super) fn relying_party(&self) -> Result<Option<Webauthn>, Fault> {
        relying_party(&self.settings.issuer)
    }
}

fn relying_party(issuer: &str) -> Result<Option<Webauthn>, Fault> {
    let broken = |_| Fault::Passkeys("the issuer is no relying party");
    let Ok(issuer) = Url::parse(issuer) else {
        return Ok(None);
    };
    let Some(host) = issuer.domain() else {
        return Ok(None);
    };
    // Without a path, query or fragment. // HTML §7.1.1
    let origin = Url::parse(&issuer.origin().ascii_serialization())
        .map_err(|_| Fault::Passkeys("the issuer has no origin"))?;
    let builder = WebauthnBuilder::new(host, &origin).map_err(broken)?;
    builder.build().map(Some).map_err(broken)
}

/// What authenticators keep of a user: the bits of the id, which say nothing about the person. // WebAuthn §14.6.1
pub(super) fn user_handle(user: UserId) -> Uuid {
    Uuid::from_bytes(user.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relying_party_is_a_name_and_its_origin() {
        let named = relying_party("https://login.example.org:8443/tenant").unwrap();
        let named = named.expect("a name");
        assert_eq!(
            named.get_allowed_origins(),
            [Url::parse("https://login.example.org:8443").unwrap()]
        );
        assert!(relying_party("http://localhost").unwrap().is_some());
        for nameless in ["http://127.0.0.1:8080", "https://[::1]", "nothing"] {
            assert!(relying_party(nameless).unwrap().is_none(), "{nameless}");
        }
    }
}
