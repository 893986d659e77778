//! `Expect: 100-continue` (RFC 9110 §10.1.1): a client waits with its body until somebody wants it.
//! The proxy wants none that it would refuse, and says the word of the service once.

use crate::support::{ROUTES, World, eventually, status_of};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n";

/// Sends a head with five bytes to follow.
async fn announce(world: &World, path: &str, credential: &str) -> TcpStream {
    let mut socket = TcpStream::connect(world.address()).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\n{credential}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
}

/// Reads until this is in what was read, or the other side is done.
async fn read_until(socket: &mut TcpStream, text: &mut String, wanted: &str) {
    let reading = async {
        let mut bytes = [0; 4096];
        while !text.contains(wanted) {
            match socket.read(&mut bytes).await {
                Ok(count) if count > 0 => text.push_str(&String::from_utf8_lossy(&bytes[..count])),
                _ => break,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(15), reading)
        .await
        .expect("an answer comes");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_to_go_on_comes_once_and_then_the_answer() {
    let world = World::start().await;
    let credential = format!("Authorization: Bearer {}\r\n", world.authority.jwt(&json!({})));
    let mut socket = announce(&world, "/orders/1", &credential).await;
    let mut text = String::new();
    read_until(&mut socket, &mut text, "\r\n\r\n").await;
    assert!(text.starts_with(CONTINUE), "before any byte of the body: {text}");
    let interim = text.len();
    socket.write_all(b"hello").await.unwrap();
    read_until(&mut socket, &mut text, "\"body\":\"hello\"").await;
    assert_eq!(text.matches("100 Continue").count(), 1, "{text}");
    assert_eq!(status_of(&text[interim..]), 200, "{text}");
}

/// Nobody sends a body to be told that it was in vain.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_refused_is_never_told_to_go_on() {
    let world = World::start().await;
    let token = world.authority.jwt(&json!({}));
    for (path, credential, status) in [
        ("/orders/1", String::new(), 401),
        ("/orders/1", "Authorization: Bearer a.b.c\r\n".to_owned(), 401),
        ("/admin/1", format!("Authorization: Bearer {token}\r\n"), 403),
        ("/nowhere", String::new(), 404),
    ] {
        let mut socket = announce(&world, path, &credential).await;
        let mut text = String::new();
        read_until(&mut socket, &mut text, "\r\n\r\n").await;
        assert_eq!(status_of(&text), status, "{text}");
    }
    assert_eq!(world.upstream.hits(), 0);
}

/// Answers each head with 413, and reads no body.
async fn refusing() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, heads) = (listener.local_addr().unwrap(), Arc::<AtomicUsize>::default());
    let count = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") && socket.read_buf(&mut head).await.unwrap_or(0) > 0 {}
                assert!(
                    String::from_utf8_lossy(&head)
                        .to_ascii_lowercase()
                        .contains("expect: 100-continue")
                );
                count.fetch_add(1, Ordering::SeqCst);
                let answer =
                    b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                socket.write_all(answer).await.unwrap();
            });
        }
    });
    (address, heads)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_refuses_early_is_heard_before_the_body_is_sent() {
    let (address, heads) = refusing().await;
    let routes = format!(
        "{ROUTES}[[upstreams]]\nname = \"full\"\naddresses = [\"{address}\"]\n\
         [[routes]]\nname = \"full\"\nmatch = {{ path = \"/full\" }}\nupstream = \"full\"\n\
         require = {{ audience = \"https://api\" }}\n"
    );
    let world = World::with(&routes, "").await;
    let credential = format!("Authorization: Bearer {}\r\n", world.authority.jwt(&json!({})));
    let mut socket = announce(&world, "/full", &credential).await;
    let mut text = String::new();
    read_until(&mut socket, &mut text, "\r\n\r\n").await;
    assert_eq!(status_of(&text), 413, "{text}");
    eventually(|| heads.load(Ordering::SeqCst) == 1).await;
    // The body was never sent, so what would follow could be taken for it: the connection ends.
    let mut rest = String::new();
    let follow = b"GET /public HTTP/1.1\r\nHost: a\r\n\r\n";
    _ = socket.write_all(follow).await;
    read_until(&mut socket, &mut rest, "HTTP/1.1 200").await;
    assert!(!rest.contains("HTTP/1.1 200"), "{rest}");
}
