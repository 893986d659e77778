//! Both programs as an operator meets them: they start, answer, survive a kill, and stop when asked.
//! What they decide about tokens is tested elsewhere.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use tests::server::{Server, Setup};

async fn status(url: &str) -> u16 {
    reqwest::get(url).await.unwrap().status().as_u16()
}

async fn is_healthy(server: &Server) {
    for path in ["/healthz", "/readyz"] {
        assert_eq!(status(&server.url(path)).await, 200, "{path}");
        assert_eq!(status(&server.admin_url(path)).await, 200, "{path}");
    }
}

#[tokio::test]
async fn a_server_on_sqlite_answers_once_its_port_file_is_there() {
    let server = Server::start(Setup::sqlite()).await.unwrap();
    is_healthy(&server).await;
    assert_eq!(status(&server.admin_url("/metrics")).await, 200);
    assert_eq!(status(&server.url("/metrics")).await, 404);
}

#[tokio::test]
async fn a_server_on_an_empty_postgresql_database_answers() {
    let server = Server::start(Setup::postgres()).await.unwrap();
    is_healthy(&server).await;
}

#[tokio::test]
async fn a_killed_server_comes_back_on_the_same_address_and_issuer() {
    let mut server = Server::start(Setup::sqlite()).await.unwrap();
    let before = (server.issuer(), server.admin_url("/"));
    for _ in 0..3 {
        server.kill_hard().unwrap();
        assert!(reqwest::get(server.url("/healthz")).await.is_err());
        server.restart().await.unwrap();
        is_healthy(&server).await;
        assert_eq!((server.issuer(), server.admin_url("/")), before);
    }
}

#[tokio::test]
async fn a_server_asked_to_stop_ends_with_success() {
    let mut server = Server::start(Setup::sqlite()).await.unwrap();
    assert!(server.stop().await.unwrap().success());
}

#[tokio::test]
async fn a_wrong_setting_ends_the_start_with_the_reason() {
    let setup = Setup::sqlite().with("[tokens]\nno_such_setting = 1");
    let error = Server::start(setup).await.err().unwrap();
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}
