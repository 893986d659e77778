//! Several servers on PostgreSQL with one Redis: one limit for a caller, and one counter for an account.
//! What a limit says is tested elsewhere; here are processes that know of each other by their stores only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::time::Duration;

use futures::future::join_all;
use redis_process::RedisServer;
use reqwest::Client;
use serde_json::json;
use tests::server::{Server, Setup};

const PASSWORD: &str = "vexing plum orbit";

struct World {
    redis: RedisServer,
    servers: [Server; 2],
    http: Client,
}

impl World {
    async fn start() -> Self {
        let redis = RedisServer::start().await;
        let sections = format!(
            "[limits]\nstandard = \"20/h\"\nauthentication = \"15/h\"\nconsole_authentication = \"15/h\"\n\n\
             [shared_limits]\nurl = \"{}\"\nreplicas = 2\ntimeout = \"10s\"\n",
            redis.url()
        );
        let one = Server::start(Setup::postgres().with(&sections)).await.unwrap();
        let other = one.replica(Setup::default().with(&sections)).await.unwrap();
        let world = Self {
            redis,
            servers: [one, other],
            http: Client::builder().no_proxy().build().unwrap(),
        };
        world.until_connected(true).await;
        world
    }

    async fn metrics(&self, server: &Server) -> String {
        let answer = self.http.get(server.admin_url("/metrics")).send().await.unwrap();
        answer.text().await.unwrap()
    }

    async fn until_connected(&self, connected: bool) {
        let wanted = format!("authz_shared_limits_connected {}", u8::from(connected));
        let reached = async {
            for server in &self.servers {
                while !self.metrics(server).await.contains(&wanted) {
                    tokio::task::yield_now().await;
                }
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), reached).await;
        in_time.expect("the store is found or missed");
    }

    /// So many anonymous requests over some of the servers at once; how many passed.
    async fn passed(&self, servers: &[usize], count: usize) -> usize {
        let ask = |turn: usize| async move {
            let server = &self.servers[servers[turn % servers.len()]];
            let asked = self.http.get(server.url("/auth/me")).send();
            asked.await.unwrap().status().as_u16()
        };
        let statuses = join_all((0..count).map(ask)).await;
        assert!(statuses.iter().all(|status| [401, 429].contains(status)));
        statuses.iter().filter(|status| **status == 401).count()
    }
}

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_count_together_apart_and_together_again() {
    let mut world = World::start().await;
    assert_eq!(world.passed(&[0, 1], 100).await, 20);
    world.redis.stop();
    assert_eq!(world.passed(&[0], 50).await, 10, "its share");
    assert_eq!(world.passed(&[1], 50).await, 10, "the other's");
    world.until_connected(false).await;
    let told = world.metrics(&world.servers[0]).await;
    assert!(
        told.contains("authz_shared_limits_counted_alone_total 50"),
        "{told}"
    );
    let doctor = world.servers[0].run(&["doctor"]).unwrap();
    assert!(
        doctor.contains("doubtful  shared limits: the store cannot be used"),
        "{doctor}"
    );
    world.redis.start_again().await;
    world.until_connected(true).await;
    assert_eq!(world.passed(&[0, 1], 100).await, 20);
    let doctor = world.servers[1].run(&["doctor"]).unwrap();
    assert!(
        doctor.contains("fine      shared limits: the store answers"),
        "{doctor}"
    );
}

/// L02: guesses over two servers are counted in the database, whatever the limits of requests let through.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_two_servers_share_the_counter_of_the_account() {
    let sections = "[limits]\nstandard = \"1000/h\"\nauthentication = \"1000/h\"\n\
                    v1 = \"1000/h\"\nv1_authentication = \"1000/h\"\n";
    let one = Server::start(Setup::postgres().with(sections)).await.unwrap();
    let other = one.replica(Setup::default().with(sections)).await.unwrap();
    let http = Client::builder().no_proxy().build().unwrap();
    let sign = async |server: &Server, verb: &str, password: &str| {
        let body = json!({"email": "ada@example.org", "password": password});
        let sent = http.post(server.url(&format!("/auth/{verb}"))).json(&body).send();
        sent.await.unwrap().status().as_u16()
    };
    assert_eq!(sign(&one, "register", PASSWORD).await, 201);
    let servers = [&one, &other];
    let guesses = (0..60).map(|turn| sign(servers[turn % 2], "login", "wrong guess"));
    let statuses = join_all(guesses).await;
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert_eq!(looked_at, 10, "{statuses:?}");
    assert!(statuses.iter().all(|status| [401, 429].contains(status)));
    assert_eq!(sign(&other, "login", PASSWORD).await, 429);
}
