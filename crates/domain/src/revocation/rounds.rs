//! Many callers, one look: whoever asks while a look is under way shares the next one.
//! Refuses to answer from a look that began before the question.

use std::sync::{Mutex, MutexGuard, PoisonError};

use storage::StorageError;
use tokio::sync::oneshot;

type Outcome = Result<(), StorageError>;

/// The callers of the look that comes next.
#[derive(Default)]
pub(super) struct Rounds(Mutex<State>);

#[derive(Default)]
struct State {
    running: bool,
    waiting: Vec<oneshot::Sender<Outcome>>,
}

/// A caller's place, and whether it is the one that must get [`Rounds::run`] going.
pub(super) struct Place {
    pub outcome: oneshot::Receiver<Outcome>,
    pub leads: bool,
}

impl Rounds {
    pub(super) fn join(&self) -> Place {
        let (sender, outcome) = oneshot::channel();
        let mut state = self.lock();
        state.waiting.push(sender);
        let leads = !std::mem::replace(&mut state.running, true);
        Place { outcome, leads }
    }

    /// Looks again and again until nobody waits.
    pub(super) async fn run<F: Future<Output = Outcome>>(&self, look: impl Fn() -> F) {
        let mut ending = Ending {
            rounds: self,
            orderly: false,
        };
        while let Some(callers) = self.next() {
            let outcome = look().await;
            for caller in callers {
                // A caller may have left.
                let _ = caller.send(match &outcome {
                    Ok(()) => Ok(()),
                    Err(error) => Err(error.share()),
                });
            }
        }
        ending.orderly = true;
    }

    /// Who is served by the look that begins now; with nobody, the next caller leads again.
    fn next(&self) -> Option<Vec<oneshot::Sender<Outcome>>> {
        let mut state = self.lock();
        state.running = !state.waiting.is_empty();
        state.running.then(|| std::mem::take(&mut state.waiting))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Turns the waiting away when a look panicked or was dropped, so that nobody waits for ever.
struct Ending<'a> {
    rounds: &'a Rounds,
    orderly: bool,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if !self.orderly {
            *self.rounds.lock() = State::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_hundred_callers_share_two_looks_and_none_is_answered_by_an_earlier_one() {
        let rounds = Arc::new(Rounds::default());
        let looks = Arc::new(AtomicU32::new(0));
        let first = rounds.join();
        assert!(first.leads);
        let late = Arc::new(Mutex::new(Vec::new()));
        let look = || {
            let (rounds, looks, late) = (rounds.clone(), looks.clone(), late.clone());
            async move {
                if looks.fetch_add(1, Ordering::Relaxed) == 0 {
                    // They come while the first look is under way.
                    late.lock().unwrap().extend((0..100).map(|_| rounds.join()));
                }
                Ok(())
            }
        };
        rounds.run(look).await;
        assert_eq!(looks.load(Ordering::Relaxed), 2);
        assert!(first.outcome.await.unwrap().is_ok());
        let late = std::mem::take(&mut *late.lock().unwrap());
        for place in late {
            assert!(!place.leads && place.outcome.await.unwrap().is_ok());
        }
        assert!(rounds.join().leads, "the next caller starts anew");
    }

    #[tokio::test]
    async fn a_failed_look_is_told_to_all_who_waited() {
        let rounds = Rounds::default();
        let (one, two) = (rounds.join(), rounds.join());
        rounds.run(|| async { Err(StorageError::Busy) }).await;
        for place in [one, two] {
            assert!(matches!(place.outcome.await, Ok(Err(StorageError::Busy))));
        }
    }

    #[tokio::test]
    async fn an_abandoned_look_leaves_nobody_waiting() {
        let rounds = Rounds::default();
        let place = rounds.join();
        assert!(futures::FutureExt::now_or_never(rounds.run(std::future::pending)).is_none());
        assert!(place.outcome.await.is_err());
        assert!(rounds.join().leads);
    }
}
