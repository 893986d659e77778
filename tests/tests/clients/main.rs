//! Client libraries that we did not write: the oauth2 crate, openid-client and oauth4webapi from npm, Authlib from PyPI.
//! Each walks discovery → code → refresh → introspect → revoke → userinfo against the real server.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod signers;

use std::path::Path;
use std::process::Command;

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IntrospectionUrl, PkceCodeChallenge,
    RedirectUrl, RevocationUrl, Scope, StandardRevocableToken, TokenIntrospectionResponse as _,
    TokenResponse as _, TokenUrl,
};
use tests::agent::Agent;
use tests::demo::{CALLBACK, OPAQUE, PASSWORD, SHOP, sections};
use tests::http_client::{HttpError, http};
use tests::server::{Server, Setup};

/// oauth4webapi is given a client that sends its secret in the body.
const POST_CLIENT: &str = r#"
[[clients]]
id = "shop-post"
name = "Shop that posts"
secret = "demo-only-secret-of-the-shop-0123456789"
auth_method = "client_secret_post"
redirect_uris = ["http://127.0.0.1:9000/callback"]
scopes = ["openid", "profile", "email", "offline_access", "orders:read"]
"#;

async fn walks(program: &str, script: &str, client: &str) {
    for profile in ["oauth21", "oidc"] {
        let setup = Setup::sqlite()
            .with(&sections())
            .with(POST_CLIENT)
            .env("AUTHZ_SERVER__PROFILE", profile);
        let server = Server::start(setup).await.unwrap();
        Agent::new()
            .unwrap()
            .register(&server.issuer(), "ada", PASSWORD)
            .await
            .unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let run = Command::new(if program.contains('/') {
            root.join(program)
        } else {
            program.into()
        })
        .arg(root.join("conformance/clients").join(script))
        .env("ISSUER", server.issuer())
        .env("CLIENT_ID", client)
        .env("CLIENT_SECRET", SHOP.1)
        .env("REDIRECT_URI", CALLBACK)
        .env("LOGIN_USERNAME", "ada")
        .env("LOGIN_PASSWORD", PASSWORD)
        .env("SCOPE", "openid profile email offline_access")
        .output();
        let run = run.unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{script} with profile {profile}:\n{said}");
    }
}

#[tokio::test]
async fn openid_client_walks_the_main_path() {
    walks("node", "node/openid-client.mjs", "shop").await;
}

#[tokio::test]
async fn oauth4webapi_walks_the_main_path() {
    walks("node", "node/oauth4webapi.mjs", "shop-post").await;
}

#[tokio::test]
async fn authlib_walks_the_main_path() {
    walks(".tools/python/bin/python", "python/authlib_client.py", "shop").await;
}

/// Client credentials with introspection and revocation; then code with PKCE, refresh, and the end of both tokens.
#[tokio::test]
async fn the_oauth2_crate_walks_every_flow() {
    for setup in [Setup::sqlite(), Setup::postgres()] {
        let server = Server::start(setup.with(&sections())).await.unwrap();
        let agent = Agent::new().unwrap();
        agent.register(&server.issuer(), "ada", PASSWORD).await.unwrap();
        for machine in [SHOP, OPAQUE] {
            client_credentials(&server, machine).await;
        }
        code_and_refresh(&server, &agent).await;
    }
}

/// The crate's client, with every endpoint set.
macro_rules! client {
    ($server:expr, $client:expr) => {
        BasicClient::new(ClientId::new($client.0.to_owned()))
            .set_client_secret(ClientSecret::new($client.1.to_owned()))
            .set_auth_uri(AuthUrl::new($server.url("/oauth2/authorize")).unwrap())
            .set_token_uri(TokenUrl::new($server.url("/oauth2/token")).unwrap())
            .set_introspection_url(IntrospectionUrl::new($server.url("/oauth2/introspect")).unwrap())
            .set_revocation_url(
                RevocationUrl::new($server.url("/oauth2/revoke").replace("http:", "https:")).unwrap(),
            )
            .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap())
    };
}

/// What introspection tells of the access token.
macro_rules! introspect {
    ($client:expr, $tokens:expr) => {
        $client
            .introspect($tokens.access_token())
            .request_async(&http)
            .await
            .unwrap()
    };
}

/// The crate revokes over https only: this takes the place of what terminates TLS before the server.
async fn without_tls(mut request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, HttpError> {
    let plain = request.uri().to_string().replace("https:", "http:");
    *request.uri_mut() = plain.parse().unwrap();
    http(request).await
}

async fn client_credentials(server: &Server, machine: (&str, &str)) {
    let client = client!(server, machine);
    let request = client
        .exchange_client_credentials()
        .add_scope(Scope::new("orders:read".to_owned()));
    let tokens = request.request_async(&http).await.unwrap();
    assert_eq!(
        tokens.scopes().unwrap(),
        &vec![Scope::new("orders:read".to_owned())]
    );
    assert!(tokens.refresh_token().is_none() && tokens.expires_in().is_some());
    let facts = introspect!(client, tokens);
    assert!(facts.active() && facts.client_id().unwrap().as_str() == machine.0);
    let token = StandardRevocableToken::from(tokens.access_token());
    client
        .revoke_token(token)
        .unwrap()
        .request_async(&without_tls)
        .await
        .unwrap();
    let facts = introspect!(client, tokens);
    assert!(!facts.active());
}

async fn code_and_refresh(server: &Server, agent: &Agent) {
    let client = client!(server, SHOP);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let request = client.authorize_url(CsrfToken::new_random);
    let scopes = ["openid", "offline_access", "orders:read"].map(|scope| Scope::new(scope.to_owned()));
    let (url, state) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
    let landed = agent.authorize(url.as_str(), "ada", PASSWORD).await.unwrap();
    let answer = |name: &str| {
        let mut pairs = landed.query_pairs();
        pairs.find(|(found, _)| found == name).unwrap().1.into_owned()
    };
    assert_eq!(&answer("state"), state.secret());
    let request = client.exchange_code(AuthorizationCode::new(answer("code")));
    let first = request
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await
        .unwrap();
    let request = client.exchange_refresh_token(first.refresh_token().unwrap());
    let narrower = request.add_scope(Scope::new("orders:read".to_owned()));
    let second = narrower.request_async(&http).await.unwrap();
    assert_eq!(second.scopes().unwrap().len(), 1);
    assert_ne!(
        second.refresh_token().unwrap().secret(),
        first.refresh_token().unwrap().secret()
    );
    let facts = introspect!(client, second);
    assert!(facts.active() && facts.sub().unwrap().starts_with("usr_"));
    let token = StandardRevocableToken::from(second.refresh_token().unwrap());
    client
        .revoke_token(token)
        .unwrap()
        .request_async(&without_tls)
        .await
        .unwrap();
    let facts = introspect!(client, second);
    assert!(!facts.active(), "the access token outlived its refresh token");
    let request = client.exchange_refresh_token(second.refresh_token().unwrap());
    let refused = request.request_async(&http).await.unwrap_err();
    assert!(format!("{refused:?}").contains("invalid_grant"), "{refused:?}");
}
