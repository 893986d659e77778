//! Proofs of possession at the surfaces (RFC 9449): refused in the words of the surface, with the challenge and the nonce.

use jose::{Algorithm, SigningKey};
use oauth::dpop::access_token_hash;
use serde_json::json;

use crate::app::App;
use crate::app::json::Reply;
use crate::people::register;

/// How a surface spells a code.
type Spell = fn(&str) -> String;

/// One door of each surface.
const DOORS: [(&str, Spell); 4] = [
    ("/auth/me", str::to_ascii_lowercase),
    ("/api/session", str::to_ascii_lowercase),
    ("/api/auth/me", str::to_ascii_lowercase),
    ("/v1/users/me", str::to_ascii_uppercase),
];

async fn get(app: &App, path: &str, token: &str, proof: &str) -> Reply {
    let program = app.program().with("authorization", &format!("DPoP {token}"));
    program.with("dpop", proof).get(path).await
}

/// A proof for this door, good but for the nonce that it may need.
fn proof(app: &App, key: &SigningKey, (path, token): (&str, &str), nonce: &str) -> String {
    let mut claims = json!({
        "jti": format!("{path} {nonce}"), "htm": "GET", "iat": app.ctx().now.as_seconds(),
        "htu": format!("{}{path}", app.authority.settings.issuer), "ath": access_token_hash(token),
    });
    if !nonce.is_empty() {
        claims["nonce"] = json!(nonce);
    }
    key.prove("dpop+jwt", &claims).unwrap()
}

/// A refusal in the words of the surface, with a challenge for proofs.
fn assert_refused(reply: &Reply, code: &str, error: &str) {
    assert_eq!(reply.refusal(), (401, code));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.text("/meta/requestId"), reply.header("x-request-id"));
    assert!(reply.text("/error/message").ends_with('.'));
    let said = reply.headers.get_all("www-authenticate").iter();
    let mut said = said.map(|line| line.to_str().unwrap());
    let challenge = said
        .find(|line| line.starts_with("DPoP realm=\"authz\""))
        .unwrap();
    for part in ["algs=\"ES256", &format!("error=\"{error}\"")] {
        assert!(challenge.contains(part), "{challenge}");
    }
}

/// O25
#[tokio::test]
async fn a_bad_proof_is_refused_in_the_words_of_the_surface() {
    let app = App::new().await;
    let token = register(&app).await;
    let token = token.text("/token");
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    for (path, spell) in DOORS {
        let elsewhere = proof(&app, &key, ("/v1/other", token), "");
        for bad in ["garbage", &elsewhere] {
            let reply = get(&app, path, token, bad).await;
            assert_refused(&reply, &spell("invalid_dpop_proof"), "invalid_dpop_proof");
        }
        let program = app.program().with("authorization", &format!("DPoP {token}"));
        let missing = program.get(path).await;
        assert_refused(&missing, &spell("invalid_dpop_proof"), "invalid_dpop_proof");
    }
}

/// O25: a token that is bound to no key is not made one by a proof.
#[tokio::test]
async fn a_good_proof_beside_a_token_of_somebody_else_is_no_credential() {
    let app = App::new().await;
    let token = register(&app).await;
    let token = token.text("/token");
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    for (path, spell) in DOORS {
        let reply = get(&app, path, token, &proof(&app, &key, (path, token), "")).await;
        assert_refused(&reply, &spell("unauthorized"), "invalid_token");
    }
}

/// RFC 9449 §9
#[tokio::test]
async fn a_proof_without_its_nonce_is_told_the_nonce() {
    let app = App::with(|settings| settings.tokens.demand_dpop_nonce = true).await;
    let token = register(&app).await;
    let token = token.text("/token");
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    for (path, spell) in DOORS {
        let reply = get(&app, path, token, &proof(&app, &key, (path, token), "")).await;
        assert_refused(&reply, &spell("use_dpop_nonce"), "use_dpop_nonce");
        let nonce = reply.header("dpop-nonce").to_owned();
        assert!(!nonce.is_empty());
        let again = get(&app, path, token, &proof(&app, &key, (path, token), &nonce)).await;
        assert_eq!(
            again.refusal(),
            (401, &*spell("unauthorized")),
            "the proof is taken now"
        );
    }
}
