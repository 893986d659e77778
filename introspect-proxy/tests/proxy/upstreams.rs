//! Services with several instances, some of which fail.
//! Instances are sockets that answer by hand, so that they can fail in every way.

use crate::support::{World, eventually};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ROUTE: &str = "[[routes]]\nname = \"all\"\nmatch = { path = \"/**\" }\nupstream = \"many\"\n\
                     require = { anonymous = true }\n";

/// What an instance does with a request.
#[derive(Clone, Copy)]
enum Manner {
    Answers(&'static str),
    /// Answers the first request of a connection and closes it at the next.
    ClosesWhenKept,
    ClosesUnanswered,
}

struct Instance {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Instance {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, manner, Arc::clone(&count)));
            }
        });
        Self { address, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut socket: tokio::net::TcpStream, manner: Manner, count: Arc<AtomicUsize>) {
    let mut bytes = Vec::new();
    for number in 0.. {
        while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
            if !matches!(socket.read_buf(&mut bytes).await, Ok(read) if read > 0) {
                return;
            }
        }
        bytes.clear();
        count.fetch_add(1, Ordering::SeqCst);
        let status = match manner {
            Manner::Answers(status) => status,
            Manner::ClosesWhenKept if number == 0 => "200 OK",
            Manner::ClosesWhenKept | Manner::ClosesUnanswered => return,
        };
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        if socket.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn world(addresses: &[SocketAddr], settings: &str) -> World {
    let list: Vec<_> = addresses.iter().map(|address| format!("\"{address}\"")).collect();
    let upstream = format!(
        "[[upstreams]]\nname = \"many\"\naddresses = [{}]\n{settings}\n{ROUTE}",
        list.join(", ")
    );
    World::with(&upstream, "").await
}

/// An address where nobody listens.
async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
}

/// How many instances are in which state, as operators see it.
async fn standing(world: &World) -> [(&'static str, u32); 3] {
    let (_, text) = world.admin("/metrics").await;
    ["well", "unwell", "paused"].map(|state| {
        let figure = format!("proxy_upstream_instances{{upstream=\"many\",state=\"{state}\"}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&figure));
        (state, line.unwrap().parse().unwrap())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_away_costs_no_answer_of_any_method() {
    let good = Instance::start(Manner::Answers("200 OK")).await;
    let world = world(&[nobody().await, good.address], "").await;
    for method in ["GET", "POST", "DELETE"].repeat(10) {
        assert_eq!(world.send(0, method, "/x", &[]).await.status, 200, "{method}");
    }
    assert_eq!(good.requests(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_exchange_is_tried_elsewhere_when_it_may_be_done_twice() {
    let good = Instance::start(Manner::Answers("200 OK")).await;
    let bad = Instance::start(Manner::ClosesUnanswered).await;
    let world = world(&[bad.address, good.address], "breaker = { failures = 0 }").await;
    for _ in 0..8 {
        assert_eq!(world.send(0, "GET", "/x", &[]).await.status, 200);
    }
    assert_eq!(
        (bad.requests(), good.requests()),
        (8, 8),
        "a second attempt takes a turn too"
    );
    let statuses = [
        world.send(0, "POST", "/x", &[]).await.status,
        world.send(0, "POST", "/x", &[]).await.status,
    ];
    assert_eq!(
        statuses.iter().filter(|status| **status == 502).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        (bad.requests(), good.requests()),
        (9, 9),
        "no POST was sent twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_on_a_kept_connection_that_dies_is_not_repeated() {
    let instance = Instance::start(Manner::ClosesWhenKept).await;
    let world = world(&[instance.address], "breaker = { failures = 0 }").await;
    let mut failed = 0;
    for sent in 1..=20 {
        failed += usize::from(world.send(0, "POST", "/x", &[]).await.status == 502);
        assert_eq!(instance.requests(), sent);
    }
    assert!(failed > 0, "kept connections were used");
    for _ in 0..20 {
        assert_eq!(world.send(0, "GET", "/x", &[]).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_fails_again_and_again_is_left_alone_then_tried() {
    let bad = Instance::start(Manner::Answers("503 Service Unavailable")).await;
    let world = world(&[bad.address], "breaker = { failures = 3, pause = \"2s\" }").await;
    for _ in 0..3 {
        assert_eq!(world.get("/x", &[]).await.code(), "", "the service's own answer");
    }
    for _ in 0..10 {
        let reply = world.get("/x", &[]).await;
        assert_eq!((reply.status, reply.code()), (503, "upstream_paused"));
        assert_eq!(reply.header("retry-after"), Some("2"));
    }
    assert_eq!(bad.requests(), 3);
    assert_eq!(
        standing(&world).await,
        [("well", 0), ("unwell", 0), ("paused", 1)]
    );
    world.clock.advance(std::time::Duration::from_secs(2));
    assert_eq!(world.get("/x", &[]).await.code(), "");
    assert_eq!(world.get("/x", &[]).await.code(), "upstream_paused", "one trial");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unwell_instance_gets_nothing() {
    let good = Instance::start(Manner::Answers("200 OK")).await;
    let bad = Instance::start(Manner::Answers("500 Internal Server Error")).await;
    let check = "health_check = { path = \"/up\", interval = \"10ms\", unhealthy = 1 }";
    let world = world(&[bad.address, good.address], check).await;
    eventually(|| bad.requests() >= 2).await;
    for _ in 0..20 {
        assert_eq!(world.get("/x", &[]).await.status, 200);
    }
    assert_eq!(
        standing(&world).await,
        [("well", 1), ("unwell", 1), ("paused", 0)]
    );
}

/// A service behind TLS whose certificate only the test's own file vouches for: a second proxy.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_a_private_authority_is_verified_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["orders.example".to_owned()]).unwrap();
    let file = |name: &str, text: String| {
        std::fs::write(directory.path().join(name), text).unwrap();
        directory.path().join(name).display().to_string()
    };
    let certificate = file("cert.pem", made.cert.pem());
    let key = file("key.pem", made.signing_key.serialize_pem());
    let listener = format!(
        "{}\n[[listeners]]\nname = \"tls\"\nlisten = \"127.0.0.1:0\"\n\
         tls = {{ certificate_file = \"{certificate}\", key_file = \"{key}\" }}\n",
        crate::support::ROUTES.replace("methods = [\"GET\"]", "host = \"127.0.0.1\"")
    );
    let behind = World::with(&listener, "").await;
    let address = behind.proxy.listeners[2].1;
    for (tls, status) in [
        (
            format!("tls = {{ ca_file = \"{certificate}\", server_name = \"orders.example\" }}"),
            421,
        ),
        (format!("tls = {{ ca_file = \"{certificate}\" }}"), 502),
        ("tls = { server_name = \"orders.example\" }".to_owned(), 502),
    ] {
        let front = world(&[address], &format!("{tls}\nbreaker = {{ failures = 0 }}")).await;
        // The inner proxy answers 421, because the host asked for is not the one of the handshake: TLS stood.
        assert_eq!(front.get("/public", &[]).await.status, status, "{tls}");
    }
}
