//! Tokens bound to a client certificate (RFC 8705), shown in the handshake or named by a trusted peer (RFC 9440).
//! Certificates are made for each test.

use crate::support::{EITHER, NO_NONCE, ROUTES, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oauth::confirmation::certificate_thumbprint;
use reqwest::{ClientBuilder, Identity, Response};
use rustls::HandshakeKind;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use rustls::sign::CertifiedKey;
use serde_json::json;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const VAULT: &str = r#"
[[routes]]
name = "vault"
match = { path = "/vault" }
upstream = "echo"
require = { audience = "https://api", sender = "mtls" }
"#;

/// Somebody's certificate and key.
struct Holder {
    certificate: rcgen::Certificate,
    key: rcgen::KeyPair,
}

impl Holder {
    fn own() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = parameters().self_signed(&key).unwrap();
        Self { certificate, key }
    }

    fn signed_by(issuer: &rcgen::Issuer<'_, rcgen::KeyPair>) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = parameters().signed_by(&key, issuer).unwrap();
        Self { certificate, key }
    }

    fn thumbprint(&self) -> String {
        certificate_thumbprint(self.certificate.der())
    }

    fn header(&self) -> String {
        format!(":{}:", STANDARD.encode(self.certificate.der()))
    }

    fn identity(&self) -> Identity {
        let pem = format!("{}{}", self.certificate.pem(), self.key.serialize_pem());
        Identity::from_pem(pem.as_bytes()).unwrap()
    }
}

fn parameters() -> rcgen::CertificateParams {
    rcgen::CertificateParams::new(["client.example".to_owned()]).unwrap()
}

/// A proxy whose third listener speaks TLS, and whose fourth takes the header from trusted peers.
struct Edge {
    world: World,
    root: rcgen::Certificate,
    _directory: tempfile::TempDir,
}

impl Edge {
    async fn with(client_certificates: &str, authorities: Option<&rcgen::Certificate>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["site.example".to_owned()]).unwrap();
        let write = |name: &str, text: String| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let certificate = write("cert.pem", made.cert.pem());
        let key = write("key.pem", made.signing_key.serialize_pem());
        let authorities = authorities.map(|authority| write("ca.pem", authority.pem()));
        let authorities = authorities.map(|file| format!("client_ca_file = \"{file}\", "));
        let routes = format!(
            "{ROUTES}{VAULT}{EITHER}\n[[listeners]]\nname = \"tls\"\nlisten = \"127.0.0.1:0\"\n\
             tls = {{ client_certificates = \"{client_certificates}\", {}certificate_file = \"{certificate}\", \
             key_file = \"{key}\" }}\n\
             [[listeners]]\nname = \"told\"\nlisten = \"127.0.0.1:0\"\ntrusted_peers = [\"127.0.0.0/8\"]\n\
             client_cert_header = true\n",
            authorities.unwrap_or_default()
        );
        Self {
            world: World::with(&routes, NO_NONCE).await,
            root: made.cert,
            _directory: directory,
        }
    }

    /// Both kinds of token: verified here, and introspected.
    fn tokens(&self, thumbprint: &str) -> [String; 2] {
        let bound = json!({"cnf": {"x5t#S256": thumbprint}});
        [
            self.world.authority.jwt(&bound),
            self.world.authority.opaque(&bound),
        ]
    }

    fn builder(&self) -> ClientBuilder {
        let root = reqwest::Certificate::from_pem(self.root.pem().as_bytes()).unwrap();
        let address = self.world.proxy.listeners[2].1;
        reqwest::Client::builder()
            .no_proxy()
            .resolve("site.example", address)
            .tls_certs_only([root])
    }

    async fn get(&self, path: &str, token: &str, client: ClientBuilder) -> reqwest::Result<Response> {
        let port = self.world.proxy.listeners[2].1.port();
        let request = client.build()?.get(format!("https://site.example:{port}{path}"));
        request.bearer_auth(token).send().await
    }

    async fn status(&self, path: &str, token: &str, holder: Option<&Holder>) -> u16 {
        let client = self.builder();
        let client = match holder {
            Some(holder) => client.identity(holder.identity()),
            None => client,
        };
        self.get(path, token, client).await.unwrap().status().as_u16()
    }
}

/// O25
#[tokio::test(flavor = "multi_thread")]
async fn a_token_bound_to_a_certificate_passes_on_connections_with_it_only() {
    let edge = Edge::with("optional", None).await;
    let (holder, other) = (Holder::own(), Holder::own());
    for token in edge.tokens(&holder.thumbprint()) {
        for http1 in [true, false] {
            let client = edge.builder().identity(holder.identity());
            let client = if http1 { client.http1_only() } else { client };
            let response = edge.get("/orders/1", &token, client).await.unwrap();
            assert_eq!(response.status(), 200);
            assert_eq!(response.version() == reqwest::Version::HTTP_11, http1);
        }
        assert_eq!(edge.status("/orders/1", &token, Some(&other)).await, 401);
        assert_eq!(edge.status("/orders/1", &token, None).await, 401);
        let plain = edge.world.get_with("/orders/1", &token).await;
        assert_eq!((plain.status, plain.code()), (401, "invalid_token"));
        let said = plain.header("www-authenticate").unwrap();
        assert!(
            said.starts_with("Bearer ") && said.contains("error=\"invalid_token\""),
            "{said}"
        );
    }
    assert_eq!(edge.world.upstream.hits(), 4);
}

/// O25: whoever copied a certificate, which is public, has no key for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_without_its_key_makes_no_connection() {
    let edge = Edge::with("optional", None).await;
    let (holder, thief) = (Holder::own(), Holder::own());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(edge.root.der().clone()).unwrap();
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(Copied::new(&holder, &thief)));
    let client = edge.builder().tls_backend_preconfigured(config);
    let [token, _] = edge.tokens(&holder.thumbprint());
    assert!(edge.get("/orders/1", &token, client).await.is_err());
    assert_eq!(edge.world.upstream.hits(), 0);
}

/// Shows one certificate and signs with the key of another.
#[derive(Debug)]
struct Copied(Arc<CertifiedKey>);

impl Copied {
    fn new(shown: &Holder, signing: &Holder) -> Self {
        let key = PrivateKeyDer::from_pem_slice(signing.key.serialize_pem().as_bytes()).unwrap();
        let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![shown.certificate.der().clone()];
        Self(Arc::new(CertifiedKey::new(chain, key)))
    }
}

impl ResolvesClientCert for Copied {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_may_demand_certificates_of_its_authorities() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let name = &mut authority.distinguished_name;
    name.push(rcgen::DnType::CommonName, "Authority");
    let root = authority.self_signed(&key).unwrap();
    let holder = Holder::signed_by(&rcgen::Issuer::new(authority, key));
    let edge = Edge::with("required", Some(&root)).await;
    let [token, _] = edge.tokens(&holder.thumbprint());
    assert_eq!(edge.status("/orders/1", &token, Some(&holder)).await, 200);
    let stranger = edge.builder().identity(Holder::own().identity());
    assert!(edge.get("/public", &token, stranger).await.is_err());
    assert!(edge.get("/public", &token, edge.builder()).await.is_err());
}

/// Bound tokens are not needed to connect with a certificate, and a connection without one serves unbound tokens.
#[tokio::test(flavor = "multi_thread")]
async fn unbound_tokens_pass_with_and_without_certificates() {
    let edge = Edge::with("optional", None).await;
    let token = edge.world.authority.jwt(&json!({}));
    assert_eq!(edge.status("/orders/1", &token, None).await, 200);
    assert_eq!(edge.status("/orders/1", &token, Some(&Holder::own())).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_may_demand_tokens_bound_to_certificates() {
    let edge = Edge::with("optional", None).await;
    let holder = Holder::own();
    let unbound = edge.world.authority.jwt(&json!({}));
    let [token, _] = edge.tokens(&holder.thumbprint());
    for path in ["/vault", "/either"] {
        assert_eq!(edge.status(path, &unbound, Some(&holder)).await, 401, "{path}");
        assert_eq!(edge.status(path, &token, Some(&holder)).await, 200, "{path}");
    }
    let bare = edge.world.get("/vault", &[]).await;
    let said: Vec<_> = bare.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(said, ["Bearer realm=\"https://api\""]);
}

/// X09, O25: only a trusted peer names a certificate, and only where the listener says so.
#[tokio::test(flavor = "multi_thread")]
async fn the_header_counts_from_trusted_peers_of_listeners_that_say_so() {
    let edge = Edge::with("optional", None).await;
    let holder = Holder::own();
    let (named, other) = (holder.header(), Holder::own().header());
    for token in edge.tokens(&holder.thumbprint()) {
        let credential = format!("Bearer {token}");
        let headers = [("authorization", credential.as_str()), ("client-cert", &named)];
        for (listener, expected) in [(3, 200), (1, 401), (0, 401)] {
            let reply = edge.world.send(listener, "GET", "/orders/1", &headers).await;
            assert_eq!(reply.status, expected, "listener {listener}");
        }
        for wrong in [&other, "", "::", &format!("{named}, {named}")] {
            let headers = [("authorization", credential.as_str()), ("client-cert", wrong)];
            let reply = edge.world.send(3, "GET", "/orders/1", &headers).await;
            assert_eq!((reply.status, reply.code()), (401, "invalid_token"), "{wrong}");
        }
        let twice = [headers[0], headers[1], headers[1]];
        assert_eq!(edge.world.send(3, "GET", "/orders/1", &twice).await.status, 401);
    }
}

/// X09
#[tokio::test(flavor = "multi_thread")]
async fn the_header_of_a_stranger_never_reaches_the_service() {
    let edge = Edge::with("optional", None).await;
    let named = Holder::own().header();
    let headers = [("client-cert", named.as_str()), ("client-cert-chain", &named)];
    for (listener, expected) in [(0, 0), (1, 0), (3, 1)] {
        let reply = edge.world.send(listener, "GET", "/public", &headers).await;
        assert_eq!(reply.status, 200);
        for name in ["client-cert", "client-cert-chain"] {
            assert_eq!(reply.seen(name).len(), expected, "listener {listener}");
        }
    }
}

/// O25: a gateway that asks names the certificate of whom it asks for; its own would be the wrong one.
#[tokio::test(flavor = "multi_thread")]
async fn forward_auth_judges_the_certificate_that_the_gateway_names() {
    let edge = Edge::with("optional", None).await;
    let holder = Holder::own();
    let [token, _] = edge.tokens(&holder.thumbprint());
    let credential = format!("Bearer {token}");
    let named = holder.header();
    let headers = [
        ("authorization", credential.as_str()),
        ("x-original-uri", "/orders/1"),
        ("client-cert", &named),
    ];
    assert_eq!(edge.world.send(3, "GET", "/check", &headers).await.status, 200);
    assert_eq!(edge.world.send(1, "GET", "/check", &headers).await.status, 401);
    assert_eq!(
        edge.world.send(3, "GET", "/check", &headers[..2]).await.status,
        401
    );
    assert_eq!(edge.status("/check", &token, Some(&holder)).await, 200);
}

/// O25: a session that is resumed proves nothing anew, so none is.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_with_certificates_are_not_resumed() {
    let edge = Edge::with("optional", None).await;
    let holder = Holder::own();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(edge.root.der().clone()).unwrap();
        let config = rustls::ClientConfig::builder_with_protocol_versions(&[version])
            .with_root_certificates(roots)
            .with_client_cert_resolver(Arc::new(Copied::new(&holder, &holder)));
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        for _ in 0..3 {
            let address = edge.world.proxy.listeners[2].1;
            let socket = tokio::net::TcpStream::connect(address).await.unwrap();
            let name = "site.example".try_into().unwrap();
            let mut stream = connector.connect(name, socket).await.unwrap();
            let request = b"GET /public HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n\r\n";
            stream.write_all(request).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 200"));
            assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
        }
    }
}
