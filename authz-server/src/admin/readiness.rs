//! Whether the server can do its work: named checks that other parts register.
//! A check that hangs counts as failed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::future::{BoxFuture, join_all};
use tokio::{sync::Mutex, time::Instant};

const CHECK_LIMIT: Duration = Duration::from_secs(1);
/// Strangers can ask on the public listener, so their question is passed on at most this often.
const REMEMBERED: Duration = Duration::from_millis(500);

/// One named question; the error says what is wrong, for operators only.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The checks, and whether the server is on its way out.
#[derive(Clone)]
pub struct Readiness(Arc<Inner>);

struct Inner {
    checks: Vec<(&'static str, Check)>,
    stopping: AtomicBool,
    last: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    /// Ready when every check passes.
    pub fn new(checks: Vec<(&'static str, Check)>) -> Self {
        Self(Arc::new(Inner {
            checks,
            stopping: AtomicBool::new(false),
            last: Mutex::new(None),
        }))
    }

    /// From now on not ready: the server is being stopped.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Release);
    }

    /// Whether everything passes, as of at most half a second ago.
    pub async fn is_ready(&self) -> bool {
        if self.0.stopping.load(Ordering::Acquire) {
            return false;
        }
        let mut last = self.0.last.lock().await;
        match *last {
            Some((at, ready)) if at.elapsed() < REMEMBERED => ready,
            _ => {
                let ready = self.report().await.values().all(Result::is_ok);
                *last = Some((Instant::now(), ready));
                ready
            }
        }
    }

    /// What each check says now.
    pub async fn report(&self) -> BTreeMap<&'static str, Result<(), String>> {
        let asked = self.0.checks.iter().map(|(name, check)| async {
            let answer = tokio::time::timeout(CHECK_LIMIT, check()).await;
            (
                *name,
                answer.unwrap_or_else(|_| Err("no answer within a second".to_owned())),
            )
        });
        let mut report: BTreeMap<_, _> = join_all(asked).await.into_iter().collect();
        if self.0.stopping.load(Ordering::Acquire) {
            report.insert("stopping", Err("the server is being stopped".to_owned()));
        }
        report
    }
}
