//! The doctor at a running server: the checks that make sense while it runs, for the administrators' console.
//! Refuses to look again within half a minute: the checks open files and connections.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use model::{SystemClock, Timestamp};
use tokio::sync::Mutex;

use super::{CHECKS, Finding, Patient};
use crate::config::Config;
use crate::pages::view::admin::Look;

const REMEMBERED: Duration = Duration::from_secs(30);
/// Their ports are in use and their database is open: by this very server.
const NOT_WHILE_RUNNING: [&str; 2] = ["ports", "database"];

/// What a check was about, how it went, what was found and what mends it.
pub type Told = (&'static str, Look, String, Option<String>);

/// Cheap to clone; knows the configuration of the server it is at.
#[derive(Clone)]
pub struct Doctor(Arc<Inner>);

struct Inner {
    patient: Patient,
    last: Mutex<Option<(Timestamp, Vec<Told>)>>,
}

impl Doctor {
    pub fn of(config: &Config) -> Self {
        Self(Arc::new(Inner {
            patient: Patient {
                config: config.clone(),
                clock: Arc::new(SystemClock),
            },
            last: Mutex::new(None),
        }))
    }

    /// What is found now, or was up to half a minute ago.
    pub async fn findings(&self) -> Vec<Told> {
        let now = self.0.patient.clock.now();
        let mut last = self.0.last.lock().await;
        if let Some((at, told)) = &*last
            && now < at.plus(REMEMBERED)
        {
            return told.clone();
        }
        let told = self.look().await;
        *last = Some((now, told.clone()));
        told
    }

    async fn look(&self) -> Vec<Told> {
        let checks = CHECKS
            .iter()
            .filter(|(name, _)| !NOT_WHILE_RUNNING.contains(name))
            .map(|(name, check)| async {
                let found = check(&self.0.patient).await;
                found
                    .into_iter()
                    .map(|found| told(name, found))
                    .collect::<Vec<_>>()
            });
        join_all(checks).await.into_iter().flatten().collect()
    }
}

fn told(about: &'static str, found: Finding) -> Told {
    match found {
        Finding::Fine(what) => (about, Look::Good, what, None),
        Finding::Doubtful { what, mend } => (about, Look::Doubtful, what, Some(mend)),
        Finding::Wrong { what, mend } => (about, Look::Bad, what, Some(mend)),
    }
}
