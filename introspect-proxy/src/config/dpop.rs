//! The `[dpop]` section: what proofs of possession must have, and how many are remembered.
//! It refuses to switch the check off: a bound token always needs its proof.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How DPoP proofs are judged (RFC 9449).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dpop {
    /// Proofs must have a nonce of this proxy. Without nonces a proof could be used once more at each other proxy, and after a
    /// restart, for up to 70 s.
    pub demand_nonce: bool,
    /// A file with a secret of at least 32 characters that several proxies behind one address share, so that each takes the
    /// nonces of the others; then a proof works once at each of them. When left out nonces are good at this proxy only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce_key_file: Option<PathBuf>,
    /// Remember used proofs in the store of `[shared_limits]`, so that none works at a second proxy. The store then has the key
    /// of the nonces; while it is away, proofs need nonces of each proxy's own.
    pub shared: bool,
    /// Proofs that are remembered in 71 s, about 40 bytes each; more are answered 503.
    pub max_proofs: usize,
}

impl Default for Dpop {
    fn default() -> Self {
        Self {
            demand_nonce: true,
            nonce_key_file: None,
            shared: false,
            max_proofs: 1_000_000,
        }
    }
}

impl Dpop {
    pub(super) fn problems(&self, has_store: bool, found: &mut Vec<String>) {
        if !self.shared {
            return;
        }
        if !has_store {
            found.push("dpop.shared: needs [shared_limits], that is the store".to_owned());
        }
        if !self.demand_nonce {
            found.push("dpop.shared: needs demand_nonce, for when the store is away or forgets".to_owned());
        }
        if self.nonce_key_file.is_some() {
            found.push(
                "dpop: shared and nonce_key_file contradict each other, the store has the key".to_owned(),
            );
        }
    }
}
