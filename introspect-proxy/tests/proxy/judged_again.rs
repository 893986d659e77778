//! What is open when the proxy can no longer trust what it knew: it is judged again, and goes on only if it still may.
//! Time stands still unless a test moves it.

use crate::streams::{is_cut, open, start};
use crate::support::eventually;
use reqwest::Version;
use serde_json::json;
use std::time::Duration;

/// Longer than the watch waits between two looks.
const LOOK: Duration = Duration::from_millis(300);

/// X14: the server was restored from a copy, so what it revoked meanwhile is not in its log.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_history_streams_go_on_only_if_the_server_still_vouches_for_them() {
    let (world, upstream) = start().await;
    let known = world.authority.opaque(&json!({ "jti": "tok_known" }));
    for rule in ["live", "go-on"] {
        let forgotten = world.authority.opaque(&json!({ "jti": rule }));
        world.authority.announce("token", "tok_somebody_elses");
        world.caught_up().await;
        let path = format!("/{rule}/events");
        let cut = open(&world, Version::HTTP_2, &path, &forgotten).await;
        let mut spared = open(&world, Version::HTTP_11, &path, &known).await;
        world.authority.forget(rule);
        let doubts = world.proxy.core().exchanges.doubts();
        world.authority.lose_history();
        eventually(|| world.proxy.core().exchanges.doubts() > doubts).await;
        world.clock.advance(LOOK);
        assert!(is_cut(cut).await, "{rule}");
        upstream.go_on();
        let next = spared.chunk().await;
        assert!(matches!(next, Ok(Some(_))), "{rule}: {next:?}");
        drop(spared);
        eventually(|| world.proxy.core().exchanges.is_empty()).await;
        world
            .authority
            .answer(&forgotten, &json!({ "jti": "tok_forgotten" }));
        world.authority.announce("token", "tok_somebody_elses");
        world.caught_up().await;
    }
}

/// X13, X14: the end of a key was told and forgotten again while the proxy was cut off. Tokens do not outlive what is told of
/// them, keys do.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_cut_streams_of_keys_go_on_only_if_the_server_still_vouches_for_them() {
    let (world, upstream) = start().await;
    let ended = world.authority.signed_key("tok_ended", &json!({}));
    let live = world.authority.signed_key("tok_live", &json!({}));
    let cut = open(&world, Version::HTTP_2, "/go-on/events", &ended).await;
    let mut spared = open(&world, Version::HTTP_11, "/go-on/events", &live).await;
    world.authority.go_down(true);
    world.clock.advance(Duration::from_secs(61));
    eventually(|| !world.proxy.core().state().lease_fresh).await;
    world.authority.forget("tok_ended");
    world.authority.go_down(false);
    eventually(|| world.proxy.core().state().lease_fresh).await;
    world.clock.advance(LOOK);
    assert!(is_cut(cut).await);
    upstream.go_on();
    assert!(matches!(spared.chunk().await, Ok(Some(_))));
}

/// X14: a signing key that was stolen is taken out of the key set.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_key_is_removed_streams_of_its_tokens_are_cut_and_others_go_on() {
    let (world, upstream) = start().await;
    let (signed, opaque) = (
        world.authority.jwt(&json!({})),
        world.authority.opaque(&json!({})),
    );
    let mut cut = Vec::new();
    for rule in ["live", "refuse", "go-on", "finish"] {
        cut.push(open(&world, Version::HTTP_2, &format!("/{rule}/events"), &signed).await);
    }
    let mut spared = open(&world, Version::HTTP_2, "/live/events", &opaque).await;
    world.authority.replace_key();
    // Long enough that keys may be fetched again; the next token makes the proxy do so.
    world.clock.advance(Duration::from_secs(3));
    let next = world.authority.jwt(&json!({}));
    assert_eq!(world.get_with("/live/none", &next).await.status, 404);
    assert_eq!(world.proxy.core().evaluator.keys.losses(), 1);
    world.clock.advance(LOOK);
    for cut in cut {
        assert!(is_cut(cut).await);
    }
    upstream.go_on();
    assert!(spared.chunk().await.unwrap().is_some());
    assert_eq!(world.get_with("/live/none", &signed).await.status, 401);
}
