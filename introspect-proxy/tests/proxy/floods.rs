//! Floods of HTTP/2 frames: each ends its own connection, or is held back, and others are served.
//! Frames are written by hand; what is counted is what the proxy takes, not how long it takes.

use crate::support::World;
use crate::support::frames::frame;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// More than any bound that is expected to hold.
const MANY: u32 = 200_000;

/// A request for `/public` of host `a`, RFC 7541 §6.2.2.
fn head(method: &str) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in [
        (":method", method),
        (":scheme", "http"),
        (":authority", "a"),
        (":path", "/public"),
    ] {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// How a flood ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// GOAWAY with this code.
    GoAway(u32),
    /// The connection was closed without a word.
    Closed,
    /// The proxy stopped reading.
    HeldBack,
    /// Everything was taken.
    Taken,
}

async fn connect(world: &World, settings: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(world.address()).await.unwrap();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, settings));
    socket.write_all(&bytes).await.unwrap();
    socket
}

/// Reads frames until GOAWAY or the end; nothing else matters.
async fn farewell(mut socket: OwnedReadHalf) -> End {
    loop {
        let mut head = [0; 9];
        if socket.read_exact(&mut head).await.is_err() {
            return End::Closed;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        if socket.read_exact(&mut payload).await.is_err() {
            return End::Closed;
        }
        if head[3] == GOAWAY && payload[4..8] != [0; 4] {
            return End::GoAway(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
    }
}

/// Sends the pieces of a flood; how it ended, and how many were sent.
async fn flood(socket: TcpStream, reads: bool, piece: impl Fn(u32) -> Vec<u8>) -> (End, u32) {
    let (reader, mut writer) = socket.into_split();
    // Who reads no replies is to be held back; for all others it only means that the machine is busy.
    let patience = Duration::from_secs(if reads { 60 } else { 3 });
    let mut sent = 0;
    let writing = async {
        while sent < MANY {
            let bytes: Vec<u8> = (sent..sent + 100).flat_map(&piece).collect();
            match tokio::time::timeout(patience, writer.write_all(&bytes)).await {
                Ok(Ok(())) => sent += 100,
                Ok(Err(_)) => return None,
                Err(_) => return Some(End::HeldBack),
            }
        }
        Some(End::Taken)
    };
    if !reads {
        let end = writing.await.unwrap_or(End::Closed);
        return (end, sent);
    }
    let reading = tokio::spawn(farewell(reader));
    let end = writing.await;
    match end {
        Some(end) if !reading.is_finished() => (end, sent),
        _ => (reading.await.unwrap(), sent),
    }
}

async fn still_serves(world: &World) {
    assert_eq!(world.get("/public", &[]).await.status, 200);
}

/// X17
#[tokio::test(flavor = "multi_thread")]
async fn rapid_resets_end_the_connection() {
    let world = World::start().await;
    let (end, sent) = flood(connect(&world, &[]).await, true, |number| {
        let stream = 2 * number + 1;
        let mut bytes = frame(HEADERS, END_HEADERS | END_STREAM, stream, &head("GET"));
        bytes.extend(frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
        bytes
    })
    .await;
    assert!(matches!(end, End::GoAway(11) | End::Closed), "{end:?}");
    assert!(sent < MANY, "{sent}");
    assert!(world.upstream.hits() < 2000, "{}", world.upstream.hits());
    still_serves(&world).await;
}

/// X17
#[tokio::test(flavor = "multi_thread")]
async fn endless_heads_end_the_connection() {
    let world = World::start().await;
    let mut socket = connect(&world, &[]).await;
    let opening = frame(HEADERS, END_STREAM, 1, &head("GET"));
    socket.write_all(&opening).await.unwrap();
    let (end, sent) = flood(socket, true, |_| {
        frame(CONTINUATION, 0, 1, &b"\x00\x03x-y\x0aaaaaaaaaaa".repeat(10))
    })
    .await;
    assert!(matches!(end, End::GoAway(_) | End::Closed), "{end:?}");
    assert!(sent < MANY, "{sent}");
    assert_eq!(world.upstream.hits(), 0);
    still_serves(&world).await;
}

/// X17: replies that nobody fetches are not piled up.
#[tokio::test(flavor = "multi_thread")]
async fn control_frames_whose_replies_nobody_reads_are_held_back() {
    let world = World::start().await;
    for kind in [PING, SETTINGS] {
        let payload: &[u8] = if kind == PING { &[0; 8] } else { &[] };
        let socket = connect(&world, &[]).await;
        let (end, sent) = flood(socket, false, |_| frame(kind, 0, 0, payload).repeat(100)).await;
        assert!(matches!(end, End::HeldBack | End::Closed), "{kind}: {end:?}");
        assert!(sent < MANY, "{kind}: {sent}");
        still_serves(&world).await;
    }
}

/// X17: data frames without data reach nobody and are kept nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn empty_data_is_not_passed_on() {
    let world = World::start().await;
    let mut socket = connect(&world, &[]).await;
    socket
        .write_all(&frame(HEADERS, END_HEADERS, 1, &head("GET")))
        .await
        .unwrap();
    let before = resident();
    let (end, _) = flood(socket, true, |_| frame(DATA, 0, 1, &[]).repeat(10)).await;
    let grown = resident().saturating_sub(before);
    // Kept, they would be half a gigabyte; tests beside this one need memory too.
    assert!(
        grown < 256 * 1024 * 1024,
        "{end:?}: {grown} bytes for two million frames"
    );
    still_serves(&world).await;
}

/// X17: a client that lets nothing through holds a hundred answers at most.
#[tokio::test(flavor = "multi_thread")]
async fn small_windows_hold_a_bounded_number_of_answers() {
    let world = World::start().await;
    // INITIAL_WINDOW_SIZE = 0
    let socket = connect(&world, &[0, 4, 0, 0, 0, 0]).await;
    let (end, _) = flood(socket, true, |number| {
        frame(HEADERS, END_HEADERS | END_STREAM, 2 * number + 1, &head("GET"))
    })
    .await;
    assert!(world.upstream.hits() <= 200, "{end:?}: {}", world.upstream.hits());
    still_serves(&world).await;
}

/// Bytes of this process in memory.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
