//! How many there are of everything, and what is left undone.
//! Refuses to count for long: past a bound it only says that there are more.

use model::job::FailedJob;
use model::{Ctx, Timestamp};
use storage::jobs::StrugglingJob;

use crate::authority::Authority;
use crate::fault::Fault;

/// Nothing is counted further than this.
pub const MOST_COUNTED: i64 = 10_000;
const MOST_TOLD: i64 = 5;

/// Figures above [`MOST_COUNTED`] stand for "more"; users are counted to the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Figures {
    pub users: u64,
    pub sessions: i64,
    pub clients: i64,
    pub api_keys: i64,
}

/// What was asked for and is not done.
#[derive(Clone, Debug)]
pub struct Backlog {
    /// Due, and since when the oldest.
    pub due: i64,
    pub oldest: Option<Timestamp>,
    /// Failed and to be tried again: those that come next.
    pub struggling: Vec<StrugglingJob>,
    /// Given up, the newest.
    pub given_up: Vec<FailedJob>,
}

impl Authority {
    /// # Errors
    /// Storage.
    pub async fn figures(&self, ctx: &Ctx) -> Result<Figures, Fault> {
        let most = MOST_COUNTED + 1;
        let mut reader = self.database.read().await?;
        let blocks = storage::user_directory::list_blocks(&mut reader).await?;
        let users = blocks
            .iter()
            .filter_map(|block| u64::try_from(block.live).ok())
            .sum();
        Ok(Figures {
            users,
            sessions: storage::sessions::count_live(&mut reader, ctx.now, most).await?,
            clients: storage::clients::count(&mut reader, most).await?,
            api_keys: storage::api_keys::count_all(&mut reader, ctx.now, most).await?,
        })
    }

    /// # Errors
    /// Storage.
    pub async fn backlog(&self, ctx: &Ctx) -> Result<Backlog, Fault> {
        let mut reader = self.database.read().await?;
        let (due, oldest) = storage::jobs::backlog(&mut reader, ctx.now).await?;
        Ok(Backlog {
            due,
            oldest,
            struggling: storage::jobs::list_struggling(&mut reader, MOST_TOLD).await?,
            given_up: storage::jobs::list_failed(&mut reader, MOST_TOLD).await?,
        })
    }
}
