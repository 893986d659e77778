//! When GitHub wants to be left alone, and by whom.
//! Refuses to ask before the time that GitHub has named.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::github_app::GithubError;
use model::Timestamp;

const MOST: usize = 10_000;

/// Until when each bearer has to wait.
#[derive(Default)]
pub(super) struct Patience(Mutex<HashMap<String, Timestamp>>);

impl Patience {
    pub(super) fn check(&self, bearer: &str, now: Timestamp) -> Result<(), GithubError> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, until| now < *until);
        match waiting.get(bearer) {
            None => Ok(()),
            Some(until) => Err(GithubError::Limited {
                retry_after: until.since(now),
            }),
        }
    }

    pub(super) fn wait(&self, bearer: String, until: Timestamp) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.insert(bearer, until);
        }
    }
}
