//! A service that reads requests by the letter of RFC 9112 and notes what it saw.
//! It refuses every leniency: bytes that are no request are noted as such.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The service.
pub struct Recorder {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Recorder {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, Arc::clone(&notes)));
            }
        });
        Self { address, seen, task }
    }

    /// The request lines seen so far, and everything that was none.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut socket: TcpStream, seen: Arc<Mutex<Vec<String>>>) {
    let mut bytes = Vec::new();
    loop {
        while let Some((line, end)) = head(&bytes) {
            let length = body_length(&bytes[..end]);
            seen.lock().unwrap().push(line);
            let rest = bytes.split_off(end);
            bytes = rest;
            if !body(&mut socket, &mut bytes, length, &seen).await {
                return;
            }
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            if socket.write_all(answer).await.is_err() {
                return;
            }
        }
        if !matches!(socket.read_buf(&mut bytes).await, Ok(count) if count > 0) {
            return;
        }
    }
}

enum Length {
    Bytes(usize),
    Chunked,
    Unclear,
}

fn head(bytes: &[u8]) -> Option<(String, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let line = bytes.split(|byte| *byte == b'\r').next()?;
    Some((String::from_utf8_lossy(line).into_owned(), end))
}

fn body_length(head: &[u8]) -> Length {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = |name: &str| {
        let mut found = text.split("\r\n").filter_map(|line| line.strip_prefix(name));
        (
            found.next().map(|value| value.trim().to_owned()),
            found.next().is_some(),
        )
    };
    match (value("content-length:"), value("transfer-encoding:")) {
        ((None, _), (None, _)) => Length::Bytes(0),
        ((Some(length), false), (None, _)) => length.parse().map_or(Length::Unclear, Length::Bytes),
        ((None, _), (Some(coding), false)) if coding == "chunked" => Length::Chunked,
        _ => Length::Unclear,
    }
}

/// Reads the body off; false when the connection is of no more use.
async fn body(
    socket: &mut TcpStream,
    bytes: &mut Vec<u8>,
    length: Length,
    seen: &Mutex<Vec<String>>,
) -> bool {
    let note = |what: &str| seen.lock().unwrap().push(what.to_owned());
    match length {
        Length::Unclear => {
            note("unclear framing");
            false
        }
        Length::Bytes(count) => fill(socket, bytes, count).await && bytes.drain(..count).count() == count,
        Length::Chunked => loop {
            let Some(line) = line(socket, bytes).await else {
                return false;
            };
            let Ok(size) = usize::from_str_radix(&line, 16) else {
                note(&format!("bad chunk size {line:?}"));
                return false;
            };
            if !fill(socket, bytes, size + 2).await {
                return false;
            }
            let chunk: Vec<u8> = bytes.drain(..size + 2).collect();
            if !chunk.ends_with(b"\r\n") {
                note("a chunk without its end");
                return false;
            }
            if size == 0 {
                return true;
            }
        },
    }
}

async fn line(socket: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
            let line = String::from_utf8_lossy(&bytes[..end]).into_owned();
            bytes.drain(..end + 2);
            return Some(line);
        }
        if socket.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}

async fn fill(socket: &mut TcpStream, bytes: &mut Vec<u8>, count: usize) -> bool {
    while bytes.len() < count {
        if !matches!(socket.read_buf(bytes).await, Ok(read) if read > 0) {
            return false;
        }
    }
    true
}
