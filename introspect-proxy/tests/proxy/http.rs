//! HTTP at the proxy: framing, paths, methods, hosts, headers.
//! Requests are written byte by byte where a client library would tidy them up.

use crate::support::{World, read_answer, status_of};
use serde_json::json;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// X01, X02, X03, X04, X10
#[tokio::test(flavor = "multi_thread")]
async fn ambiguous_heads_never_reach_the_upstream() {
    let world = World::start().await;
    for fields in [
        "Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Host: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n",
        "Host: a\r\nContent-Length: +5\r\n",
        "Host: a\r\nTransfer-Encoding: chunked, identity\r\n",
        "Host: a\r\nTransfer-Encoding : chunked\r\n",
        "Host: a\r\nX: 1\r\n folded\r\n",
        "Host: a\r\nX: 1\0\r\n",
        "Host: a\r\nX: 1\nY: 2\r\n",
        "Host: a\r\nHost: b\r\n",
        "Host: u@a\r\n",
        "",
    ] {
        let answer = world
            .raw(&format!("POST /public HTTP/1.1\r\n{fields}\r\n0\r\n\r\n"))
            .await;
        assert_eq!(status_of(&answer), 400, "{fields:?}: {answer}");
        assert!(answer.contains("Connection: close"), "{answer}");
    }
    assert_eq!(world.upstream.hits(), 0);
}

/// X05
#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_path_avoids_its_rule() {
    let world = World::start().await;
    let token = world.authority.jwt(&json!({}));
    let paths = [
        "/./admin",
        "//admin",
        "/x/../admin",
        "/%61dmin",
        "/x/%2e%2e/admin",
        "/x/..%2fadmin",
        "/ADMIN",
        "/admin/",
        "/admin;x=1",
        "/admin",
        "/x/..\\admin",
        "/x/%252e%252e/admin",
        "/admin%00",
        "/public/../admin",
    ];
    for path in paths {
        let answer = world
            .raw(&format!(
                "GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"
            ))
            .await;
        assert!([400, 403, 404].contains(&status_of(&answer)), "{path}: {answer}");
    }
    assert_eq!(world.upstream.hits(), 0);
    let reply = world.get_with("/%6Frders/%31?a=%2e", &token).await;
    assert_eq!(
        reply.body["uri"], "/orders/1?a=%2e",
        "the path that was judged is forwarded"
    );
}

/// X06, X11
#[tokio::test(flavor = "multi_thread")]
async fn identity_from_outside_is_removed_also_on_public_routes() {
    let world = World::start().await;
    let token = world.authority.jwt(&json!({}));
    let evil = "X-Auth-Subject: evil\r\nx-auth-SUBJECT: evil\r\nX_Auth_Subject: evil\r\nX-User-Id: evil\r\nX-Auth-Roles: evil";
    let bearer = format!("Authorization: Bearer {token}");
    for (path, credential, subjects) in [("/orders/1", bearer.as_str(), 1), ("/public", "Accept: */*", 0)] {
        let answer = world
            .raw(&format!(
                "GET {path} HTTP/1.1\r\nHost: a\r\n{credential}\r\n{evil}\r\n\r\n"
            ))
            .await;
        assert_eq!(status_of(&answer), 200, "{answer}");
        assert!(!answer.contains("evil"), "{answer}");
        assert_eq!(answer.matches("x-auth-subject").count(), subjects, "{answer}");
    }
}

/// X07
#[tokio::test(flavor = "multi_thread")]
async fn two_credentials_are_refused() {
    let world = World::start().await;
    let token = world.authority.jwt(&json!({}));
    let bearer = format!("Bearer {token}");
    for headers in [
        [
            ("authorization", bearer.as_str()),
            ("authorization", bearer.as_str()),
        ],
        [("authorization", bearer.as_str()), ("x-api-key", token.as_str())],
        [("authorization", &format!("{bearer},{token}")), ("accept", "*/*")],
    ] {
        let reply = world.get("/orders/1", &headers).await;
        assert_eq!((reply.status, reply.code()), (400, "invalid_request"));
    }
}

/// X08
#[tokio::test(flavor = "multi_thread")]
async fn upgrades_and_hop_by_hop_fields_stay_here() {
    let world = World::start().await;
    let request = "GET /public HTTP/1.1\r\nHost: a\r\nConnection: upgrade, x-secret\r\nUpgrade: websocket\r\n\
                   X-Secret: 1\r\nProxy-Authorization: Basic eA==\r\nKeep-Alive: 5\r\n\r\n";
    let answer = world.raw(request).await;
    assert_eq!(status_of(&answer), 200, "{answer}");
    let seen = answer.to_ascii_lowercase();
    for name in ["\"upgrade\"", "x-secret", "proxy-authorization", "\"keep-alive\""] {
        assert!(!seen.contains(name), "{name}: {answer}");
    }
}

/// X08
#[tokio::test(flavor = "multi_thread")]
async fn bytes_after_a_request_are_never_an_unjudged_request() {
    let world = World::start().await;
    let smuggled = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = world
        .raw(&format!("GET /public HTTP/1.1\r\nHost: a\r\n\r\n{smuggled}"))
        .await;
    assert_eq!(status_of(&answer), 200);
    assert_eq!(world.upstream.hits(), 1);
}

/// X09
#[tokio::test(flavor = "multi_thread")]
async fn forwarding_headers_count_only_from_trusted_peers() {
    let world = World::start().await;
    let headers = [
        ("x-forwarded-for", "198.51.100.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil"),
    ];
    let stranger = world.send(0, "GET", "/public", &headers).await;
    assert_eq!(stranger.seen("x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(stranger.seen("x-forwarded-proto"), ["http"]);
    assert_eq!(stranger.seen("x-forwarded-host"), ["127.0.0.1"]);
    let trusted = world.send(1, "GET", "/public", &headers).await;
    assert_eq!(trusted.seen("x-forwarded-for"), ["198.51.100.7, 127.0.0.1"]);
    assert_eq!(trusted.seen("x-forwarded-proto"), ["https"]);
}

/// X11
#[tokio::test(flavor = "multi_thread")]
async fn a_public_route_is_chosen_by_its_path_alone() {
    let world = World::start().await;
    for path in [
        "/orders/1?path=/public",
        "/orders/public",
        "/x/public",
        "/public/x",
        "/orders/1?/public",
    ] {
        let status = world.get(path, &[("user-agent", "/public")]).await.status;
        assert!([401, 404].contains(&status), "{path}: {status}");
    }
}

/// X12
#[tokio::test(flavor = "multi_thread")]
async fn only_known_methods_pass_and_head_needs_what_get_needs() {
    let world = World::start().await;
    let token = world.authority.jwt(&json!({}));
    for method in ["TRACE", "BREW", "PROPFIND"] {
        let answer = world
            .raw(&format!("{method} /public HTTP/1.1\r\nHost: a\r\n\r\n"))
            .await;
        assert_eq!(status_of(&answer), 405, "{answer}");
    }
    assert_eq!(
        status_of(&world.raw("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").await),
        405
    );
    assert_eq!(world.send(0, "HEAD", "/orders/1", &[]).await.status, 401);
    let bearer = format!("Bearer {token}");
    assert_eq!(
        world
            .send(0, "HEAD", "/orders/1", &[("authorization", &bearer)])
            .await
            .status,
        200
    );
    assert_eq!(
        world
            .send(0, "DELETE", "/orders/1", &[("authorization", &bearer)])
            .await
            .status,
        404
    );
    let preflight = [
        ("origin", "https://app"),
        ("access-control-request-method", "GET"),
    ];
    assert_eq!(
        world.send(0, "OPTIONS", "/x/1", &preflight).await.status,
        401,
        "the route does not say so"
    );
}

/// X12
#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_passes_where_the_route_says_so() {
    let routes = "[[routes]]\nname = \"a\"\nmatch = { path = \"/a\", methods = [\"GET\"] }\nupstream = \"echo\"\n\
                  require = { audience = \"https://api\" }\ncors_preflight = true\n";
    let world = World::with(routes, "").await;
    let preflight = [
        ("origin", "https://app"),
        ("access-control-request-method", "GET"),
    ];
    assert_eq!(world.send(0, "OPTIONS", "/a", &preflight).await.status, 200);
    assert_eq!(
        world.send(0, "OPTIONS", "/a", &preflight[..1]).await.status,
        404,
        "not a preflight"
    );
    assert_eq!(world.get("/a", &[]).await.status, 401);
}

/// X16
#[tokio::test(flavor = "multi_thread")]
async fn large_heads_are_refused_by_name() {
    let world = World::start().await;
    let long = world
        .raw(&format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(9000)))
        .await;
    assert_eq!(status_of(&long), 414);
    let large = world
        .raw(&format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
            "x".repeat(40_000)
        ))
        .await;
    assert_eq!(status_of(&large), 431);
    let many = world
        .raw(&format!(
            "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
            "X: 1\r\n".repeat(101)
        ))
        .await;
    assert_eq!(status_of(&many), 431);
}

/// X15
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end_in_time_is_cut_off() {
    let world = World::with(crate::support::ROUTES, "[limits]\nheader_timeout = \"50ms\"\n").await;
    let mut socket = tokio::net::TcpStream::connect(world.address()).await.unwrap();
    socket
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX:")
        .await
        .unwrap();
    assert_eq!(status_of(&read_answer(&mut socket).await), 408);
}

/// X18
#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_forwarded_only_where_the_route_asks() {
    let routes = "[[routes]]\nname = \"a\"\nmatch = { path = \"/a\" }\nupstream = \"echo\"\n\
                  require = { audience = \"https://api\" }\n\
                  [[routes]]\nname = \"b\"\nmatch = { path = \"/b\" }\nupstream = \"echo\"\n\
                  require = { audience = \"https://api\" }\nforward_credential = true\n";
    let world = World::with(routes, "").await;
    let bearer = format!("Bearer {}", world.authority.jwt(&json!({})));
    let session = oauth::opaque::encode(oauth::opaque::OpaqueKind::SessionCookie, &[3; 32]);
    let cookie = format!("theme=dark; s={}", *session);
    let headers = [("authorization", bearer.as_str()), ("cookie", cookie.as_str())];
    let kept = world.get("/a", &headers).await;
    assert_eq!(
        (kept.seen("authorization").len(), kept.seen("cookie")),
        (0, vec!["theme=dark".to_owned()])
    );
    let forwarded = world.get("/b", &headers).await;
    assert_eq!(
        (forwarded.seen("authorization"), forwarded.seen("cookie")),
        (vec![bearer.clone()], vec![cookie.clone()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_upstream_is_a_problem_and_not_a_hang() {
    let world = World::start().await;
    world.upstream.stop();
    let reply = world.get("/public", &[]).await;
    assert_eq!((reply.status, reply.code()), (502, "upstream_failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_without_tls_shares_the_port() {
    let world = World::start().await;
    let http2 = reqwest::Client::builder()
        .http2_prior_knowledge()
        .no_proxy()
        .build()
        .unwrap();
    let token = world.authority.jwt(&json!({}));
    let url = format!("http://{}/orders/1", world.address());
    let response = http2.get(&url).bearer_auth(&token).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.version()),
        (200, reqwest::Version::HTTP_2)
    );
    assert_eq!(http2.get(&url).send().await.unwrap().status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_finishes_and_closes_idle_connections() {
    let world = World::start().await;
    assert_eq!(world.get("/public", &[]).await.status, 200);
    let address = world.address();
    tokio::time::timeout(Duration::from_secs(4), world.proxy.drain())
        .await
        .expect("idle connections do not hold it");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

/// X01, X10: a whole URL as target is one more way to say host and path, and is judged as those are.
#[tokio::test(flavor = "multi_thread")]
async fn a_url_as_target_is_judged_by_its_path_and_its_host() {
    let world = World::start().await;
    let token = world.authority.jwt(&json!({}));
    let cases = [
        ("http://api.test/public?x=1", "api.test", 200),
        ("HTTP://API.test:80/public", "api.test", 200),
        ("http://api.test/orders/1", "api.test", 200),
        ("http://api.test/admin", "api.test", 403),
        ("http://api.test/public/../admin", "api.test", 400),
        ("http://api.test//admin", "api.test", 400),
        ("http://api.test/%2e%2e/admin", "api.test", 400),
        ("http://api.test", "api.test", 404),
        ("http://api.test/public", "other.test", 400),
        ("http://other.test@api.test/public", "api.test", 400),
        ("http://api.test:81/public", "api.test", 400),
        ("https://api.test/public", "api.test", 421),
        ("ftp://api.test/public", "api.test", 400),
        ("public", "api.test", 400),
    ];
    for (target, host, status) in cases {
        let answer = world
            .raw(&format!(
                "GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
            ))
            .await;
        assert_eq!(status_of(&answer), status, "{target} {host}: {answer}");
        if status == 200 {
            assert!(
                answer.contains("\"uri\":\"/"),
                "the service sees a path: {answer}"
            );
            assert!(!answer.contains("://api"), "{answer}");
        }
    }
    assert_eq!(world.upstream.hits(), 3);
}

/// X01, X08: what stands behind such a head is its body or the next request, never something else.
#[tokio::test(flavor = "multi_thread")]
async fn a_url_as_target_moves_no_boundary_between_requests() {
    let world = World::start().await;
    let token = world.authority.jwt(&json!({}));
    let body = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
    let posted = format!(
        "POST http://a/orders/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = world.raw(&posted).await;
    assert_eq!(status_of(&answer), 200, "{answer}");
    assert!(answer.contains("\"method\":\"POST\""), "{answer}");
    assert_eq!(world.upstream.hits(), 1);
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Host: b\r\n",
        " Host: b\r\n",
        "Transfer-Encoding: gzip\r\n",
    ] {
        let head = format!("POST http://a/public HTTP/1.1\r\nHost: a\r\n{framing}\r\n0\r\n\r\n");
        let answer = world.raw(&head).await;
        assert_eq!(status_of(&answer), 400, "{framing:?}: {answer}");
    }
    let old = world.raw("GET http://a/public HTTP/1.0\r\n\r\n").await;
    assert_eq!(status_of(&old), 200, "{old}");
    assert_eq!(world.upstream.hits(), 2);
}
