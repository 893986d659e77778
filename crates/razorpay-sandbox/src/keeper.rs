//! Writes the memory to its file once something has changed, and at the end.
//! Never more often than once a second; a disk that refuses is tried again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::shared::Shared;
use crate::state::State;

const PAUSE: Duration = Duration::from_secs(1);

pub(crate) struct Keeper {
    pub(crate) file: Option<PathBuf>,
    pub(crate) shared: Arc<Shared>,
}

impl Keeper {
    /// Keeps until it is dropped.
    pub(crate) async fn keep(&self) {
        let mut news = self.shared.news.subscribe();
        while self.file.is_some() && changed(&mut news).await {
            self.save();
            tokio::time::sleep(PAUSE).await;
        }
        std::future::pending::<()>().await;
    }

    /// Writes it now.
    pub(crate) fn save(&self) {
        let Some(file) = &self.file else {
            return;
        };
        let state = State {
            ahead: self.shared.clock.ahead(),
            books: self.shared.world().books.clone(),
        };
        // The next change tries again; there is nobody here to tell.
        let _ = state.write(file);
    }
}

async fn changed(news: &mut watch::Receiver<u64>) -> bool {
    news.changed().await.is_ok()
}
