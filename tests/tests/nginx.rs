//! Debian's nginx with `auth_request` in front of `/check`, with nothing special in its configuration.

use tests::demo::{Demo, SHOP};
use tests::nginx::Nginx;
use tests::sample_service::SampleService;
use tests::server::Setup;

fn locations(check: &str) -> String {
    format!(
        "location /orders {{ auth_request /auth; auth_request_set $who $upstream_http_x_auth_client; add_header X-Who $who; return 204; }}
         location /free {{ return 204; }}
         location = /auth {{ internal; proxy_pass {check}; proxy_pass_request_body off; proxy_set_header Content-Length ''; }}"
    )
}

/// nginx runs `return` before `auth_request`, so what is protected must be content.
fn protected(check: &str) -> String {
    locations(check).replace(
        "return 204; }\n         location /free",
        "try_files /none @ok; }\n         location @ok { return 204; }\n         location /free",
    )
}

#[tokio::test]
async fn auth_request_lets_in_who_may_and_names_what_is_missing() {
    let demo = Demo::start().await.unwrap();
    let token = demo.client_credentials(SHOP).await.unwrap();
    for host in [demo.server.issuer(), demo.proxy.url("")] {
        let cases = [
            ("orders%3Aread", Some(&token), 204),
            ("orders%3Awrite", Some(&token), 403),
            ("orders%3Aread", None, 401),
        ];
        for (scope, token, expected) in cases {
            let nginx = Nginx::start(&protected(&format!("{host}/check?scope={scope}")))
                .await
                .unwrap();
            let mut request = nginx.client().unwrap().get("http://any.example/orders/1");
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), expected, "{host} {scope}");
        }
    }
}

const GUIDE: &str = include_str!("../../docs/how-to/nginx-and-caddy.md");

/// Books of one host are protected, another host is open, and nginx is believed which is meant.
const BESIDE: &str = r#"
[[listeners]]
name = "inner"
listen = "127.0.0.1:0"
trusted_peers = ["127.0.0.1/32"]

[[routes]]
name = "books"
match = { host = "api.example", path = "/books/**" }
require = { scopes = ["orders:read"], audience = "https://api.example.com" }

[[routes]]
name = "open"
match = { host = "open.example", path = "/**" }
require = { anonymous = true }
"#;

/// The block of the guide that begins with this line, without the indent.
fn of_the_guide(first: &str) -> String {
    let lines = GUIDE.lines().skip_while(|line| line.trim() != first);
    let block = lines.take_while(|line| line.is_empty() || line.starts_with("    "));
    block.fold(String::new(), |text, line| text + line.trim_start() + "\n")
}

/// nginx as the guide sets it up, asking about requests for the sample service.
async fn beside(demo: &Demo, service: &SampleService) -> anyhow::Result<Nginx> {
    let inner = demo.proxy.listener("inner")?;
    let asking = of_the_guide("location / {")
        .replace("127.0.0.1:9000", &service.address().to_string())
        .replace("127.0.0.1:8081", &inner.to_string());
    assert!(asking.contains("auth_request /_check;") && asking.contains("location @not_let_through"));
    Nginx::start(&asking).await
}

#[tokio::test]
async fn nginx_as_the_guide_sets_it_up_believes_nothing_that_clients_say_of_themselves() {
    let demo = Demo::with_routes(Setup::sqlite(), BESIDE).await.unwrap();
    let service = SampleService::start().await.unwrap();
    let nginx = beside(&demo, &service).await.unwrap();
    let http = nginx.client().unwrap();
    let book = || http.get("http://api.example/books/1");
    for (name, value) in [
        ("x-nothing", "special"),
        ("x-forwarded-host", "open.example"),
        ("x-original-host", "open.example"),
        ("x-original-url", "http://open.example/books/1"),
        ("x-original-uri", "/public/1"),
        ("x-forwarded-uri", "/public/1"),
        ("x-forwarded-method", "OPTIONS"),
        ("x-original-method", "OPTIONS"),
    ] {
        let answer = book().header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{name}");
    }
    let open = http.get("http://open.example/books/1").send().await.unwrap();
    assert_eq!(open.status(), 200);

    let token = demo.client_credentials(SHOP).await.unwrap();
    let let_in = book()
        .bearer_auth(&token)
        .header("x-auth-subject", "somebody-else")
        .header("x-auth-account", "somebody-else");
    let seen = let_in.send().await.unwrap().text().await.unwrap();
    assert!(seen.contains("\"x-auth-subject\":[\"shop\"]"), "{seen}");
    assert!(
        !seen.contains("somebody-else") && !seen.contains(&token),
        "{seen}"
    );
}

#[tokio::test]
async fn nginx_as_the_guide_sets_it_up_tells_what_was_meant_and_how_to_ask_why() {
    let demo = Demo::with_routes(Setup::sqlite(), BESIDE).await.unwrap();
    let service = SampleService::start().await.unwrap();
    let nginx = beside(&demo, &service).await.unwrap();
    let http = nginx.client().unwrap();
    let token = demo.client_credentials(SHOP).await.unwrap();
    let get = |path: &str| http.get(format!("http://api.example{path}")).bearer_auth(&token);
    for (path, status) in [("/nowhere", 404), ("/books/a%2Fb", 400), ("/books/1", 200)] {
        assert_eq!(get(path).send().await.unwrap().status(), status, "{path}");
    }
    let mut last = get("/limited/1").send().await.unwrap();
    for _ in 0..5 {
        assert_eq!(last.status(), 200);
        last = get("/limited/1").send().await.unwrap();
    }
    assert_eq!(last.status(), 429);
    assert!(last.headers().contains_key("retry-after"));
    let id = last.headers()["x-request-id"].to_str().unwrap();
    let why = demo.proxy.admin_url(&format!("/decisions/{id}"));
    let why = demo.http.get(why).send().await.unwrap().text().await.unwrap();
    assert!(why.contains("\"code\":\"rate_limited\""), "{why}");
}
