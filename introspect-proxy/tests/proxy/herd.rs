//! Many callers at once, and much garbage: what it costs the authorization server and everybody else.
//! Time stands still unless a test moves it, so a rate per second is a total.

use crate::support::{FakeAuthority, ROUTES, World, eventually, opaque_token};
use introspect_proxy::bearer;
use introspect_proxy::config::LeaseLapse;
use introspect_proxy::evaluate::Unknown;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const HONEST: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fn elsewhere(number: u32) -> IpAddr {
    Ipv4Addr::from(0x0a00_0000 + number).into()
}

/// Calls may take long here: tests of many tasks run beside each other.
async fn world(settings: &str) -> Arc<World> {
    Arc::new(World::with_server(ROUTES, settings, "timeout = \"20s\"").await)
}

impl World {
    async fn knows(&self, token: &str, address: IpAddr) -> Result<(), Unknown> {
        self.knows_on(token, address, LeaseLapse::Introspect).await
    }

    async fn knows_on(&self, token: &str, address: IpAddr, lapse: LeaseLapse) -> Result<(), Unknown> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        let credential = bearer::extract(&headers).unwrap();
        let evaluator = &self.proxy.core().evaluator;
        evaluator.facts(credential, lapse, address).await.map(drop)
    }

    /// Moves time, and waits until the revocations were fetched again.
    async fn after(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        eventually(|| self.proxy.core().state().lease_fresh).await;
    }
}

fn live(authority: &FakeAuthority) -> String {
    authority.opaque(&json!({}))
}

/// C07
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_at_once_with_one_new_token_make_one_call_though_the_first_ones_leave() {
    let world = world("").await;
    let (token, arrived) = (live(&world.authority), Arc::new(AtomicUsize::new(0)));
    world.authority.stall(true);
    let ask = || {
        let (world, token, arrived) = (Arc::clone(&world), token.clone(), Arc::clone(&arrived));
        tokio::spawn(async move {
            arrived.fetch_add(1, Ordering::SeqCst);
            world.knows(&token, HONEST).await
        })
    };
    let first: Vec<_> = (0..100).map(|_| ask()).collect();
    eventually(|| world.authority.calls() == 1).await;
    first.iter().for_each(tokio::task::JoinHandle::abort);
    let rest: Vec<_> = (0..10_000).map(|_| ask()).collect();
    eventually(|| arrived.load(Ordering::SeqCst) >= 10_000).await;
    world.authority.stall(false);
    for asked in rest {
        assert_eq!(asked.await.unwrap(), Ok(()));
    }
    assert_eq!(world.authority.calls(), 1);
}

/// C08, R05: of the 64 calls at once, 16 are kept for tokens in use.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_tokens_that_lapse_together_are_asked_about_a_few_at_a_time() {
    let world = world("").await;
    let tokens: Vec<_> = (0..1000).map(|_| live(&world.authority)).collect();
    for token in &tokens {
        world.knows(token, HONEST).await.unwrap();
    }
    assert_eq!(world.authority.calls(), 1000);
    world.after(61).await;
    let hot = live(&world.authority);
    world.knows(&hot, HONEST).await.unwrap();
    world.authority.stall(true);
    let ask = |token: String| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.knows(&token, HONEST).await })
    };
    let asked: Vec<_> = tokens.into_iter().map(ask).collect();
    eventually(|| (world.authority.calls(), world.authority.peak()) == (1001 + 48, 48)).await;
    assert_eq!(
        world.knows(&hot, HONEST).await,
        Ok(()),
        "what is known does not wait"
    );
    world.authority.stall(false);
    for asked in asked {
        assert_eq!(asked.await.unwrap(), Ok(()));
    }
    assert_eq!((world.authority.calls(), world.authority.peak()), (2001, 48));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_use_is_asked_about_again_before_it_is_due_and_nobody_waits() {
    let world = world("").await;
    let token = live(&world.authority);
    world.knows(&token, HONEST).await.unwrap();
    world.after(52).await;
    world.authority.stall(true);
    for _ in 0..100 {
        assert_eq!(world.knows(&token, HONEST).await, Ok(()));
    }
    eventually(|| world.authority.calls() == 2).await;
    world.authority.stall(false);
    world.authority.calls_are_done().await;
    world.after(30).await;
    assert_eq!(world.knows(&token, HONEST).await, Ok(()));
    assert_eq!(world.authority.calls(), 2, "its life began anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_nobody_uses_is_not_asked_about_again() {
    let world = world("").await;
    world.knows(&live(&world.authority), HONEST).await.unwrap();
    for _ in 0..6 {
        world.after(10).await;
    }
    assert_eq!(world.authority.calls(), 1);
}

/// C08
#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_ahead_of_time_that_fails_extends_nothing() {
    let world = world("").await;
    let token = live(&world.authority);
    world.knows(&token, HONEST).await.unwrap();
    world.authority.go_down(true);
    world.clock.advance(Duration::from_secs(52));
    let known = async || world.knows_on(&token, HONEST, LeaseLapse::UntilExp).await;
    assert_eq!(known().await, Ok(()));
    eventually(|| world.authority.calls() == 2).await;
    world.clock.advance(Duration::from_secs(8));
    assert!(matches!(known().await, Err(Unknown::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_ahead_of_time_that_finds_the_token_dead_ends_it() {
    let world = world("").await;
    let token = world.authority.opaque(&json!({ "jti": "tok_gone" }));
    world.knows(&token, HONEST).await.unwrap();
    world.authority.forget("tok_gone");
    world.after(52).await;
    assert_eq!(world.knows(&token, HONEST).await, Ok(()));
    let gone = async {
        while world.knows(&token, HONEST).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    let limit = Duration::from_secs(20);
    tokio::time::timeout(limit, gone).await.unwrap();
    assert_eq!(world.authority.calls(), 2);
}

/// C07: whoever looked a moment before the answer was noted does not ask once more.
#[tokio::test(flavor = "multi_thread")]
async fn each_dead_token_is_asked_about_once_however_many_come_with_it() {
    let world = world("").await;
    for number in 0..400 {
        let garbage = opaque_token(3_000_000 + number);
        let ask = |_| {
            let (world, garbage) = (Arc::clone(&world), garbage.clone());
            tokio::spawn(async move { world.knows(&garbage, HONEST).await })
        };
        for asked in (0..16).map(ask).collect::<Vec<_>>() {
            assert!(matches!(asked.await.unwrap(), Err(Unknown::Invalid(_))));
        }
    }
    assert_eq!(world.authority.calls(), 400);
}

/// C06, R15
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_unknown_tokens_costs_a_fixed_rate_and_honest_callers_nothing() {
    let world = world("[limits]\nlookups_of_strangers = \"100/s\"\n").await;
    let honest: Vec<_> = (0..50).map(|_| live(&world.authority)).collect();
    for token in &honest {
        world.knows(token, HONEST).await.unwrap();
    }
    let mut refused = 0;
    for number in 0..20_000 {
        let garbage = opaque_token(1_000_000 + number);
        let answer = world.knows(&garbage, elsewhere(number)).await;
        refused += usize::from(matches!(answer, Err(Unknown::TooManyLookups(_))));
        let token = &honest[number as usize % honest.len()];
        assert_eq!(world.knows(token, HONEST).await, Ok(()));
    }
    assert_eq!((refused, world.authority.calls()), (19_900, 150));
    let new = live(&world.authority);
    assert_eq!(
        world.knows(&new, HONEST).await,
        Ok(()),
        "who brought live tokens may go on"
    );
    let cache = &world.proxy.core().evaluator.cache;
    cache.settle();
    assert_eq!(cache.len(), 51);
}

/// C09
#[tokio::test(flavor = "multi_thread")]
async fn mistyped_tokens_cost_nobody_anything() {
    let world = world("").await;
    for number in 0..20_000 {
        let mut token = opaque_token(number);
        let last = if token.pop() == Some('A') { 'B' } else { 'A' };
        token.push(last);
        assert_eq!(
            world.knows(&token, elsewhere(number)).await,
            Err(Unknown::Invalid("the token is malformed"))
        );
    }
    assert_eq!(world.authority.calls(), 0);
    let new = live(&world.authority);
    assert_eq!(world.knows(&new, elsewhere(1)).await, Ok(()));
}

/// C06
#[tokio::test(flavor = "multi_thread")]
async fn a_full_cache_takes_new_live_tokens_whatever_garbage_was_asked_before() {
    let world = world("[cache]\nmax_entries = 64\nnegative_entries = 64\n").await;
    let old: Vec<_> = (0..64).map(|_| live(&world.authority)).collect();
    for token in old.iter().chain(&old) {
        world.knows(token, HONEST).await.unwrap();
    }
    for number in 0..500 {
        let garbage = opaque_token(2_000_000 + number);
        assert!(world.knows(&garbage, elsewhere(number)).await.is_err());
    }
    let new = live(&world.authority);
    let cache = &world.proxy.core().evaluator.cache;
    world.knows(&new, HONEST).await.unwrap();
    cache.settle();
    let calls = world.authority.calls();
    for token in old[1..].iter().chain([&new]) {
        world.knows(token, HONEST).await.unwrap();
    }
    assert_eq!(world.authority.calls(), calls, "one made room for one");
}
