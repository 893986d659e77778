//! Answers on their way to the client: interim ones, fields of the service's own connection, bytes too many.
//! The service writes bytes as a test says.

use crate::support::{FixedUpstream, World};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn world(answer: &'static str) -> (World, FixedUpstream) {
    let upstream = FixedUpstream::start(answer).await;
    let world = World::with(&upstream.route("fixed"), "").await;
    (world, upstream)
}

/// Everything the proxy sends to a client that closes its side after this.
async fn all(world: &World, request: &str) -> String {
    let mut socket = TcpStream::connect(world.address()).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let read = socket.read_to_end(&mut bytes);
    let read = tokio::time::timeout(std::time::Duration::from_secs(15), read);
    read.await.expect("the proxy closes").unwrap();
    String::from_utf8(bytes).unwrap()
}

const LAST: &str = "Host: a\r\nConnection: close\r\n\r\n";

/// X08
#[tokio::test(flavor = "multi_thread")]
async fn fields_of_the_services_connection_stay_here() {
    let (world, _upstream) = world(
        "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Debug\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\n\
         Proxy-Connection: keep-alive\r\nX-Debug: 1\r\nX-Kept: 1\r\nContent-Length: 2\r\n\r\nok",
    )
    .await;
    let answer = all(&world, &format!("GET /fixed/1 HTTP/1.1\r\n{LAST}")).await;
    let seen = answer.to_ascii_lowercase();
    assert!(
        seen.contains("x-kept: 1") && seen.ends_with("\r\n\r\nok"),
        "{answer}"
    );
    for name in ["\nkeep-alive:", "\nupgrade:", "\nproxy-connection:", "\nx-debug:"] {
        assert!(!seen.contains(name), "{name:?}: {answer}");
    }
}

const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n\
                     HTTP/1.1 100 Continue\r\n\r\n\
                     HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test(flavor = "multi_thread")]
async fn early_hints_pass_and_the_answer_follows() {
    let (world, _upstream) = world(HINTS).await;
    let answer = all(&world, &format!("GET /fixed/1 HTTP/1.1\r\n{LAST}")).await;
    assert!(answer.starts_with("HTTP/1.1 103 "), "{answer}");
    assert!(answer.contains("</style.css>"), "{answer}");
    assert!(
        answer.contains("HTTP/1.1 200 ") && answer.ends_with("ok"),
        "{answer}"
    );
    let (hints, _) = answer.split_once("\r\n\r\n").unwrap();
    assert!(!hints.to_ascii_lowercase().contains("x-request-id"), "{hints}");
}

/// RFC 9110 §15.2, §10.1.1; RFC 9112 §6.1: what came after HTTP/1.0 is not sent to a client of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_http_1_0_sees_one_head_and_no_chunks() {
    let (hinting, upstream) = world(HINTS).await;
    let post = "POST /fixed/1 HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi";
    let answer = all(&hinting, post).await;
    assert_eq!(answer.matches("HTTP/1.").count(), 1, "{answer}");
    assert!(
        answer.contains(" 200 OK") && answer.ends_with("\r\n\r\nok"),
        "{answer}"
    );
    assert!(
        !upstream.heads()[0].to_ascii_lowercase().contains("expect"),
        "nobody waits"
    );
    let (chunked, _upstream) =
        world("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n").await;
    let answer = all(&chunked, "GET /fixed/1 HTTP/1.0\r\nHost: a\r\n\r\n").await;
    assert!(!answer.to_ascii_lowercase().contains("chunked"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
}

/// RFC 9112 §2.3: the version of the service's connection is not that of the client's.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_http_1_0_is_answered_for_in_the_version_of_the_proxy() {
    let (world, _upstream) = world("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let answer = all(&world, &format!("GET /fixed/1 HTTP/1.1\r\n{LAST}")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
}

/// X01, X12: a body where none may be, or longer than was said, is never taken for the answer to somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_a_service_sends_too_many_are_nobodys_answer() {
    const STOLEN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen";
    let answers: [(&str, &'static str); 3] = [
        (
            "HEAD",
            "HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen",
        ),
        (
            "GET",
            "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen",
        ),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen",
        ),
    ];
    for (method, answer) in answers {
        assert!(answer.ends_with(STOLEN));
        let (world, _upstream) = world(answer).await;
        for _ in 0..20 {
            let request = format!("{method} /fixed/1 HTTP/1.1\r\n{LAST}");
            let seen = all(&world, &request).await;
            assert!(!seen.contains("stolen"), "{method}: {seen}");
        }
    }
}

/// X08: what a service switches to unasked, or asked for by a client whose wish was not passed on, is no tunnel.
#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_nobody_was_allowed_to_ask_for_opens_nothing() {
    let (world, upstream) =
        world("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n").await;
    for wish in [
        "",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ] {
        let head = format!("GET /fixed/1 HTTP/1.1\r\nHost: a\r\n{wish}\r\n");
        let answer = all(
            &world,
            &format!("{head}GET /fixed/stolen HTTP/1.1\r\nHost: a\r\n\r\n"),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{wish:?}: {answer}");
    }
    for head in upstream.heads() {
        let head = head.to_ascii_lowercase();
        assert!(
            !head.contains("upgrade") && !head.contains("http2-settings"),
            "{head}"
        );
        assert!(!head.contains("stolen"), "{head}");
    }
}
