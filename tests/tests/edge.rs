//! Server and proxy together: what ends at the one is refused at the other.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use tests::agent::Agent;
use tests::demo::{CALLBACK, Demo, OPAQUE, PASSWORD, SHOP};
use tests::server::Setup;
use url::Url;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async fn on_both(test: impl AsyncFn(Demo)) {
    for setup in [Setup::sqlite(), Setup::postgres()] {
        test(Demo::with(setup).await.unwrap()).await;
    }
}

/// Tokens of a person who has registered with `agent`.
async fn log_in(demo: &Demo, agent: &Agent) -> serde_json::Value {
    let issuer = demo.server.issuer();
    agent.register(&issuer, "ada", PASSWORD).await.unwrap();
    let mut url = Url::parse(&format!("{issuer}/oauth2/authorize")).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", SHOP.0),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid orders:read"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let landed = agent.authorize(url.as_str(), "ada", PASSWORD).await.unwrap();
    let code = landed
        .query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    demo.token(SHOP, &form).await.unwrap()
}

/// R12, S05
#[tokio::test]
async fn a_revoked_token_of_either_form_is_refused_at_once() {
    on_both(async |demo| {
        for client in [SHOP, OPAQUE] {
            let token = demo.client_credentials(client).await.unwrap();
            assert_eq!(demo.call(&token, "/orders/1").await.unwrap(), 200);
            demo.post(client, "/oauth2/revoke", &[("token", &token)])
                .await
                .unwrap()
                .error_for_status()
                .unwrap();
            assert!(!demo.is_active(client, &token).await.unwrap());
            demo.refused_after(&token).await.unwrap();
        }
    })
    .await;
}

/// S08
#[tokio::test]
async fn logging_out_ends_the_access_token_at_the_proxy() {
    on_both(async |demo| {
        let agent = Agent::new().unwrap();
        let tokens = log_in(&demo, &agent).await;
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(demo.call(access, "/orders/1").await.unwrap(), 200);
        let url = format!(
            "{}/oauth2/logout?id_token_hint={}",
            demo.server.issuer(),
            tokens["id_token"].as_str().unwrap()
        );
        assert!(
            agent
                .open(&url)
                .await
                .unwrap()
                .page()
                .unwrap()
                .has("page-logged-out")
        );
        demo.refused_after(access).await.unwrap();
        let refresh = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ];
        assert!(
            demo.token(SHOP, &refresh)
                .await
                .unwrap_err()
                .to_string()
                .contains("invalid_grant")
        );
    })
    .await;
}

/// C08
#[tokio::test]
async fn without_the_server_an_unknown_token_is_503_with_retry_after() {
    let mut demo = Demo::start().await.unwrap();
    let token = demo.client_credentials(OPAQUE).await.unwrap();
    demo.server.kill_hard().unwrap();
    let answer = demo
        .http
        .get(demo.proxy.url("/orders/1"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
}
