//! Proofs remembered in a real Redis by several proxies behind one address, and what happens while it is away.
//! The clocks of the proxies stand still; the store has its own.

use crate::support::{KeyHolder, ROUTES, RedisServer, Reply, eventually};
use serde_json::json;

/// The address that clients know; whoever answers there is trusted to say so.
const PUBLIC: &str = "https://api.example/orders/1";

fn settings(redis: &RedisServer) -> String {
    format!(
        "[dpop]\nshared = true\n[shared_limits]\nurl = \"{}\"\nproxies = 2\n",
        redis.url()
    )
}

async fn two(redis: &RedisServer) -> (KeyHolder, KeyHolder) {
    let one = KeyHolder::with(ROUTES, &settings(redis)).await;
    let other = one.beside(ROUTES, &settings(redis)).await;
    eventually(|| one.world.has_store() && other.world.has_store()).await;
    (one, other)
}

async fn order(edge: &KeyHolder, token: &str, proof: &str) -> Reply {
    let credential = format!("DPoP {token}");
    let headers = [
        ("authorization", credential.as_str()),
        ("dpop", proof),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "api.example"),
    ];
    edge.world.send(1, "GET", "/orders/1", &headers).await
}

fn proof(edge: &KeyHolder, token: &str, nonce: &str) -> String {
    edge.proof(token, &json!({"htu": PUBLIC, "nonce": nonce}))
}

/// The nonce that this proxy wants now.
async fn nonce(edge: &KeyHolder, token: &str) -> String {
    let asked = order(edge, token, &proof(edge, token, "none")).await;
    assert_eq!((asked.status, asked.code()), (401, "use_dpop_nonce"));
    asked.header("dpop-nonce").unwrap().to_owned()
}

/// O25
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_replayed_at_another_proxy_is_refused() {
    let redis = RedisServer::start().await;
    let (one, other) = two(&redis).await;
    let token = one.token();
    let nonce = nonce(&one, &token).await;
    let used = proof(&one, &token, &nonce);
    assert_eq!(order(&one, &token, &used).await.status, 200);
    for edge in [&other, &one] {
        let again = order(edge, &token, &used).await;
        assert_eq!((again.status, again.code()), (401, "invalid_dpop_proof"));
    }
    let fresh = proof(&one, &token, &nonce);
    assert_eq!(
        order(&other, &token, &fresh).await.status,
        200,
        "the nonce is good at both"
    );
}

/// O25
#[tokio::test(flavor = "multi_thread")]
async fn of_many_uses_at_once_at_two_proxies_one_passes() {
    let redis = RedisServer::start().await;
    let (one, other) = two(&redis).await;
    let token = one.opaque();
    let nonce = nonce(&one, &token).await;
    for _ in 0..10 {
        let used = proof(&one, &token, &nonce);
        let uses = (0..8).map(|number| order([&one, &other][number % 2], &token, &used));
        let replies = futures::future::join_all(uses).await;
        let passed = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(passed, 1);
        assert!(replies.iter().all(|reply| [200, 401].contains(&reply.status)));
    }
}

/// O25
#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_each_proxy_takes_its_own_nonces() {
    let mut redis = RedisServer::start().await;
    let (one, other) = two(&redis).await;
    let token = one.token();
    let shared = nonce(&one, &token).await;
    redis.stop();
    eventually(|| !one.world.has_store() && !other.world.has_store()).await;
    let stale = order(&one, &token, &proof(&one, &token, &shared)).await;
    assert_eq!((stale.status, stale.code()), (401, "use_dpop_nonce"));
    let own = stale.header("dpop-nonce").unwrap();
    let used = proof(&one, &token, own);
    assert_eq!(order(&one, &token, &used).await.status, 200);
    assert_eq!(order(&one, &token, &used).await.code(), "invalid_dpop_proof");
    assert_eq!(order(&other, &token, &used).await.code(), "use_dpop_nonce");
    redis.start_again().await;
    eventually(|| one.world.has_store() && other.world.has_store()).await;
    for edge in [&one, &other] {
        let later = order(edge, &token, &used).await;
        assert_eq!(
            later.code(),
            "use_dpop_nonce",
            "what was taken alone counts nowhere"
        );
        assert_ne!(later.header("dpop-nonce"), Some(shared.as_str()));
    }
}

/// O25
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lost_its_memory_makes_older_proofs_worthless() {
    let redis = RedisServer::start().await;
    let (one, other) = two(&redis).await;
    let token = one.token();
    let nonce = nonce(&one, &token).await;
    let used = proof(&one, &token, &nonce);
    assert_eq!(order(&one, &token, &used).await.status, 200);
    redis::cmd("FLUSHALL").exec(&mut redis.connection()).unwrap();
    let again = order(&other, &token, &used).await;
    assert_eq!((again.status, again.code()), (401, "use_dpop_nonce"));
    eventually(|| other.world.has_store()).await;
    assert_eq!(order(&other, &token, &used).await.code(), "use_dpop_nonce");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_throws_things_out_is_not_used_for_proofs() {
    let redis = RedisServer::start().await;
    for (name, value) in [("maxmemory", "100mb"), ("maxmemory-policy", "allkeys-lru")] {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET")
            .arg(name)
            .arg(value)
            .exec(&mut redis.connection())
            .unwrap();
    }
    let (one, other) = two(&redis).await;
    let token = one.token();
    let own = nonce(&one, &token).await;
    let used = proof(&one, &token, &own);
    assert_eq!(order(&one, &token, &used).await.status, 200);
    assert_eq!(order(&other, &token, &used).await.code(), "use_dpop_nonce");
}

/// Fails closed: while it is not known whether a proof was used, it does not pass.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_answer_lets_no_proof_pass() {
    let redis = RedisServer::start().await;
    let (one, _) = two(&redis).await;
    let token = one.token();
    let nonce = nonce(&one, &token).await;
    redis.freeze(true);
    let reply = order(&one, &token, &proof(&one, &token, &nonce)).await;
    redis.freeze(false);
    assert_eq!((reply.status, reply.code()), (503, "temporarily_unavailable"));
}

/// C02
#[tokio::test(flavor = "multi_thread")]
async fn the_store_learns_digests_and_forgets_them() {
    let redis = RedisServer::start().await;
    let (one, _) = two(&redis).await;
    let token = one.token();
    let nonce = nonce(&one, &token).await;
    assert_eq!(
        order(&one, &token, &proof(&one, &token, &nonce)).await.status,
        200
    );
    let mut connection = redis.connection();
    let pattern = "introspect-proxy:dpop:nonces:*";
    let keys: Vec<String> = redis::cmd("KEYS").arg(pattern).query(&mut connection).unwrap();
    let [key] = &keys[..] else { panic!("{keys:?}") };
    assert_eq!(key.len(), pattern.len() - 1 + 24, "{key}");
    let left: i64 = redis::cmd("PTTL").arg(key).query(&mut connection).unwrap();
    assert!((71_000..=142_000).contains(&left), "{left}");
}
