//! Client libraries that we did not write: openid-client and oauth4webapi from npm, Authlib from PyPI.
//! Each walks discovery → code → refresh → introspect → revoke → userinfo against the real server.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::path::Path;
use std::process::Command;

use tests::agent::Agent;
use tests::demo::{CALLBACK, PASSWORD, SHOP, sections};
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
