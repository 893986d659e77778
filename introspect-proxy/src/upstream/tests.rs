//! How instances are chosen, and left alone.
//! No sockets here: nobody answers at these addresses.

use super::*;
use std::collections::BTreeMap;

async fn upstream(settings: &str) -> Arc<Upstream> {
    let text = format!(
        "[authorization_server]\nissuer = \"https://id.example\"\nclient_id = \"edge\"\n\
         client_secret = \"0123456789abcdef\"\n[[listeners]]\nname = \"a\"\nlisten = \"127.0.0.1:0\"\n\
         [[upstreams]]\nname = \"s\"\n{settings}"
    );
    let config = config::parse(&text).unwrap();
    let upstreams = compile(&config.upstreams).await.unwrap();
    Arc::clone(&upstreams["s"])
}

const THREE: &str =
    "addresses = [{ address = \"192.0.2.1:80\", weight = 2 }, \"192.0.2.2:80\", \"192.0.2.3:80\"]\n";
const NOW: Tick = Tick(1_000);

fn shares(upstream: &Upstream, requests: usize) -> Vec<usize> {
    let mut counts = BTreeMap::new();
    for _ in 0..requests {
        let (mut attempt, _) = upstream.pick(&[], NOW).unwrap();
        *counts.entry(attempt.address()).or_insert(0) += 1;
        attempt.succeeded();
    }
    counts.into_values().collect()
}

#[tokio::test]
async fn turns_follow_the_weights() {
    assert_eq!(shares(&*upstream(THREE).await, 400), [200, 100, 100]);
}

#[tokio::test]
async fn a_second_attempt_goes_elsewhere_while_there_is_another() {
    let upstream = upstream(THREE).await;
    let mut tried = Vec::new();
    for _ in 0..3 {
        let (attempt, _) = upstream.pick(&tried, NOW).unwrap();
        assert!(!tried.contains(&attempt.address()));
        tried.push(attempt.address());
    }
    assert!(upstream.pick(&tried, NOW).is_ok(), "then one of them again");
}

#[tokio::test]
async fn a_failing_instance_is_left_alone_and_all_failing_ones_are_not_asked() {
    let upstream = upstream(&format!("{THREE}breaker = {{ failures = 2, pause = \"1s\" }}\n")).await;
    let fail = |wanted: &dyn Fn(SocketAddr) -> bool| {
        for _ in 0..40 {
            let Ok((mut attempt, _)) = upstream.pick(&[], NOW) else {
                return;
            };
            if wanted(attempt.address()) {
                attempt.failed(NOW);
            } else {
                attempt.succeeded();
            }
        }
    };
    fail(&|address| address.ip().to_string() == "192.0.2.1");
    assert_eq!(shares(&upstream, 90).len(), 2);
    fail(&|_| true);
    let pause = Duration::from_secs(1);
    assert_eq!(upstream.pick(&[], NOW).err(), Some(NoInstance::Paused(pause)));
    assert!(upstream.pick(&[], NOW.after(pause)).is_ok(), "a trial");
}

#[tokio::test]
async fn unwell_instances_get_nothing_until_all_are_unwell() {
    let upstream = upstream(THREE).await;
    let instances = upstream.instances();
    assert!(!instances[0].checked(false, 2), "once is not enough");
    assert!(instances[0].checked(false, 2));
    assert_eq!(shares(&upstream, 90).len(), 2);
    for instance in &instances[1..] {
        assert!(instance.checked(false, 1));
    }
    assert_eq!(shares(&upstream, 90).len(), 3, "better tried than refused");
}

#[tokio::test]
async fn requests_at_once_are_bounded() {
    let upstream = upstream("addresses = [\"192.0.2.1:80\", \"192.0.2.2:80\"]\nmax_requests = 2\n").await;
    let under_way: Vec<_> = (0..4).map(|_| upstream.pick(&[], NOW).unwrap()).collect();
    assert_eq!(upstream.pick(&[], NOW).err(), Some(NoInstance::Busy));
    drop(under_way);
    assert!(upstream.pick(&[], NOW).is_ok());
}

#[tokio::test]
async fn least_requests_avoids_the_busy_one() {
    let upstream =
        upstream("addresses = [\"192.0.2.1:80\", \"192.0.2.2:80\"]\nbalance = \"least-requests\"\n").await;
    let slow: Vec<_> = (0..50)
        .map(|_| upstream.instances()[0].begin(NOW).unwrap())
        .collect();
    let mut others = Vec::new();
    for _ in 0..40 {
        others.push(upstream.pick(&[], NOW).unwrap().0);
    }
    let to_busy = others
        .iter()
        .filter(|one| one.address() == slow[0].address())
        .count();
    // A pair of the same instance is compared now and then.
    assert!(to_busy < 20, "{to_busy} of 40");
}
