//! Beyond the plans: tokens bound to a key of the client (RFC 9449).

use domain::Settings;
use domain::clients::NewClient;
use http::StatusCode;
use jose::{Algorithm, SigningKey};
use model::client::{ClientSettings, GrantType};
use oauth::client_auth::ClientAuthMethod;
use oauth::dpop::access_token_hash;
use oauth::scope::ScopeSet;
use serde_json::{Value, json};

use crate::app::Answer;
use crate::suite::{CALLBACK, ISSUER, Mode, Suite, payload};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const TOKEN: &str = "/oauth2/token";
const USERINFO: &str = "/oauth2/userinfo";

/// A public client with a key of its own.
struct Wallet {
    suite: Suite,
    key: SigningKey,
    proofs: u32,
}

impl Wallet {
    async fn start(change: impl FnOnce(&mut Settings)) -> Self {
        let suite = Suite::with(Mode::Query, change).await;
        let settings = ClientSettings {
            auth_method: ClientAuthMethod::None,
            redirect_uris: vec![CALLBACK.to_owned()],
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            scopes: ScopeSet::parse("openid").unwrap(),
            ..ClientSettings::default()
        };
        let new = NewClient {
            id: "wallet".parse().unwrap(),
            name: "Wallet".to_owned(),
            settings,
        };
        let app = &suite.app;
        app.authority.create_client(&app.ctx(), new).await.unwrap();
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        Self {
            suite,
            key,
            proofs: 0,
        }
    }

    /// A fresh proof that is fine but for `change`.
    fn proof(&mut self, method: &str, path: &str, change: &Value) -> String {
        self.proofs += 1;
        let mut claims = json!({"jti": format!("proof-{}", self.proofs), "htm": method,
            "htu": format!("{ISSUER}{path}"), "iat": self.now()});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.key.prove("dpop+jwt", &claims).unwrap()
    }

    fn now(&self) -> i64 {
        self.suite.app.ctx().now.as_seconds()
    }

    fn jkt(&self) -> String {
        self.key.kid().to_owned()
    }

    async fn code(&mut self, extra: &[(&str, &str)]) -> String {
        let usual = [
            ("client_id", "wallet"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let asked: Vec<_> = usual.iter().chain(extra).copied().collect();
        self.suite.authorize(&asked).await.code().to_owned()
    }

    async fn post(&mut self, form: &[(&str, &str)], proofs: &[&str]) -> Answer {
        let headers: Vec<_> = proofs.iter().map(|proof| ("dpop", *proof)).collect();
        self.suite.app.browser().post_with(TOKEN, form, &headers).await
    }

    async fn redeem(&mut self, code: &str, proofs: &[&str]) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "wallet"),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        json_of(&self.post(&form, proofs).await)
    }

    async fn refresh(&mut self, tokens: &Value, proofs: &[&str]) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "wallet"),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ];
        json_of(&self.post(&form, proofs).await)
    }

    /// Tokens bound to the key.
    async fn tokens(&mut self) -> Value {
        let code = self.code(&[]).await;
        let proof = self.proof("POST", TOKEN, &json!({}));
        let (status, tokens) = self.redeem(&code, &[&proof]).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        tokens
    }

    async fn userinfo(&mut self, scheme: &str, token: &str, proofs: &[&str]) -> Answer {
        self.get(USERINFO, (scheme, token), proofs).await
    }

    async fn get(&mut self, path: &str, (scheme, token): (&str, &str), proofs: &[&str]) -> Answer {
        let credential = format!("{scheme} {token}");
        let mut headers = vec![("authorization", credential.as_str())];
        headers.extend(proofs.iter().map(|proof| ("dpop", *proof)));
        self.suite.app.browser().get_with(path, &headers).await
    }

    fn proof_with(&mut self, token: &str, change: &Value) -> String {
        let mut claims = json!({"ath": access_token_hash(token)});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.proof("GET", USERINFO, &claims)
    }
}

fn json_of(answer: &Answer) -> (StatusCode, Value) {
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

/// What takes access tokens: the endpoints, and a door of each surface.
const RESOURCES: [&str; 6] = [
    USERINFO,
    "/check",
    "/auth/me",
    "/api/session",
    "/api/auth/me",
    "/v1/users/me",
];

/// RFC 9449 §7.1: another token would do, and a proof would.
fn assert_asks_for_a_proof(answer: &Answer, path: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    let said = answer.headers.get_all("www-authenticate").iter();
    let said: Vec<_> = said.map(|line| line.to_str().unwrap()).collect();
    let starts = [
        "Bearer realm=\"authz\", error=\"invalid_token\"",
        "DPoP realm=\"authz\", algs=\"ES256 EdDSA PS256 RS256\", error=\"invalid_token\"",
    ];
    assert_eq!(said.len(), starts.len(), "{path}: {said:?}");
    for (said, start) in said.iter().zip(starts) {
        assert!(said.starts_with(start), "{path}: {said}");
    }
}

/// O25
#[tokio::test]
async fn whoever_does_not_hold_the_key_is_asked_for_a_proof_everywhere() {
    let mut wallet = Wallet::start(|_| ()).await;
    let bound = wallet.tokens().await;
    let unbound = wallet.suite.tokens(&[]).await.0;
    let (bound, unbound) = (access(&bound), access(&unbound));
    for path in RESOURCES {
        let bare = wallet.get(path, ("Bearer", bound), &[]).await;
        assert_asks_for_a_proof(&bare, path);
        let proof = wallet.proof("GET", path, &json!({"ath": access_token_hash(unbound)}));
        let needless = wallet.get(path, ("DPoP", unbound), &[&proof]).await;
        assert_asks_for_a_proof(&needless, path);
        let other = SigningKey::generate(Algorithm::Es256).unwrap();
        let own = std::mem::replace(&mut wallet.key, other);
        let foreign = wallet.proof("GET", path, &json!({"ath": access_token_hash(bound)}));
        wallet.key = own;
        let foreign = wallet.get(path, ("DPoP", bound), &[&foreign]).await;
        assert_asks_for_a_proof(&foreign, path);
    }
}

/// O25
#[tokio::test]
async fn a_bound_token_is_good_with_a_proof_and_never_as_bearer() {
    let mut wallet = Wallet::start(|_| ()).await;
    let tokens = wallet.tokens().await;
    assert_eq!(tokens["token_type"], "DPoP");
    assert_eq!(payload(access(&tokens))["cnf"], json!({"jkt": wallet.jkt()}));
    let proof = wallet.proof_with(access(&tokens), &json!({}));
    let found = wallet.userinfo("DPoP", access(&tokens), &[&proof]).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
    for scheme in ["Bearer", "DPoP"] {
        let refused = wallet.userinfo(scheme, access(&tokens), &[]).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{scheme}");
    }
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let own = std::mem::replace(&mut wallet.key, other);
    let foreign = wallet.proof_with(access(&tokens), &json!({}));
    let refused = wallet.userinfo("DPoP", access(&tokens), &[&foreign]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    wallet.key = own;
    let unbound = wallet.suite.tokens(&[]).await.0;
    let proof = wallet.proof_with(access(&unbound), &json!({}));
    let refused = wallet.userinfo("DPoP", access(&unbound), &[&proof]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.body);
}

/// O25
#[tokio::test]
async fn a_proof_for_another_request_or_another_time_is_refused() {
    let mut wallet = Wallet::start(|_| ()).await;
    let tokens = wallet.tokens().await;
    let now = wallet.now();
    for change in [
        json!({"htm": "POST"}),
        json!({"htu": format!("{ISSUER}/oauth2/token")}),
        json!({"ath": access_token_hash("other")}),
        json!({"iat": now - 61}),
        json!({"iat": now + 61}),
        json!({"jti": ""}),
    ] {
        let proof = wallet.proof_with(access(&tokens), &change);
        let refused = wallet.userinfo("DPoP", access(&tokens), &[&proof]).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{change}");
        assert!(
            refused
                .header("www-authenticate")
                .contains("error=\"invalid_dpop_proof\"")
        );
    }
    for iat in [now - 60, now + 10] {
        let proof = wallet.proof_with(access(&tokens), &json!({"iat": iat}));
        let found = wallet.userinfo("DPoP", access(&tokens), &[&proof]).await;
        assert_eq!(found.status, StatusCode::OK, "{iat}");
    }
}

/// O25: what remembers the proof is the database, which all replicas share.
#[tokio::test]
async fn a_proof_works_once() {
    let mut wallet = Wallet::start(|_| ()).await;
    let code = wallet.code(&[]).await;
    let proof = wallet.proof("POST", TOKEN, &json!({}));
    let (status, tokens) = wallet.redeem(&code, &[&proof]).await;
    assert_eq!(status, StatusCode::OK);
    let (status, error) = wallet.refresh(&tokens, &[&proof]).await;
    assert_eq!(
        (status, error["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_dpop_proof"))
    );
    let proof = wallet.proof_with(access(&tokens), &json!({}));
    let first = wallet.userinfo("DPoP", access(&tokens), &[&proof]).await;
    let second = wallet.userinfo("DPoP", access(&tokens), &[&proof]).await;
    assert_eq!(
        (first.status, second.status),
        (StatusCode::OK, StatusCode::UNAUTHORIZED)
    );
    let two = [
        wallet.proof_with(access(&tokens), &json!({})),
        wallet.proof_with(access(&tokens), &json!({})),
    ];
    let both = wallet
        .userinfo("DPoP", access(&tokens), &[&two[0], &two[1]])
        .await;
    assert_eq!(both.status, StatusCode::UNAUTHORIZED);
}

/// O12
#[tokio::test]
async fn a_public_clients_refresh_token_belongs_to_its_key() {
    let mut wallet = Wallet::start(|_| ()).await;
    let tokens = wallet.tokens().await;
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let own = std::mem::replace(&mut wallet.key, other);
    let foreign = wallet.proof("POST", TOKEN, &json!({}));
    for proofs in [&[][..], &[foreign.as_str()]] {
        let (status, error) = wallet.refresh(&tokens, proofs).await;
        assert_eq!(
            (status, error["error"].as_str()),
            (StatusCode::BAD_REQUEST, Some("invalid_grant"))
        );
    }
    // Nothing happened to the rightful owner.
    wallet.key = own;
    let mut current = tokens;
    for _ in 0..2 {
        let proof = wallet.proof("POST", TOKEN, &json!({}));
        let (status, next) = wallet.refresh(&current, &[&proof]).await;
        assert_eq!(
            (status, next["token_type"].as_str()),
            (StatusCode::OK, Some("DPoP"))
        );
        current = next;
    }
}

/// RFC 9449 §10
#[tokio::test]
async fn a_code_bound_to_a_key_is_redeemed_by_its_holder_only() {
    let mut wallet = Wallet::start(|_| ()).await;
    let jkt = wallet.jkt();
    let code = wallet.code(&[("dpop_jkt", &jkt)]).await;
    let (status, _) = wallet.redeem(&code, &[]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let own = std::mem::replace(&mut wallet.key, other);
    let foreign = wallet.proof("POST", TOKEN, &json!({}));
    let (status, _) = wallet.redeem(&code, &[&foreign]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    wallet.key = own;
    let proof = wallet.proof("POST", TOKEN, &json!({}));
    let (status, tokens) = wallet.redeem(&code, &[&proof]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
}

/// O25, RFC 9449 §8
#[tokio::test]
async fn a_demanded_nonce_is_told_and_then_taken() {
    let mut wallet = Wallet::start(|settings| settings.tokens.demand_dpop_nonce = true).await;
    let code = wallet.code(&[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "wallet"),
        ("code", &*code),
        ("code_verifier", VERIFIER),
    ];
    for nonce in [json!({}), json!({"nonce": "made-up"})] {
        let proof = wallet.proof("POST", TOKEN, &nonce);
        let answer = wallet.post(&form, &[&proof]).await;
        assert_eq!(json_of(&answer).1["error"], "use_dpop_nonce");
    }
    let proof = wallet.proof("POST", TOKEN, &json!({}));
    let told = wallet
        .post(&form, &[&proof])
        .await
        .header("dpop-nonce")
        .to_owned();
    let proof = wallet.proof("POST", TOKEN, &json!({"nonce": told}));
    let (status, tokens) = json_of(&wallet.post(&form, &[&proof]).await);
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let proof = wallet.proof_with(access(&tokens), &json!({}));
    let refused = wallet.userinfo("DPoP", access(&tokens), &[&proof]).await;
    assert!(
        refused
            .header("www-authenticate")
            .contains("error=\"use_dpop_nonce\"")
    );
    let told = refused.header("dpop-nonce").to_owned();
    wallet.suite.pause(200);
    let proof = wallet.proof_with(access(&tokens), &json!({"nonce": told}));
    let stale = wallet.userinfo("DPoP", access(&tokens), &[&proof]).await;
    assert_eq!(stale.status, StatusCode::UNAUTHORIZED);
    let told = stale.header("dpop-nonce").to_owned();
    let proof = wallet.proof_with(access(&tokens), &json!({"nonce": told}));
    let found = wallet.userinfo("DPoP", access(&tokens), &[&proof]).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
}

/// O20
#[tokio::test]
async fn times_that_break_parsers_are_refused_and_the_next_request_works() {
    let mut wallet = Wallet::start(|_| ()).await;
    let code = wallet.code(&[]).await;
    for time in ["\"1\"", "-1"] {
        let time: Value = serde_json::from_str(time).unwrap();
        let claims = json!({"jti": "a", "htm": "POST", "htu": format!("{ISSUER}{TOKEN}"),
            "iat": wallet.now(), "exp": time});
        let Ok(proof) = wallet.key.prove("dpop+jwt", &claims) else {
            continue;
        };
        let (status, error) = wallet.redeem(&code, &[&proof]).await;
        assert_eq!(
            (status, error["error"].as_str()),
            (StatusCode::BAD_REQUEST, Some("invalid_dpop_proof"))
        );
    }
    for proof in ["", "a.b.c", "ey.ey.ey"] {
        let (status, _) = wallet.redeem(&code, &[proof]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
    let proof = wallet.proof("POST", TOKEN, &json!({}));
    assert_eq!(wallet.redeem(&code, &[&proof]).await.0, StatusCode::OK);
}

/// RFC 9449 §6.2 and `/check`
#[tokio::test]
async fn the_binding_is_told_and_checked_for_services() {
    let mut wallet = Wallet::start(|_| ()).await;
    let token = {
        let basic = wallet.suite.authorize(&[]).await;
        let proof = wallet.proof("POST", TOKEN, &json!({}));
        wallet.suite.redeem_with(basic.code(), &proof).await
    };
    let told = wallet.suite.introspect(access(&token), "application/json").await;
    let told: Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(
        (&told["token_type"], &told["cnf"]),
        (&json!("DPoP"), &json!({"jkt": wallet.jkt()}))
    );
    let (_, bare) = wallet.suite.check(&[("token", access(&token))]).await;
    assert_eq!(
        (&bare["allowed"], &bare["reason"]),
        (&json!(false), &json!("unproven_holder"))
    );
    let url = "https://api.example/orders";
    let proof = wallet.proof_with(access(&token), &json!({"htm": "PUT", "htu": url}));
    let asked = [
        ("token", access(&token)),
        ("dpop_proof", proof.as_str()),
        ("method", "PUT"),
        ("url", "https://api.example/orders?page=2"),
    ];
    let (_, proven) = wallet.suite.check(&asked).await;
    assert_eq!(proven["allowed"], true, "{proven}");
    let (status, again) = wallet.suite.check(&asked).await;
    assert_eq!(
        (status, &again["error"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_dpop_proof"))
    );
}
