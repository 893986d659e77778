//! Follows the authorization server: where it is, its keys, its revocations.
//! It refuses to give up.

use crate::authority::Authority;
use crate::core::Core;
use crate::keys::Fetched;
use crate::live_connections;
use crate::revocations::{self, FeedClient};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Between two looks whether the key set may be fetched anew.
const TURN: Duration = Duration::from_millis(250);

/// Finds the authorization server, then follows its keys and its revocations for ever.
pub async fn follow(core: Arc<Core>, keys_refresh: Duration) {
    let evaluator = &core.evaluator;
    let authority = Arc::clone(evaluator.introspector.authority());
    find(&authority).await;
    let cache = Arc::clone(&evaluator.cache);
    let doubted = Arc::clone(&core);
    let feed = FeedClient::new(authority, core.clock.clone());
    let feed = revocations::run(feed, Arc::clone(&evaluator.revocations), move || {
        cache.clear();
        doubted.evaluator.rulings.clear();
        doubted.entitlements.clear();
        doubted.exchanges.doubt();
    });
    let watch = live_connections::run(Arc::clone(&core));
    tokio::join!(feed, follow_keys(&core, keys_refresh), watch);
}

/// Asks until the authorization server is there; tells each reason once.
async fn find(authority: &Authority) {
    let mut pause = Duration::from_millis(50);
    let mut told = String::new();
    while let Err(error) = authority.discover().await {
        let error = authority.tell(&error);
        if error != told {
            tracing::warn!(error, "the authorization server is not there yet");
            told = error;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
    if !told.is_empty() {
        tracing::info!("the authorization server is there");
    }
}

/// Fetches the key set now and then, and whenever the feed calls it otherwise than the one that is known: a key that was taken
/// away because somebody else has it is forgotten here soon.
async fn follow_keys(core: &Core, refresh: Duration) {
    let mut named = core.evaluator.revocations.name_of_keys();
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
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // Not at once again: a replica that has not heard of it yet may give the old set.
            () = other_keys(core, &mut named) => tokio::time::sleep(TURN).await,
        }
    }
}

/// Waits until the server calls its key set otherwise than the one that is known here.
async fn other_keys(core: &Core, named: &mut watch::Receiver<Option<String>>) {
    let keys = &core.evaluator.keys;
    let differs = |name: &Option<String>| name.as_deref().is_some_and(|name| !keys.is_called(name));
    // The other end is in the same core, and lives as long.
    let _gone = named.wait_for(differs).await.is_err();
}
