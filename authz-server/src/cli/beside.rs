//! What a command needs to work on the data of a server, running or not.
//! Starts no server and makes no key.

use std::future::Future;

use domain::Authority;
use model::Ctx;
use storage::{Database, Dialect};

use super::{CliError, Surroundings, running_server, runtime};
use crate::serve::{FoundationError, database_config, make_data_dir, open_authority, own_ctx};

/// Opens the configured database, brings it up to date, and runs `work` on it.
pub(super) fn beside<T, F: Future<Output = Result<T, CliError>>>(
    around: &Surroundings<'_>,
    work: impl FnOnce(Authority, Ctx) -> F,
) -> Result<T, CliError> {
    let config = around.load()?.config;
    make_data_dir(&config)?;
    runtime()?.block_on(async {
        let settings = database_config(&config);
        let failed = FoundationError::of(&config);
        Database::migrate(&settings).await.map_err(failed)?;
        let database = Database::connect(&settings).await.map_err(failed)?;
        let is_file = database.dialect() == Dialect::Sqlite;
        let issuer = config.server.issuer(config.server.listen);
        let authority = open_authority(&config, issuer, database.clone()).await?;
        let ctx = own_ctx(&authority);
        let done = work(authority, ctx).await;
        database.close().await;
        if done.is_ok() && is_file {
            running_server::tell(&config).await;
        }
        done
    })
}
