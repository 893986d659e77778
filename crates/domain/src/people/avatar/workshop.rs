//! Where pictures are decoded and encoded: a bounded number at once, on threads for blocking work, behind a short queue.
//! Refuses more than fit in the queue.

use std::sync::Arc;

use tokio::sync::{Semaphore, TryAcquireError};
use tokio::task::spawn_blocking;

use super::AvatarError;
use super::picture::Picture;
use crate::fault::Fault;

const AT_ONCE: usize = 2;
const WAITING: usize = 8;

pub(crate) struct Workshop {
    places: Arc<Semaphore>,
    benches: Arc<Semaphore>,
}

impl Default for Workshop {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            benches: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Workshop {
    /// A picture of `upload`.
    ///
    /// # Errors
    /// [`Fault::Overloaded`] when too many wait already; else whatever is wrong with the upload.
    pub(super) async fn make(&self, upload: Vec<u8>) -> Result<Picture, AvatarError> {
        self.run(move || Picture::of(&upload)).await?
    }

    /// Both permits go with the work: a caller who has left still counts until it is done.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AvatarError> {
        let place = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => {
                return Err(Fault::Overloaded("pictures").into());
            }
        };
        let bench = Arc::clone(&self.benches).acquire_owned().await;
        let bench = bench.map_err(|_| Fault::Overloaded("pictures"))?;
        let done = spawn_blocking(move || {
            let made = work();
            drop((bench, place));
            made
        });
        done.await.map_err(|error| {
            tracing::error!(%error, "a decoder gave up on a picture");
            AvatarError::Damaged
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// U02, L05: two at once, a few wait, and the rest is told to come back.
    #[tokio::test]
    async fn a_full_workshop_refuses() {
        let workshop = Arc::new(Workshop::default());
        let (releases, gates): (Vec<_>, Vec<_>) =
            (0..AT_ONCE + WAITING).map(|_| mpsc::channel::<()>()).unzip();
        let mut running = Vec::new();
        for gate in gates {
            let workshop = Arc::clone(&workshop);
            running.push(tokio::spawn(
                async move { workshop.run(move || gate.recv()).await },
            ));
        }
        while workshop.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(workshop.benches.available_permits(), 0);
        let refused = workshop.run(|| ()).await;
        assert!(matches!(refused, Err(AvatarError::Fault(Fault::Overloaded(_)))));
        releases.iter().for_each(|release| release.send(()).unwrap());
        for task in running {
            task.await.unwrap().unwrap().unwrap();
        }
        assert_eq!(workshop.places.available_permits(), AT_ONCE + WAITING);
    }

    #[tokio::test]
    async fn a_decoder_that_panics_costs_its_upload_only() {
        let workshop = Workshop::default();
        let broken = workshop.run(|| panic!("on purpose")).await;
        assert!(matches!(broken, Err::<(), _>(AvatarError::Damaged)));
        assert_eq!(workshop.run(|| 7).await.unwrap(), 7);
    }
}
