//! Tokens bound to a key, with a client that we did not write: openid-client makes the proofs, server and proxy judge them.

use std::path::Path;

use tests::agent::Agent;
use tests::demo::{CALLBACK, Demo, PASSWORD};
use tests::server::Setup;
use tokio::process::Command;

const WALLET: &str = r#"
[[clients]]
id = "wallet"
name = "Wallet"
redirect_uris = ["http://127.0.0.1:9000/callback"]
scopes = ["openid", "orders:read"]
resources = ["https://api.example.com"]
dpop_bound_access_tokens = true
"#;

/// O12, O25: with and without nonces of the server; the proxy demands its own.
#[tokio::test]
async fn openid_client_holds_its_key_at_server_and_proxy() {
    for nonces in ["false", "true"] {
        let setup = Setup::sqlite()
            .with(WALLET)
            .env("AUTHZ_TOKENS__DEMAND_DPOP_NONCE", nonces);
        let demo = Demo::with(setup).await.unwrap();
        let issuer = demo.server.issuer();
        let agent = Agent::new().unwrap();
        agent.register(&issuer, "ada", PASSWORD).await.unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let run = Command::new("node")
            .arg(root.join("conformance/clients/node/dpop.mjs"))
            .env("ISSUER", &issuer)
            .env("API", demo.proxy.url("/orders/1"))
            .env("CLIENT_ID", "wallet")
            .env("CLIENT_SECRET", "none")
            .env("REDIRECT_URI", CALLBACK)
            .env("LOGIN_USERNAME", "ada")
            .env("LOGIN_PASSWORD", PASSWORD)
            .env("SCOPE", "openid orders:read")
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "nonces {nonces}:\n{said}");
    }
}
