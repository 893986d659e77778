//! WebSockets over TLS (wss), which is how browsers speak to the proxy.
//! What holds for them in the clear holds here.

use crate::support::{World, eventually};
use crate::websockets::{EchoServer, closing};
use futures::{SinkExt, StreamExt};
use rustls::pki_types::ServerName;
use serde_json::json;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, client_async};

type Socket = WebSocketStream<TlsStream<TcpStream>>;

struct Site {
    world: World,
    server: EchoServer,
    root: rcgen::Certificate,
    _directory: tempfile::TempDir,
}

async fn start() -> Site {
    let (server, directory) = (EchoServer::start().await, tempfile::tempdir().unwrap());
    let made = rcgen::generate_simple_self_signed(["site.example".to_owned()]).unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let routes = format!(
        "[[upstreams]]\nname = \"chat\"\naddresses = [\"{}\"]\n\
         [[routes]]\nname = \"chat\"\nmatch = {{ path = \"/chat/**\" }}\nupstream = \"chat\"\n\
         require = {{ audience = \"https://api\" }}\nwebsocket = true\n\
         [[listeners]]\nname = \"tls\"\nlisten = \"127.0.0.1:0\"\n\
         tls = {{ certificate_file = \"{1}/cert.pem\", key_file = \"{1}/key.pem\" }}\n",
        server.address,
        directory.path().display()
    );
    Site {
        world: World::with(&routes, "").await,
        server,
        root: made.cert,
        _directory: directory,
    }
}

impl Site {
    /// Offers HTTP/2 as well, as browsers do when they do not mean a WebSocket.
    async fn connect(&self, protocols: &[&[u8]]) -> TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root.der().clone()).unwrap();
        let config = rustls::ClientConfig::builder().with_root_certificates(roots);
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let stream = TcpStream::connect(self.world.proxy.listeners[2].1).await.unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let name = ServerName::try_from("site.example").unwrap();
        connector.connect(name, stream).await.unwrap()
    }

    async fn open(&self, token: &str, protocols: &[&[u8]]) -> (Socket, String) {
        let mut request = "wss://site.example/chat/1".into_client_request().unwrap();
        let bearer = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().append("authorization", bearer);
        let stream = self.connect(protocols).await;
        let (mut socket, _) = client_async(request, stream).await.unwrap();
        let greeting = socket.next().await.unwrap().unwrap();
        (socket, greeting.into_text().unwrap().to_string())
    }
}

/// X13
#[tokio::test(flavor = "multi_thread")]
async fn messages_pass_both_ways_and_the_end_of_the_token_is_told() {
    let site = start().await;
    let doomed = site.world.authority.jwt(&json!({ "sid": "ses_a" }));
    let other = site.world.authority.jwt(&json!({ "sid": "ses_b" }));
    let (mut doomed, greeting) = site.open(&doomed, &[]).await;
    let (mut other, _) = site.open(&other, &[b"http/1.1"]).await;
    assert!(greeting.contains("x-forwarded-proto: https"), "{greeting}");
    let large = Message::text("x".repeat(1 << 20));
    for socket in [&mut doomed, &mut other] {
        socket.send(large.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), large);
    }
    site.world.authority.revoke("session", "ses_a");
    let frame = closing(&mut doomed).await.unwrap();
    assert_eq!(
        (frame.code, frame.reason.as_str()),
        (CloseCode::Policy, "the token was revoked")
    );
    eventually(|| site.server.open() == 1).await;
    other.send(Message::text("still here")).await.unwrap();
    assert_eq!(other.next().await.unwrap().unwrap(), Message::text("still here"));
}

/// X13
#[tokio::test(flavor = "multi_thread")]
async fn many_open_and_close_without_leaving_anything() {
    let site = start().await;
    let token = site.world.authority.jwt(&json!({}));
    for _ in 0..20 {
        let (mut socket, _) = site.open(&token, &[b"http/1.1"]).await;
        socket.send(Message::text("hello")).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
        socket.close(None).await.unwrap();
    }
    eventually(|| site.server.open() == 0 && site.world.proxy.core().exchanges.is_empty()).await;
}
