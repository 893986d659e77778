//! The deciding party: what every capability works with, shared by all doors.
//! Refuses to hold request state: that is [`model::Ctx`].

use std::sync::Arc;

use model::{Clock, Random};
use storage::Database;

use crate::api_keys::{KeyActivity, KnownKeys};
use crate::billing::Payments;
use crate::clients::{FailedDocuments, KnownClients};
use crate::federation::Providers;
use crate::housekeeping::Settled;
use crate::iam::KnownSubjects;
use crate::jobs::Bell;
use crate::keys::KeyRing;
use crate::mail::Mailer;
use crate::oauth::KnownTokens;
use crate::operation::ProxiesSeen;
use crate::people::SessionActivity;
use crate::people::avatar::Workshop;
use crate::people::password::PasswordHasher;
use crate::revocation::RevocationLog;
use crate::sealing::Sealer;
use crate::settings::Settings;

/// Cheap to clone. Capabilities are `impl Authority` blocks in the files named after them.
#[derive(Clone)]
pub struct Authority(Arc<Inner>);

struct Inner {
    parts: Parts,
    activity: SessionActivity,
    key_activity: KeyActivity,
    known_keys: KnownKeys,
    known_subjects: KnownSubjects,
    log: RevocationLog,
    clients: KnownClients,
    documents: FailedDocuments,
    tokens: KnownTokens,
    proxies: ProxiesSeen,
    bell: Bell,
    workshop: Workshop,
    settled: Settled,
}

pub struct Parts {
    pub database: Database,
    pub settings: Settings,
    pub sealer: Sealer,
    pub keys: KeyRing,
    pub hasher: PasswordHasher,
    pub mailer: Arc<dyn Mailer>,
    pub providers: Providers,
    pub payments: Payments,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl Authority {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            activity: SessionActivity::default(),
            key_activity: KeyActivity::default(),
            known_keys: KnownKeys::default(),
            known_subjects: KnownSubjects::default(),
            log: RevocationLog::default(),
            clients: KnownClients::default(),
            documents: FailedDocuments::default(),
            tokens: KnownTokens::default(),
            proxies: ProxiesSeen::default(),
            bell: Bell::default(),
            workshop: Workshop::default(),
            settled: Settled::default(),
        }))
    }

    pub(crate) fn activity(&self) -> &SessionActivity {
        &self.0.activity
    }

    pub(crate) fn key_activity(&self) -> &KeyActivity {
        &self.0.key_activity
    }

    pub(crate) fn known_keys(&self) -> &KnownKeys {
        &self.0.known_keys
    }

    pub(crate) fn known_subjects(&self) -> &KnownSubjects {
        &self.0.known_subjects
    }

    pub(crate) fn log(&self) -> &RevocationLog {
        &self.0.log
    }

    pub(crate) fn known_clients(&self) -> &KnownClients {
        &self.0.clients
    }

    pub(crate) fn failed_documents(&self) -> &FailedDocuments {
        &self.0.documents
    }

    pub(crate) fn bell(&self) -> &Bell {
        &self.0.bell
    }

    pub(crate) fn workshop(&self) -> &Workshop {
        &self.0.workshop
    }

    pub(crate) fn settled(&self) -> &Settled {
        &self.0.settled
    }

    pub(crate) fn proxies_seen(&self) -> &ProxiesSeen {
        &self.0.proxies
    }

    pub(crate) fn known_tokens(&self) -> &KnownTokens {
        &self.0.tokens
    }
}

impl std::ops::Deref for Authority {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}
