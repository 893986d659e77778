//! Follows the authorization server: where it is, its keys, its revocations.
//! It refuses to give up.

use crate::core::Core;
use crate::keys::Fetched;
use crate::live_connections;
use crate::revocations::{self, FeedClient};
use std::sync::Arc;
use std::time::Duration;

/// Finds the authorization server, then follows its keys and its revocations for ever.
pub async fn follow(core: Arc<Core>, keys_refresh: Duration) {
    let evaluator = &core.evaluator;
    let authority = Arc::clone(evaluator.introspector.authority());
    let mut pause = Duration::from_millis(50);
    while let Err(error) = authority.discover().await {
        tracing::warn!(%error, "the authorization server is not there yet");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
    let cache = Arc::clone(&evaluator.cache);
    let doubted = Arc::clone(&core);
    let feed = FeedClient::new(authority, core.clock.clone());
    let feed = revocations::run(feed, Arc::clone(&evaluator.revocations), move || {
        cache.clear();
        doubted.entitlements.clear();
        doubted.exchanges.doubt();
    });
    let watch = live_connections::run(Arc::clone(&core));
    tokio::join!(feed, follow_keys(&core, keys_refresh), watch);
}

async fn follow_keys(core: &Core, refresh: Duration) {
    loop {
        let pause = match core.evaluator.keys.fetch().await {
            Ok(Fetched::KeysGone) => {
                core.evaluator.cache.clear();
                refresh
            }
            Ok(Fetched::Same) => refresh,
            Ok(Fetched::TooSoon) => Duration::from_secs(1),
            Err(error) => {
                tracing::warn!(%error, "fetching the key set failed");
                Duration::from_secs(2)
            }
        };
        tokio::time::sleep(pause).await;
    }
}
