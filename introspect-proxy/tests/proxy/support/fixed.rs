//! A service that answers every head with the same bytes, whatever they are.
//! It refuses to look at requests, but for their heads, which it keeps.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The service.
pub struct FixedUpstream {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl FixedUpstream {
    pub async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, answer, Arc::clone(&seen)));
            }
        });
        Self { address, heads }
    }

    /// The heads seen so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// An upstream of this name, with a route of the same name below a path of the same name.
    pub fn route(&self, name: &str) -> String {
        format!(
            "[[upstreams]]\nname = \"{name}\"\naddresses = [\"{}\"]\n\
             [[routes]]\nname = \"{name}\"\nmatch = {{ path = \"/{name}/**\" }}\nupstream = \"{name}\"\n\
             require = {{ anonymous = true }}\n",
            self.address
        )
    }
}

async fn serve(mut socket: TcpStream, answer: &str, seen: Arc<Mutex<Vec<String>>>) {
    let mut bytes = Vec::new();
    while matches!(socket.read_buf(&mut bytes).await, Ok(count) if count > 0) {
        while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head: Vec<u8> = bytes.drain(..end + 4).collect();
            seen.lock()
                .unwrap()
                .push(String::from_utf8_lossy(&head).into_owned());
            if socket.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}
