//! Beyond the plans: tokens bound to a client certificate (RFC 8705 §3, §4).

use domain::clients::NewClient;
use http::StatusCode;
use model::client::{ClientSettings, GrantType};
use oauth::client_auth::ClientAuthMethod;
use oauth::confirmation::thumbprint;
use oauth::scope::ScopeSet;
use serde_json::{Value, json};

use crate::app::{Answer, Browser};
use crate::suite::{CALLBACK, Mode, Suite, payload};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const OWN: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

/// A public client; `binds`: registered for bound tokens.
async fn suite(binds: bool) -> Suite {
    let suite = Suite::with(Mode::Query, |settings| settings.tokens.client_certificates = true).await;
    let settings = ClientSettings {
        auth_method: ClientAuthMethod::None,
        redirect_uris: vec![CALLBACK.to_owned()],
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        scopes: ScopeSet::parse("openid").unwrap(),
        tls_client_certificate_bound_access_tokens: binds,
        ..ClientSettings::default()
    };
    let new = NewClient {
        id: "till".parse().unwrap(),
        name: "Till".to_owned(),
        settings,
    };
    let app = &suite.app;
    app.authority.create_client(&app.ctx(), new).await.unwrap();
    suite
}

fn caller(suite: &Suite, shown: Option<[u8; 32]>) -> Browser {
    let caller = suite.app.browser();
    match shown {
        Some(digest) => caller.showing(digest),
        None => caller,
    }
}

async fn token(suite: &Suite, shown: Option<[u8; 32]>, form: &[(&str, &str)]) -> (StatusCode, Value) {
    let form: Vec<_> = form.iter().chain(&[("client_id", "till")]).copied().collect();
    let answer = caller(suite, shown).post("/oauth2/token", &form).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

async fn redeem(suite: &mut Suite, shown: Option<[u8; 32]>) -> (StatusCode, Value) {
    let asked = [
        ("client_id", "till"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let code = suite.authorize(&asked).await.code().to_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    token(suite, shown, &form).await
}

async fn userinfo(suite: &Suite, shown: Option<[u8; 32]>, tokens: &Value) -> Answer {
    let credential = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let headers = [("authorization", credential.as_str())];
    caller(suite, shown).get_with("/oauth2/userinfo", &headers).await
}

/// O25
#[tokio::test]
async fn a_bound_token_is_good_on_connections_with_its_certificate_only() {
    let mut suite = suite(true).await;
    let (status, tokens) = redeem(&mut suite, Some(OWN)).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(tokens["token_type"], "Bearer");
    let claims = payload(tokens["access_token"].as_str().unwrap());
    assert_eq!(claims["cnf"], json!({"x5t#S256": thumbprint(OWN)}));
    assert_eq!(userinfo(&suite, Some(OWN), &tokens).await.status, StatusCode::OK);
    for shown in [Some(OTHER), None] {
        let refused = userinfo(&suite, shown, &tokens).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{shown:?}");
        let said = refused.header("www-authenticate");
        assert!(
            said.starts_with("Bearer ") && said.contains("invalid_token"),
            "{said}"
        );
    }
}

/// O25: a public client has nothing else that would bind its refresh tokens (RFC 8705 §4).
#[tokio::test]
async fn a_refresh_token_of_a_public_client_is_bound_as_well() {
    let mut suite = suite(true).await;
    let (_, tokens) = redeem(&mut suite, Some(OWN)).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    let (status, error) = token(&suite, Some(OTHER), &form).await;
    assert_eq!(
        (status, error["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_grant"))
    );
    let (status, renewed) = token(&suite, Some(OWN), &form).await;
    assert_eq!(status, StatusCode::OK, "{renewed}");
    assert_eq!(
        userinfo(&suite, Some(OTHER), &renewed).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_client_that_is_registered_for_bound_tokens_gets_no_others() {
    let mut suite = suite(true).await;
    let (status, error) = redeem(&mut suite, None).await;
    assert_eq!(
        (status, error["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_request"))
    );
}

/// A certificate that is shown to everybody binds nothing by itself.
#[tokio::test]
async fn a_client_that_does_not_ask_for_it_gets_unbound_tokens() {
    let mut suite = suite(false).await;
    let (_, tokens) = redeem(&mut suite, Some(OWN)).await;
    assert_eq!(userinfo(&suite, None, &tokens).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_metadata_say_whether_certificates_are_taken() {
    for taken in [true, false] {
        let change = |settings: &mut domain::Settings| settings.tokens.client_certificates = taken;
        let suite = Suite::with(Mode::Query, change).await;
        let answer = suite.app.browser().get("/.well-known/openid-configuration").await;
        let metadata: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(metadata["tls_client_certificate_bound_access_tokens"], taken);
    }
}

/// A machine that has registered this certificate.
async fn robot(method: ClientAuthMethod, registered: [u8; 32]) -> Suite {
    let suite = Suite::with(Mode::Query, |settings| settings.tokens.client_certificates = true).await;
    let settings = ClientSettings {
        auth_method: method,
        grant_types: vec![GrantType::ClientCredentials],
        scopes: ScopeSet::default(),
        jwks: Some(json!({"keys": [{"kty": "EC", "x5t#S256": thumbprint(registered)}]})),
        ..ClientSettings::default()
    };
    let new = NewClient {
        id: "robot".parse().unwrap(),
        name: "Robot".to_owned(),
        settings,
    };
    let app = &suite.app;
    app.authority.create_client(&app.ctx(), new).await.unwrap();
    suite
}

/// O18
#[tokio::test]
async fn a_client_with_a_certificate_of_its_own_proves_itself_by_it_and_by_nothing_else() {
    let suite = robot(ClientAuthMethod::SelfSignedTlsClientAuth, OWN).await;
    let plain = [("grant_type", "client_credentials"), ("client_id", "robot")];
    let mut shapes = Vec::new();
    for (shown, more, status) in [
        (Some(OWN), &[][..], StatusCode::OK),
        (Some(OTHER), &[], StatusCode::UNAUTHORIZED),
        (None, &[], StatusCode::UNAUTHORIZED),
        (
            Some(OWN),
            &[("client_secret", "a-secret-that-nobody-has")],
            StatusCode::UNAUTHORIZED,
        ),
    ] {
        let form: Vec<_> = plain.iter().chain(more).copied().collect();
        for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
            let form: Vec<_> = form.iter().chain(&[("token", "unknown")]).copied().collect();
            let answer = caller(&suite, shown).post(path, &form).await;
            assert_eq!(answer.status, status, "{path} {shown:?} {}", answer.body);
            if status != StatusCode::OK {
                shapes.push(answer.body);
            }
        }
    }
    shapes.dedup();
    assert_eq!(shapes.len(), 1, "one answer for all: {shapes:?}");
}

/// O18
#[tokio::test]
async fn a_certificate_stands_for_no_other_method() {
    let suite = robot(ClientAuthMethod::ClientSecretPost, OWN).await;
    let form = [("grant_type", "client_credentials"), ("client_id", "robot")];
    let answer = caller(&suite, Some(OWN)).post("/oauth2/token", &form).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
}

#[tokio::test]
async fn the_metadata_name_the_methods_that_work() {
    for (certificates, authorities) in [(false, false), (true, false), (true, true)] {
        let change = |settings: &mut domain::Settings| {
            settings.tokens.client_certificates = certificates;
            settings.tokens.client_authorities = authorities;
        };
        let suite = Suite::with(Mode::Query, change).await;
        let answer = suite.app.browser().get("/.well-known/openid-configuration").await;
        let metadata: Value = serde_json::from_str(&answer.body).unwrap();
        for endpoint in ["token", "introspection", "revocation"] {
            let methods = &metadata[format!("{endpoint}_endpoint_auth_methods_supported")];
            let has = |name: &str| methods.as_array().unwrap().contains(&json!(name));
            assert_eq!(has("self_signed_tls_client_auth"), certificates, "{endpoint}");
            assert_eq!(has("tls_client_auth"), authorities, "{endpoint}");
        }
    }
}
