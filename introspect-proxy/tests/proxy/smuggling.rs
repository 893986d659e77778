//! Requests that try to be two: whatever is sent, the upstream sees the judged request or nothing.
//! The upstream here reads by the letter, so that a byte out of place is noticed.

use crate::support::frames::{Taken, ask};
use crate::support::{Recorder, World, read_answer, status_of};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::AsyncWriteExt;

const STOLEN: &str = "GET /orders/1 HTTP/1.1\r\nHost: a\r\n\r\n";

/// Each request asks for a path of its own, so that it can be told when the upstream sees one twice.
struct Ground {
    world: World,
    recorder: Recorder,
    count: AtomicUsize,
}

impl Ground {
    async fn start() -> Self {
        let recorder = Recorder::start().await;
        let routes = "[[routes]]\nname = \"open\"\nmatch = { path = \"/open/**\" }\nupstream = \"recorder\"\n\
                      require = { anonymous = true }\n\
                      [[routes]]\nname = \"orders\"\nmatch = { path = \"/orders/**\" }\nupstream = \"recorder\"\n\
                      require = { scopes = [\"orders:read\"] }\n";
        let upstream = format!(
            "[[upstreams]]\nname = \"recorder\"\naddresses = [\"{}\"]\n{routes}",
            recorder.address
        );
        let world = World::with(&upstream, "").await;
        Self {
            world,
            recorder,
            count: AtomicUsize::new(0),
        }
    }

    /// The status of the first answer; zero when the proxy closes without one.
    async fn send(&self, bytes: &str) -> u16 {
        let bytes = self.name(bytes);
        let mut socket = tokio::net::TcpStream::connect(self.world.address())
            .await
            .unwrap();
        // The proxy may close before it has read everything.
        let _ = socket.write_all(bytes.as_bytes()).await;
        status_of(&read_answer(&mut socket).await)
    }

    async fn ask(&self, fields: &[(&str, &str)]) -> Taken {
        let named: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, self.name(value)))
            .collect();
        let fields: Vec<_> = named
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        ask(self.world.address(), &fields, Some(b"hello")).await
    }

    fn name(&self, text: &str) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        text.replace("/open", &format!("/open/{count}"))
    }

    /// Every request line that the upstream saw was judged, and came once.
    fn check(&self) {
        let seen = self.recorder.seen();
        let path = |line: &String| line.split(' ').nth(1).unwrap_or_default().to_owned();
        let paths: BTreeSet<String> = seen.iter().map(path).collect();
        assert!(
            paths.iter().all(|path| path.starts_with("/open/")),
            "the upstream saw {seen:?}"
        );
        assert_eq!(paths.len(), seen.len(), "the upstream saw {seen:?}");
    }
}

/// X01, X02, X03
#[tokio::test(flavor = "multi_thread")]
async fn framing_with_two_readings_is_refused() {
    let ground = Ground::start().await;
    let lengths = [
        "5", "0", "05", "+5", "-0", "0x5", "5,5", "5 ", "5\t6", "1e1", "", "\u{b}5", "\u{c}5", "５",
    ];
    let codings = [
        "chunked",
        "Chunked",
        " chunked",
        "chunked ",
        "chunked,",
        ",chunked",
        "xchunked",
        "chunked;q=1",
        "identity",
        "chunked, chunked",
        "gzip, chunked",
        "chunked, gzip",
        "\u{b}chunked",
        "\u{c}chunked",
        "\"chunked\"",
        "",
    ];
    for length in lengths {
        for coding in codings {
            for (one, two) in [
                ("Content-Length", "Transfer-Encoding"),
                ("transfer-encoding", "CONTENT-LENGTH"),
            ] {
                let (first, second) = if one.starts_with('C') {
                    (length, coding)
                } else {
                    (coding, length)
                };
                let head =
                    format!("POST /open HTTP/1.1\r\nHost: a\r\n{one}: {first}\r\n{two}: {second}\r\n\r\n");
                let status = ground.send(&format!("{head}0\r\n\r\n{STOLEN}")).await;
                assert_eq!(status, 400, "{head:?}");
            }
        }
    }
    ground.check();
}

/// X03, X04: a field that one reader takes for a length or a coding and another does not
#[tokio::test(flavor = "multi_thread")]
async fn disguised_framing_fields_are_refused() {
    let ground = Ground::start().await;
    for field in [
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        " Transfer-Encoding: chunked",
        "X: y\r\n Transfer-Encoding: chunked",
        "X: y\r\n\tContent-Length: 40",
        "X: y\rTransfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked",
        "X: y\0\r\nTransfer-Encoding: chunked\r\nContent-Length: 4",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding:\r\n chunked",
        "Transfer\u{200b}-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\ncontent-length: 5",
        "Content Length: 5",
        "Content-Length",
        ": 5",
    ] {
        let head = format!("POST /open HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n");
        assert_eq!(
            ground.send(&format!("{head}0\r\n\r\n{STOLEN}")).await,
            400,
            "{head:?}"
        );
    }
    let old = "POST /open HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(ground.send(&format!("{old}0\r\n\r\n{STOLEN}")).await, 400);
    ground.check();
}

/// X03: chunks that are none
#[tokio::test(flavor = "multi_thread")]
async fn broken_chunks_end_the_connection() {
    let ground = Ground::start().await;
    let mut taken = Vec::new();
    for body in [
        "xyz\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "\r\n5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhelloXX0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello\r\r0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "5\rhello\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n",
        "0\n\r\n",
        "0\r\nX: y\nZ: z\r\n\r\n",
    ] {
        let head = "POST /open HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        let status = ground.send(&format!("{head}{body}{STOLEN}")).await;
        if ![0, 400].contains(&status) {
            taken.push((body, status));
        }
    }
    assert!(taken.is_empty(), "{taken:?}");
    ground.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn clear_framing_passes_and_what_follows_is_judged() {
    let ground = Ground::start().await;
    for (fields, body) in [
        ("Content-Length: 5", "hello"),
        ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "5;name=value\r\nhello\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "05\r\nhello\r\n000\r\n\r\n"),
    ] {
        let request = format!("POST /open HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n{body}{STOLEN}");
        assert_eq!(ground.send(&request).await, 200, "{request:?}");
    }
    ground.check();
}

/// X10, and RFC 9113 §8.2, §8.3: what HTTP/2 may not carry, because HTTP/1.1 would read it otherwise
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_smuggled_through_a_downgrade_from_http2() {
    let ground = Ground::start().await;
    let whole = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/open"),
        (":authority", "a"),
    ];
    assert_eq!(ground.ask(&whole).await, Taken::Passed);
    let extra: [&[(&str, &str)]; 22] = [
        &[("transfer-encoding", "chunked")],
        &[("Transfer-Encoding", "chunked")],
        &[("content-length", "0")],
        &[("content-length", "40")],
        &[("content-length", "5"), ("content-length", "0")],
        &[("content-length", "+5")],
        &[("connection", "close")],
        &[("keep-alive", "5")],
        &[("proxy-connection", "keep-alive")],
        &[("upgrade", "websocket")],
        &[("te", "gzip")],
        &[("x", "y\r\nTransfer-Encoding: chunked")],
        &[("x", "y\nz: a")],
        &[("x", "y\rz")],
        &[("x", "y\0z")],
        &[("x\r\nTransfer-Encoding", "chunked")],
        &[("x: y", "z")],
        &[("x y", "z")],
        &[("", "z")],
        &[("host", "b")],
        &[(":path", "/orders/1")],
        &[(":unknown", "x")],
    ];
    for fields in extra {
        let all = [&whole[..], fields].concat();
        let taken = ground.ask(&all).await;
        assert_ne!(taken, Taken::Passed, "{fields:?}");
    }
    ground.check();
}

/// RFC 9113 §8.3.1: pseudo-header fields that would be read as more than they are
#[tokio::test(flavor = "multi_thread")]
async fn no_request_line_is_forged_by_pseudo_header_fields() {
    let ground = Ground::start().await;
    for (method, path, authority) in [
        ("POST /orders/1 HTTP/1.1\r\nX: y", "/open", "a"),
        ("POST /orders/1", "/open", "a"),
        ("", "/open", "a"),
        ("POST", "/open HTTP/1.1\r\nX: y", "a"),
        ("POST", "/open HTTP/1.1", "a"),
        ("POST", "/open\r\n\r\nGET /orders/1 HTTP/1.1", "a"),
        ("POST", "/open\t", "a"),
        ("POST", "", "a"),
        ("POST", "open", "a"),
        ("POST", "*", "a"),
        ("POST", "http://b/open", "a"),
        ("POST", "/open", "a\r\nX: y"),
        ("POST", "/open", "a/orders"),
        ("POST", "/open", "u@a"),
        ("POST", "/open", "a, b"),
        ("CONNECT", "/open", "a"),
    ] {
        let fields = [
            (":method", method),
            (":scheme", "http"),
            (":path", path),
            (":authority", authority),
        ];
        let taken = ground.ask(&fields).await;
        assert_ne!(taken, Taken::Passed, "{fields:?}");
    }
    ground.check();
}
