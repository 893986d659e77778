//! Metered routes: what is counted, that each line is booked once whatever is lost, and how far a limit can be overshot.
//! The clock stands still unless a test moves it; reports go out by the machine's.

use crate::support::{World, eventually};
use serde_json::json;
use std::time::Duration;

const ROUTES: &str = r#"
[[routes]]
name = "calls"
match = { path = "/calls/**" }
upstream = "echo"
require = { audience = "https://api" }
meter = "calls"

[[routes]]
name = "limited"
match = { path = "/limited/**" }
upstream = "echo"
require = { audience = "https://api", entitlement = "calls" }
meter = "calls"

[[routes]]
name = "heavy"
match = { path = "/heavy/**" }
upstream = "echo"
require = { audience = "https://api" }
meter = { metric = "calls", quantity = 5 }

[[routes]]
name = "upload"
match = { path = "/upload" }
upstream = "echo"
require = { audience = "https://api" }
meter = { metric = "ingress", count = "request_bytes" }

[[routes]]
name = "download"
match = { path = "/download/**" }
upstream = "echo"
require = { audience = "https://api" }
meter = { metric = "egress", count = "response_bytes" }

[[routes]]
name = "rated"
match = { path = "/rated" }
upstream = "echo"
require = { audience = "https://api" }
meter = "calls"
rate_limit = [{ per = "principal", limit = "2/min" }]

[[routes]]
name = "tried"
match = { path = "/tried" }
upstream = "gone"
require = { audience = "https://api" }
meter = { metric = "tries", when = "always" }

[[routes]]
name = "failed"
match = { path = "/failed" }
upstream = "gone"
require = { audience = "https://api" }
meter = "tries"

[[upstreams]]
name = "gone"
addresses = ["127.0.0.1:1"]
"#;

const SOON: &str = "[usage]\ninterval = \"20ms\"";
/// So seldom that only a flush or the end brings it.
const SELDOM: &str = "[usage]\ninterval = \"60s\"";

impl World {
    async fn calls(&self, path: &str, account: &str, count: usize) -> usize {
        let token = self.token_of(account);
        let calls = (0..count).map(|_| self.get_with(path, &token));
        let replies = futures::future::join_all(calls).await;
        replies.iter().filter(|reply| reply.status == 200).count()
    }

    async fn booked(&self, account: &str, metric: &str, quantity: u64) {
        eventually(|| self.authority.used(account, metric) >= quantity).await;
        assert_eq!(self.authority.used(account, metric), quantity);
    }

    async fn reading(&self, name: &str) -> f64 {
        let (_, text) = self.admin("/metrics").await;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().parse().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn use_is_counted_for_the_account_whoever_of_it_calls() {
    let world = World::with(ROUTES, SOON).await;
    assert_eq!(world.calls("/calls/1", "1", 20).await, 20);
    assert_eq!(world.calls("/calls/1", "2", 3).await, 3);
    assert_eq!(world.calls("/heavy/1", "2", 2).await, 2);
    world.booked("1", "calls", 20).await;
    world.booked("2", "calls", 13).await;
    assert!(world.authority.lines() < 20, "counts travel together");
    eventually(|| world.proxy.core().usage.waiting().is_zero()).await;
    assert!(world.reading("proxy_usage_reported_total").await >= 2.0);
    assert!(world.reading("proxy_usage_pending").await == 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_or_is_refused_does_not_count_unless_it_is_told_to() {
    let world = World::with(ROUTES, SOON).await;
    let token = world.token_of("1");
    for status in [200, 200, 429] {
        assert_eq!(world.get_with("/rated", &token).await.status, status);
    }
    assert_eq!(world.get_with("/failed", &token).await.status, 502);
    assert_eq!(world.get_with("/tried", &token).await.status, 502);
    assert_eq!(world.get("/calls/1", &[]).await.status, 401);
    let reply = world.get_with("/calls/1", &world.authority.jwt(&json!({}))).await;
    assert_eq!((reply.status, reply.code()), (403, "account_required"));
    let authority = world.authority.clone();
    world.proxy.drain().await;
    assert_eq!(
        (authority.used("1", "calls"), authority.used("1", "tries")),
        (2, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_count_in_both_directions() {
    let world = World::with(ROUTES, SOON).await;
    let token = world.token_of("1");
    let url = format!("http://{}/upload", world.address());
    let upload = world.http.post(url).bearer_auth(&token).body("x".repeat(5000));
    assert_eq!(upload.send().await.unwrap().status(), 200);
    let url = format!("http://{}/download/1", world.address());
    let answer = world.http.get(url).bearer_auth(&token).send().await.unwrap();
    let body = answer.bytes().await.unwrap();
    world.booked("1", "ingress", 5000).await;
    world.booked("1", "egress", body.len() as u64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_whose_answer_is_lost_comes_again_and_counts_once() {
    let world = World::with(ROUTES, SOON).await;
    world.authority.lose_answers_to_use(3);
    assert_eq!(world.calls("/calls/1", "1", 7).await, 7);
    eventually(|| world.authority.batches() >= 4).await;
    assert_eq!(world.calls("/calls/1", "1", 2).await, 2);
    world.booked("1", "calls", 9).await;
    assert!(world.reading("proxy_usage_report_failures_total").await >= 3.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_refused_for_good_does_not_hold_up_the_others() {
    let world = World::with(ROUTES, SELDOM).await;
    world.authority.refuse_use_of("deleted");
    for account in ["1", "2", "deleted", "3"] {
        assert_eq!(world.calls("/calls/1", account, 2).await, 2);
    }
    let authority = world.authority.clone();
    let core = std::sync::Arc::clone(world.proxy.core());
    assert!(core.usage.flush(Duration::from_secs(5)).await);
    for account in ["1", "2", "3"] {
        assert_eq!(authority.used(account, "calls"), 2, "{account}");
    }
    assert_eq!(
        (
            authority.used("deleted", "calls"),
            world.reading("proxy_usage_lost_total").await
        ),
        (0, 1.0)
    );
}

/// Whatever names no line, such as a client that may not report yet, is no line's fault: nothing is lost by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_names_no_line_loses_none() {
    let world = World::with(ROUTES, SOON).await;
    world.authority.turn_reporters_away(true);
    assert_eq!(world.calls("/calls/1", "1", 5).await, 5);
    let refused = world.authority.batches();
    eventually(|| world.authority.batches() > refused + 2).await;
    world.authority.turn_reporters_away(false);
    world.booked("1", "calls", 5).await;
    assert!(world.reading("proxy_usage_lost_total").await == 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_leaves_reports_everything_first() {
    let world = World::with(ROUTES, SELDOM).await;
    assert_eq!(world.calls("/calls/1", "1", 50).await, 50);
    assert_eq!(world.authority.used("1", "calls"), 0);
    let authority = world.authority.clone();
    world.proxy.drain().await;
    assert_eq!(authority.used("1", "calls"), 50);
}

/// A new binary takes over: either process reports what it carried, under keys of its own.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_each_reports_its_own() {
    let world = World::with(ROUTES, SELDOM).await;
    let successor = world.beside(ROUTES, SELDOM).await;
    assert_eq!(world.calls("/calls/1", "1", 5).await, 5);
    assert_eq!(successor.calls("/calls/1", "1", 6).await, 6);
    let authority = world.authority.clone();
    world.proxy.hand_over(Duration::ZERO).await;
    assert_eq!(authority.used("1", "calls"), 5);
    successor.proxy.drain().await;
    assert_eq!((authority.used("1", "calls"), authority.lines()), (11, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn once_reports_have_waited_too_long_metered_routes_refuse_and_come_back() {
    let world = World::with(ROUTES, "[usage]\ninterval = \"20ms\"\ngive_up = \"1m\"").await;
    world.authority.close_books(true);
    assert_eq!(world.calls("/calls/1", "1", 4).await, 4);
    eventually(|| {
        world
            .proxy
            .core()
            .metrics
            .render(&world.proxy.core().state())
            .contains("proxy_usage_pending 1")
    })
    .await;
    assert_eq!(world.calls("/calls/1", "1", 1).await, 1, "not long enough yet");
    world.clock.advance(Duration::from_secs(61));
    let token = world.token_of("1");
    let polls = world.authority.polls();
    eventually(|| world.authority.polls() > polls + 1).await;
    assert_eq!(world.get_with("/calls/1", &token).await.status, 503);
    assert!(world.reading("proxy_usage_waiting_seconds").await >= 60.0);
    assert!(world.reading("proxy_usage_uncounted_total").await >= 1.0);
    world.authority.close_books(false);
    world.until("/calls/1", &token, 200).await;
    world.booked("1", "calls", 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_beyond_what_can_be_counted_is_refused_until_there_is_room() {
    let world = World::with(ROUTES, "[usage]\ninterval = \"60s\"\nmax_counters = 2").await;
    assert_eq!(
        world.calls("/calls/1", "1", 1).await + world.calls("/calls/1", "2", 1).await,
        2
    );
    assert_eq!(world.calls("/calls/1", "3", 1).await, 0);
    assert_eq!(
        world.calls("/calls/1", "1", 1).await,
        1,
        "whoever is counted goes on"
    );
}

/// With one proxy a limit on requests is exact, however many come at once: what is on its way counts as used.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_exactly_as_many_pass_as_the_plan_gives() {
    let world = World::with(ROUTES, SELDOM).await;
    world.authority.plan("1", "calls", Some(25));
    world.caught_up().await;
    assert_eq!(world.calls("/limited/1", "1", 100).await, 25);
    world.clock.advance(Duration::from_secs(1));
    let token = world.token_of("1");
    let reply = world.get_with("/limited/1", &token).await;
    assert_eq!((reply.status, reply.code()), (403, "entitlement_exceeded"));
    assert_eq!(
        (
            reply.body["details"]["limit"].as_u64(),
            reply.body["details"]["used"].as_u64()
        ),
        (Some(25), Some(25))
    );
    assert_eq!(
        world.authority.used("1", "calls"),
        25,
        "told before it was asked again"
    );
}

/// An account at its end costs the server a question a second at most, not one for each request.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_at_the_end_of_a_plan_asks_little() {
    let world = World::with(ROUTES, SELDOM).await;
    world.authority.plan("1", "calls", Some(3));
    world.caught_up().await;
    assert_eq!(world.calls("/limited/1", "1", 3).await, 3);
    assert_eq!(world.calls("/limited/1", "1", 200).await, 0);
    assert!(
        world.authority.questions() <= 6,
        "{}",
        world.authority.questions()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn exhausted_and_topped_up_it_passes_again() {
    let world = World::with(ROUTES, SOON).await;
    world.authority.plan("1", "calls", Some(10));
    world.caught_up().await;
    assert_eq!(world.calls("/limited/1", "1", 15).await, 10);
    world.authority.plan("1", "calls", Some(20));
    let token = world.token_of("1");
    let took = world.until("/limited/1", &token, 200).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(world.calls("/limited/1", "1", 30).await, 9);
    world.booked("1", "calls", 20).await;
}

/// Several proxies may each give what remains: beyond the limit at most once more for each further proxy, and no more than
/// what they carried between two reports.
#[tokio::test(flavor = "multi_thread")]
async fn two_proxies_overshoot_by_what_one_carries_between_reports_at_most() {
    let one = World::with(ROUTES, SELDOM).await;
    let other = one.beside(ROUTES, SELDOM).await;
    one.authority.plan("1", "calls", Some(20));
    one.caught_up().await;
    other.caught_up().await;
    let (first, second) = tokio::join!(
        one.calls("/limited/1", "1", 15),
        other.calls("/limited/1", "1", 15)
    );
    assert_eq!((first, second), (15, 15), "neither knows of the other yet");
    let (first, second) = tokio::join!(
        one.calls("/limited/1", "1", 40),
        other.calls("/limited/1", "1", 40)
    );
    assert!(15 + first <= 20 && 15 + second <= 20, "{first} {second}");
    one.clock.advance(Duration::from_secs(1));
    other.clock.advance(Duration::from_secs(1));
    assert_eq!(
        one.calls("/limited/1", "1", 10).await + other.calls("/limited/1", "1", 10).await,
        0
    );
    assert!((20..=40).contains(&one.authority.used("1", "calls")));
}

#[tokio::test(flavor = "multi_thread")]
async fn forward_auth_counts_requests_it_lets_through_and_refuses_to_count_bytes() {
    let world = World::with(ROUTES, SOON).await;
    let bearer = format!("Bearer {}", world.token_of("1"));
    let ask = async |path: &str| {
        let headers = [
            ("x-original-uri", path),
            ("x-original-method", "GET"),
            ("authorization", &*bearer),
        ];
        world.send(1, "GET", "/check", &headers).await.status
    };
    assert_eq!(ask("/calls/1").await, 200);
    assert_eq!(ask("/download/1").await, 400);
    world.booked("1", "calls", 1).await;
}
