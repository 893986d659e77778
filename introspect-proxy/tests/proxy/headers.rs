//! What a caller may not say to the service, in whatever spelling and place: headers, trailers, nominations, sizes.
//! The service repeats everything it saw.

use crate::support::frames::{Taken, ask, block, frame};
use crate::support::{ROUTES, Recorder, World, eventually, status_of};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Names that some service takes for what the proxy says, or another proxy would say.
const EVIL: [&str; 23] = [
    "X-Auth-Subject",
    "x-auth-subject",
    "X_Auth_Subject",
    "X-Auth_Subject",
    "X.Auth.Subject",
    "X.Auth-Subject",
    "X~Auth~Subject",
    "X!Auth!Subject",
    "X|Auth|Subject",
    "X-Auth-Roles",
    "X.Forwarded.For",
    "X-Forwarded-User",
    "X-Forwarded-Uri",
    "X-Forwarded-Client-Cert",
    "X-Remote-User",
    "X-Remote-Group",
    "Remote.User",
    "Cf-Connecting-Ip",
    "True-Client-Ip",
    "X-Real-Ip",
    "X-Original-Url",
    "X.Request.Id",
    "Proxy",
];

/// X06, X09, X11: once and many times, on routes for everybody and for somebody, by HTTP/1.1 and HTTP/2.
#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_name_gets_through() {
    let world = World::start().await;
    let bearer = format!("Bearer {}", world.authority.jwt(&json!({})));
    let mut headers = HeaderMap::new();
    let mut lines = String::new();
    for name in EVIL.iter().chain(&EVIL) {
        lines.push_str(&format!("{name}: evil\r\n"));
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_static("evil"));
    }
    let http2 = reqwest::Client::builder().http2_prior_knowledge().no_proxy();
    let http2 = http2.build().unwrap();
    for (path, subjects) in [("/orders/1", 1), ("/public", 0)] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: {bearer}\r\n{lines}\r\n");
        let first = world.raw(&head).await;
        let url = format!("http://{}{path}", world.address());
        let request = http2
            .get(url)
            .header("authorization", &bearer)
            .headers(headers.clone());
        let second = request.send().await.unwrap();
        assert_eq!(
            (status_of(&first), second.status().as_u16()),
            (200, 200),
            "{first}"
        );
        for seen in [first, second.text().await.unwrap()] {
            assert!(!seen.contains("evil"), "{seen}");
            assert_eq!(seen.matches("x-auth-subject").count(), subjects, "{seen}");
        }
    }
}

/// X06, X08: what a client calls hop-by-hop is taken out before the proxy puts in what it says itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_nomination_takes_nothing_out_that_the_proxy_says() {
    let world = World::start().await;
    let token = world.authority.jwt(&json!({}));
    let ask = async |nominated: &str| {
        let head = format!(
            "POST /orders/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nConnection: {nominated}\r\n\
             X-Mine: 1\r\nContent-Length: 5\r\n\r\nhello"
        );
        world.raw(&head).await
    };
    for nominated in [
        "x-auth-subject, X-Auth-Scopes, x-request-id",
        "close, X-Auth-Subject",
        "Authorization",
        "Content-Length, x-mine",
    ] {
        let answer = ask(nominated).await;
        assert_eq!(status_of(&answer), 200, "{nominated}: {answer}");
        for name in [
            "\"x-auth-subject\",\"usr_alice\"",
            "\"x-auth-scopes\"",
            "\"x-request-id\"",
            "\"hello\"",
        ] {
            assert!(answer.contains(name), "{nominated}: {name} in {answer}");
        }
        assert_eq!(
            answer.contains("x-mine"),
            !nominated.contains("x-mine"),
            "{answer}"
        );
    }
    for nominated in [
        "Host",
        "x-forwarded-for",
        ":authority",
        "\"x-auth-subject\"",
        "a,b,c,d,e,f,g,h,i,j",
    ] {
        let answer = ask(nominated).await;
        assert_eq!(status_of(&answer), 400, "{nominated}: {answer}");
    }
}

async fn recorded() -> (World, Recorder) {
    let recorder = Recorder::start().await;
    let routes = format!(
        "[[upstreams]]\nname = \"recorder\"\naddresses = [\"{}\"]\n\
         [[routes]]\nname = \"open\"\nmatch = {{ path = \"/open/**\" }}\nupstream = \"recorder\"\n\
         require = {{ anonymous = true }}\n",
        recorder.address
    );
    (World::with(&routes, "").await, recorder)
}

/// X06: what comes behind a body is no header, and is not passed on.
#[tokio::test(flavor = "multi_thread")]
async fn trailers_of_a_request_stay_here() {
    let (world, recorder) = recorded().await;
    let chunked = "POST /open/1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Auth-Subject\r\n\r\n\
                   5\r\nhello\r\n0\r\nX-Auth-Subject: evil\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = world.raw(chunked).await;
    assert_eq!(status_of(&answer), 200, "{answer}");
    let trailers: [&[(&str, &str)]; 2] = [&[("x-auth-subject", "evil")], &[(":path", "/admin")]];
    for (number, trailers) in trailers.into_iter().enumerate() {
        let path = format!("/open/2{number}");
        let fields = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", &*path),
            (":authority", "a"),
        ];
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend(frame(4, 0, 0, &[]));
        bytes.extend(frame(1, 4, 1, &block(&fields)));
        bytes.extend(frame(0, 0, 1, b"hello"));
        bytes.extend(frame(1, 4 | 1, 1, &block(trailers)));
        let mut socket = TcpStream::connect(world.address()).await.unwrap();
        socket.write_all(&bytes).await.unwrap();
        // Its GOAWAY or RST_STREAM, or the answer: whatever it is, the request is over then.
        let mut seen = [0; 64];
        _ = socket.read(&mut seen).await;
    }
    let said = |line: &String| line.starts_with("POST /open/");
    eventually(|| recorder.seen().iter().any(|line| line.contains("/open/20"))).await;
    assert!(recorder.seen().iter().all(said), "{:?}", recorder.seen());
}

/// X16: HTTP/2 has no other bounds than HTTP/1.1.
#[tokio::test(flavor = "multi_thread")]
async fn large_heads_are_refused_by_name_in_http2_too() {
    let world = World::with(ROUTES, "[limits]\nheader_count = 20\n").await;
    let names: Vec<_> = (0..21).map(|number| format!("x-{number}")).collect();
    for (fields, taken) in [(20, Taken::Passed), (21, Taken::Refused)] {
        let pseudo = [
            (":method", "GET"),
            (":scheme", "http"),
            (":path", "/public"),
            (":authority", "a"),
        ];
        let fields = names[..fields].iter().map(|name| (&**name, "1"));
        let all: Vec<_> = pseudo.into_iter().chain(fields).collect();
        assert_eq!(ask(world.address(), &all, None).await, taken);
    }
    let http2 = reqwest::Client::builder().http2_prior_knowledge().no_proxy();
    let http2 = http2.build().unwrap();
    for (bytes, status) in [(8192, 200), (8193, 414)] {
        let path = format!("/public?{}", "x".repeat(bytes - "/public?".len()));
        let answer = http2
            .get(format!("http://{}{path}", world.address()))
            .send()
            .await;
        assert_eq!(answer.unwrap().status(), status, "{bytes}");
    }
}

/// X18, RFC 9113 §8.2.3
#[tokio::test(flavor = "multi_thread")]
async fn cookies_in_several_fields_become_one_without_ours() {
    let world = World::start().await;
    let session = oauth::opaque::encode(oauth::opaque::OpaqueKind::SessionCookie, &[3; 32]);
    let hidden = [b"name=J\xe4ger; s=", session.as_bytes()].concat();
    let url = format!("http://{}/public", world.address());
    let http2 = reqwest::Client::builder().http2_prior_knowledge().no_proxy();
    let request = http2.build().unwrap().get(url).header("cookie", "theme=dark");
    let request = request.header("cookie", HeaderValue::from_bytes(&hidden).unwrap());
    let seen = request.send().await.unwrap().text().await.unwrap();
    assert!(!seen.contains(&*session), "{seen}");
    assert_eq!(seen.matches("\"cookie\"").count(), 1, "{seen}");
    assert!(seen.contains("theme=dark; name=J"), "{seen}");
}

/// gRPC programs refuse calls without it: they take it for the sign of a proxy that swallows trailers.
#[tokio::test(flavor = "multi_thread")]
async fn a_wish_for_trailers_passes_where_trailers_do() {
    let echo = crate::support::EchoUpstream::start().await;
    let routes = format!(
        "[[upstreams]]\nname = \"calls\"\naddresses = [\"{}\"]\nprotocol = \"h2c\"\n\
         [[routes]]\nname = \"calls\"\nmatch = {{ path = \"/calls/**\" }}\nupstream = \"calls\"\n\
         require = {{ anonymous = true }}\n",
        echo.address
    );
    let world = World::with(&routes, "").await;
    let http2 = reqwest::Client::builder().http2_prior_knowledge().no_proxy();
    let http2 = http2.build().unwrap();
    let request = http2.post(format!("http://{}/calls/1", world.address()));
    let seen = request
        .header("te", "trailers")
        .body("hello")
        .send()
        .await
        .unwrap();
    let seen = seen.text().await.unwrap();
    assert!(seen.contains("[\"te\",\"trailers\"]"), "{seen}");
}
