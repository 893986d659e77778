//! The lease over real programs: proxies that hear nothing of a revocation refuse all the same.
//! What each order of messages does is searched in the model of `oauth`; here the parts are put together.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::time::{Duration, Instant};

use tests::demo::{EDGE, OPAQUE, ROUTES, SHOP, sections};
use tests::proxy::{Proxy, Secret, Setup as ProxySetup};
use tests::relay::{Relay, Weather};
use tests::sample_service::SampleService;
use tests::server::{Server, Setup};

const LEASE: Duration = Duration::from_millis(1500);

struct World {
    server: Server,
    relay: Relay,
    proxies: [Proxy; 2],
    http: reqwest::Client,
    _service: SampleService,
}

impl World {
    async fn start() -> Self {
        let relay = Relay::start().await.unwrap();
        let setup = Setup::sqlite()
            .with(&sections())
            .env("AUTHZ_SERVER__ISSUER", &relay.origin());
        let server = Server::start(setup).await.unwrap();
        relay.lead_to(server.address()).unwrap();
        let service = SampleService::start().await.unwrap();
        let proxy = || {
            let lease = format!("[revocations]\nlease = \"{}ms\"\n", LEASE.as_millis());
            Proxy::start(ProxySetup {
                issuer: relay.origin(),
                client_id: EDGE.0.to_owned(),
                client_secret: Secret::Text(EDGE.1.to_owned()),
                upstream: service.address(),
                sections: format!("{lease}\n{ROUTES}"),
            })
        };
        Self {
            proxies: [proxy().await.unwrap(), proxy().await.unwrap()],
            server,
            relay,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            _service: service,
        }
    }

    async fn post(&self, client: (&str, &str), path: &str, form: &[(&str, &str)]) -> serde_json::Value {
        let request = self.http.post(self.server.url(path));
        let request = request.basic_auth(client.0, Some(client.1)).form(form);
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        answer.json().await.unwrap_or_default()
    }

    async fn call(&self, proxy: &Proxy, token: &str) -> u16 {
        let request = self.http.get(proxy.url("/orders/1")).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    }

    /// Calls until the proxy refuses; the last call it let through began that long after `ended`.
    async fn last_let_through(&self, proxy: &Proxy, token: &str, ended: Instant) -> Duration {
        let mut last = Duration::ZERO;
        loop {
            let began = ended.elapsed();
            match self.call(proxy, token).await {
                200 => last = began,
                _ => return last,
            }
            assert!(last < LEASE * 4, "it goes on letting the token through");
        }
    }
}

/// C05, C08: late accepts 0.
#[tokio::test]
async fn with_the_feed_cut_nothing_revoked_is_let_through_later_than_the_lease() {
    let world = World::start().await;
    for weather in [Weather::Cut, Weather::Deaf] {
        for client in [SHOP, OPAQUE] {
            world.relay.turn(Weather::Clear);
            let grant = [("grant_type", "client_credentials")];
            let tokens = world.post(client, "/oauth2/token", &grant).await;
            let token = tokens["access_token"].as_str().unwrap();
            for proxy in &world.proxies {
                // A proxy that was cut off may have to find the server again.
                while world.call(proxy, token).await != 200 {}
            }
            world.relay.turn(weather);
            world.post(client, "/oauth2/revoke", &[("token", token)]).await;
            let ended = Instant::now();
            let [one, two] = &world.proxies;
            let (one, two) = tokio::join!(
                world.last_let_through(one, token, ended),
                world.last_let_through(two, token, ended)
            );
            assert!(one.max(two) <= LEASE, "{weather:?} {one:?} {two:?}");
            world.relay.turn(Weather::Clear);
            for proxy in &world.proxies {
                // 503 until it is heard again, and then the log knows.
                let mut status = 503;
                while status == 503 {
                    status = world.call(proxy, token).await;
                }
                assert_eq!(status, 401, "{weather:?}");
            }
        }
    }
}
