//! TLS listeners: HTTP/2 by ALPN, the server name, a certificate that changes.
//! Certificates are made for each test.

use crate::support::{ROUTES, World};
use introspect_proxy::authority::Authority;
use introspect_proxy::config::parse;
use std::path::Path;
use std::time::Duration;

fn certify(directory: &Path, name: &str) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    std::fs::write(directory.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
}

async fn world(directory: &Path) -> World {
    let listener = format!(
        "{ROUTES}\n[[listeners]]\nname = \"tls\"\nlisten = \"127.0.0.1:0\"\n\
         tls = {{ certificate_file = \"{0}/cert.pem\", key_file = \"{0}/key.pem\" }}\n",
        directory.display()
    );
    World::with(&listener, "").await
}

fn client(world: &World, root: reqwest::Certificate) -> reqwest::Client {
    let address = world.proxy.listeners[2].1;
    let builder = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([root])
        .resolve("site.example", address);
    builder.build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_offers_http2_and_keeps_clients_to_the_site_they_connected_to() {
    let directory = tempfile::tempdir().unwrap();
    let root = certify(directory.path(), "site.example");
    let world = world(directory.path()).await;
    let client = client(&world, root);
    let url = format!(
        "https://site.example:{}/public",
        world.proxy.listeners[2].1.port()
    );
    let response = client.get(&url).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.version()),
        (200, reqwest::Version::HTTP_2)
    );
    assert!(
        response
            .text()
            .await
            .unwrap()
            .contains("[\"x-forwarded-proto\",\"https\"]")
    );
}

/// X10
#[tokio::test(flavor = "multi_thread")]
async fn another_host_than_the_handshake_named_is_misdirected() {
    let directory = tempfile::tempdir().unwrap();
    let root = certify(directory.path(), "site.example");
    let world = world(directory.path()).await;
    let address = world.proxy.listeners[2].1;
    let builder = reqwest::Client::builder()
        .no_proxy()
        .http1_only()
        .tls_certs_only([root]);
    let client = builder.resolve("site.example", address).build().unwrap();
    let url = format!("https://site.example:{}/public", address.port());
    let response = client
        .get(&url)
        .header("host", "other.example")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 421);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_used_after_a_reload_and_a_broken_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    certify(directory.path(), "site.example");
    let mut world = world(directory.path()).await;
    let config = parse(&format!(
        "listeners = [{{ name = \"public\", listen = \"127.0.0.1:0\" }}]\n[authorization_server]\n\
         issuer = \"{}\"\nclient_id = \"edge\"\nclient_secret = \"0123456789abcdef\"\n",
        world.authority.issuer
    ))
    .unwrap();
    let root = certify(directory.path(), "site.example");
    world.proxy.reload(&config).await.unwrap();
    let url = format!(
        "https://site.example:{}/healthz",
        world.proxy.listeners[2].1.port()
    );
    assert_eq!(
        client(&world, root.clone())
            .get(&url)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    std::fs::write(directory.path().join("key.pem"), "broken").unwrap();
    world.proxy.reload(&config).await.unwrap();
    assert_eq!(client(&world, root).get(&url).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorization_server_that_nobody_vouches_for_is_told_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    certify(directory.path(), "site.example");
    let world = world(directory.path()).await;
    let settings = format!(
        "listeners = [{{ name = \"public\", listen = \"127.0.0.1:0\" }}]\n[authorization_server]\n\
         issuer = \"https://{}\"\nclient_id = \"edge\"\nclient_secret = \"0123456789abcdef\"\n",
        world.proxy.listeners[2].1
    );
    let authority = Authority::new(&parse(&settings).unwrap().authorization_server).unwrap();
    // The first handshake of a process reads the system's authorities, and may be too slow for the deadline of one question.
    let told = async {
        loop {
            let told = authority.tell(&authority.discover().await.err().unwrap());
            if !told.contains("timed out") {
                return told;
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(60), told).await.unwrap();
    assert!(
        told.contains("SSL_CERT_FILE") && !told.contains("does it run"),
        "{told}"
    );
}
