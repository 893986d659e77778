//! Real sockets: plain and TLS, HTTP/1 and HTTP/2, and an orderly end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::{fs, net::SocketAddr, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc, time::Duration};

use authz_server::{
    config::TlsConfig,
    http::ClientCertificate,
    listener::{Certificates, Listener, Peer},
};
use axum::{Extension, Router, routing::get};
use reqwest::{Client, ClientBuilder};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    done: JoinHandle<()>,
}

async fn start(router: Router, tls: Option<Certificates>, grace: Duration) -> Running {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), tls).await.unwrap();
    let (address, stop) = (listener.address(), CancellationToken::new());
    let done = tokio::spawn(listener.serve(router, stop.clone(), grace));
    Running { address, stop, done }
}

/// A route that says when it was entered and answers when it is let go.
fn waiting(entered: &Arc<Notify>, leave: &Arc<Notify>) -> Router {
    let (entered, leave) = (entered.clone(), leave.clone());
    Router::new().route(
        "/wait",
        get(move || async move {
            entered.notify_one();
            leave.notified().await;
            "finished"
        }),
    )
}

#[tokio::test]
async fn a_request_in_progress_is_finished_when_the_server_stops() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let running = start(waiting(&entered, &leave), None, Duration::from_secs(60)).await;
    let url = format!("http://{}/wait", running.address);
    let request = tokio::spawn(async move { reqwest::get(url).await.unwrap().text().await.unwrap() });
    entered.notified().await;
    running.stop.cancel();
    leave.notify_one();
    assert_eq!(request.await.unwrap(), "finished");
    running.done.await.unwrap();
    assert!(
        TcpStream::connect(running.address).await.is_err(),
        "nothing listens any more"
    );
}

#[tokio::test]
async fn a_request_that_outstays_the_grace_is_cut() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let running = start(waiting(&entered, &leave), None, Duration::ZERO).await;
    let url = format!("http://{}/wait", running.address);
    let request = tokio::spawn(reqwest::get(url));
    entered.notified().await;
    running.stop.cancel();
    running.done.await.unwrap();
    assert!(request.await.unwrap().is_err());
}

#[tokio::test]
async fn one_plain_port_speaks_both_versions() {
    let router = Router::new().route(
        "/",
        get(|Extension(peer): Extension<Peer>| async move { peer.secure.to_string() }),
    );
    let running = start(router, None, Duration::ZERO).await;
    let url = format!("http://{}/", running.address);
    for (builder, version) in [
        (Client::builder(), http::Version::HTTP_11),
        (Client::builder().http2_prior_knowledge(), http::Version::HTTP_2),
    ] {
        let answer = builder.build().unwrap().get(&url).send().await.unwrap();
        assert_eq!(answer.version(), version);
        assert_eq!(answer.text().await.unwrap(), "false");
    }
}

#[tokio::test]
async fn an_endless_head_is_refused() {
    let running = start(Router::new(), None, Duration::ZERO).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let line = format!("x-filler: {}\r\n", "x".repeat(1000));
    for _ in 0..60 {
        if stream.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    _ = stream.read_to_end(&mut answer).await;
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

/// Writes a new self-signed certificate and gives it for clients to trust.
fn write_certificate(folder: &Path) -> (TlsConfig, reqwest::Certificate) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let files = TlsConfig {
        certificate_file: folder.join("certificate.pem"),
        key_file: folder.join("key.pem"),
        client_certificates: false,
    };
    fs::write(&files.certificate_file, made.cert.pem()).unwrap();
    fs::write(&files.key_file, made.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(&files.key_file, fs::Permissions::from_mode(0o600)).unwrap();
    (
        files,
        reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap(),
    )
}

/// A client that trusts one certificate only, and opens a new connection.
fn trusting(certificate: &reqwest::Certificate, address: SocketAddr) -> ClientBuilder {
    Client::builder()
        .tls_certs_only([certificate.clone()])
        .resolve("localhost", address)
}

#[tokio::test]
async fn a_new_certificate_takes_over_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (files, first) = write_certificate(folder.path());
    let certificates = Certificates::load(files).unwrap();
    let router = Router::new().route(
        "/",
        get(|Extension(peer): Extension<Peer>| async move { peer.secure.to_string() }),
    );
    let running = start(router, Some(certificates.clone()), Duration::ZERO).await;
    let url = format!("https://localhost:{}/", running.address.port());

    let answer = trusting(&first, running.address)
        .build()
        .unwrap()
        .get(&url)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (answer.version(), answer.text().await.unwrap().as_str()),
        (http::Version::HTTP_2, "true")
    );

    let (_, second) = write_certificate(folder.path());
    certificates.reload().unwrap();
    assert!(
        trusting(&second, running.address)
            .build()
            .unwrap()
            .get(&url)
            .send()
            .await
            .is_ok()
    );
    assert!(
        trusting(&first, running.address)
            .build()
            .unwrap()
            .get(&url)
            .send()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_broken_certificate_does_not_replace_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let (files, good) = write_certificate(folder.path());
    let certificates = Certificates::load(files.clone()).unwrap();
    let running = start(Router::new(), Some(certificates.clone()), Duration::ZERO).await;
    fs::write(
        &files.certificate_file,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    assert!(certificates.reload().is_err());
    let url = format!("https://localhost:{}/", running.address.port());
    assert!(
        trusting(&good, running.address)
            .build()
            .unwrap()
            .get(&url)
            .send()
            .await
            .is_ok()
    );
}

async fn shown(certificate: Option<Extension<ClientCertificate>>) -> String {
    let digest = certificate.map(|shown| oauth::confirmation::thumbprint(shown.0.0));
    digest.unwrap_or_else(|| "none".to_owned())
}

/// O25
#[tokio::test]
async fn a_client_certificate_is_noted_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (files, root) = write_certificate(folder.path());
    let made = rcgen::generate_simple_self_signed(vec!["client.example".to_owned()]).unwrap();
    let own = oauth::confirmation::certificate_thumbprint(made.cert.der());
    let pem = made.cert.pem() + &made.signing_key.serialize_pem();
    for (asks, expected) in [(true, own.as_str()), (false, "none")] {
        let files = TlsConfig {
            client_certificates: asks,
            ..files.clone()
        };
        let certificates = Certificates::load(files).unwrap();
        let router = Router::new().route("/", get(shown));
        let running = start(router, Some(certificates), Duration::ZERO).await;
        let url = format!("https://localhost:{}/", running.address.port());
        let identity = reqwest::Identity::from_pem(pem.as_bytes()).unwrap();
        let with = trusting(&root, running.address)
            .identity(identity)
            .build()
            .unwrap();
        let answer = with.get(&url).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), expected);
        let without = trusting(&root, running.address).build().unwrap();
        let answer = without.get(&url).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "none");
    }
}

/// O25: whoever copied a certificate, which is public, has no key for it.
#[tokio::test]
async fn a_certificate_without_its_key_makes_no_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (mut files, _) = write_certificate(folder.path());
    files.client_certificates = true;
    let root = CertificateDer::from_pem_file(&files.certificate_file).unwrap();
    let router = Router::new().route("/", get(shown));
    let running = start(router, Some(Certificates::load(files).unwrap()), Duration::ZERO).await;
    let [copied, other] =
        [(); 2].map(|()| rcgen::generate_simple_self_signed(vec!["client.example".to_owned()]).unwrap());
    for (key, connects) in [(&copied.signing_key, true), (&other.signing_key, false)] {
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
        let certified = CertifiedKey::new(vec![copied.cert.der().clone()], key);
        let mut roots = rustls::RootCertStore::empty();
        roots.add(root.clone()).unwrap();
        let config = rustls::ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        let client = Client::builder()
            .resolve("localhost", running.address)
            .tls_backend_preconfigured(config);
        let url = format!("https://localhost:{}/", running.address.port());
        let answer = client.build().unwrap().get(url).send().await;
        assert_eq!(answer.is_ok(), connects);
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
