//! Debian's nginx with `auth_request` in front of `/check`, with nothing special in its configuration.

use tests::demo::{Demo, SHOP};
use tests::nginx::Nginx;

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
