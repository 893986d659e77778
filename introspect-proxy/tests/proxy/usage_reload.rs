//! `[usage]` and the meters of routes change while the proxy runs, and nothing that was counted is lost by it.

use crate::support::{World, eventually};
use std::time::Duration;

const SELDOM: &str = "[usage]\ninterval = \"60s\"";

fn route(meter: &str) -> String {
    format!(
        "[[routes]]\nname = \"calls\"\nmatch = {{ path = \"/calls/**\" }}\nupstream = \"echo\"\n\
         require = {{ audience = \"https://api\" }}\n{meter}\n"
    )
}

impl World {
    async fn call(&self, account: &str) -> u16 {
        let token = self.token_of(account);
        self.get_with("/calls/1", &token).await.status
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_interval_counts_at_once_and_needs_no_start() {
    let metered = route("meter = \"calls\"");
    let mut world = World::with(&metered, SELDOM).await;
    assert_eq!(world.call("1").await, 200);
    assert_eq!(world.authority.used("1", "calls"), 0);

    let kept = world.reload(&metered, "[usage]\ninterval = \"20ms\"").await;

    assert!(kept.is_empty(), "{kept:?}");
    eventually(|| world.authority.used("1", "calls") == 1).await;
    assert_eq!(world.call("1").await, 200);
    eventually(|| world.authority.used("1", "calls") == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_counters_and_more_patience_count_from_the_reload_on() {
    let metered = route("meter = \"calls\"");
    let tight = "[usage]\ninterval = \"20ms\"\ngive_up = \"1m\"\nmax_counters = 1";
    let mut world = World::with(&metered, tight).await;
    world.authority.close_books(true);
    assert_eq!((world.call("1").await, world.call("2").await), (200, 503));
    let core = std::sync::Arc::clone(world.proxy.core());
    eventually(|| {
        core.metrics
            .render(&core.state())
            .contains("proxy_usage_pending 1")
    })
    .await;
    world.clock.advance(Duration::from_secs(90));
    let polls = world.authority.polls();
    eventually(|| world.authority.polls() > polls + 1).await;
    assert_eq!(world.call("1").await, 503);

    let wide = "[usage]\ninterval = \"20ms\"\ngive_up = \"1h\"\nmax_counters = 2";
    world.reload(&metered, wide).await;

    assert_eq!((world.call("1").await, world.call("2").await), (200, 200));
    world.authority.close_books(false);
    eventually(|| world.authority.used("1", "calls") == 2 && world.authority.used("2", "calls") == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_meter_counts_what_comes_after_it_and_what_was_counted_stays() {
    let mut world = World::with(&route("meter = \"calls\""), SELDOM).await;
    assert_eq!(world.call("1").await, 200);

    let dearer = route("meter = { metric = \"jobs\", quantity = 5 }");
    world.reload(&dearer, SELDOM).await;
    assert_eq!(world.call("1").await, 200);
    world.reload(&route(""), SELDOM).await;
    assert_eq!(world.call("1").await, 200);

    let authority = world.authority.clone();
    world.proxy.drain().await;
    assert_eq!(
        (authority.used("1", "calls"), authority.used("1", "jobs")),
        (1, 5)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_use_that_make_no_sense_are_refused_by_name() {
    let wrong = "[usage]\ninterval = \"2m\"\ngive_up = \"1s\"\nmax_counters = 0\n[authorization_server]\n\
         issuer = \"https://id.example\"\nclient_id = \"edge\"\nclient_secret = \"0123456789abcdef\"\n\
         [[listeners]]\nname = \"a\"\nlisten = \"127.0.0.1:0\"\n";
    let refused = introspect_proxy::config::parse(wrong).err().unwrap();
    let refused = format!("{refused:?}");
    for name in ["usage.interval", "usage.give_up", "usage.max_counters"] {
        assert!(refused.contains(name), "{refused}");
    }
}
