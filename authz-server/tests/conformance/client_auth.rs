//! Beyond the plans: clients that prove themselves with a key, and signed introspection.

use domain::clients::NewClient;
use http::StatusCode;
use jose::{Algorithm, SigningKey};
use model::client::{ClientSettings, GrantType};
use oauth::client_auth::ClientAuthMethod;
use oauth::scope::ScopeSet;
use serde_json::{Value, json};

use crate::suite::{ISSUER, Mode, Suite, payload};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct Robot {
    suite: Suite,
    key: SigningKey,
}

impl Robot {
    async fn start() -> Self {
        let suite = Suite::start(Mode::Query).await;
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let settings = ClientSettings {
            auth_method: ClientAuthMethod::PrivateKeyJwt,
            grant_types: vec![GrantType::ClientCredentials],
            scopes: ScopeSet::default(),
            jwks: Some(json!({"keys": [key.public_jwk()]})),
            ..ClientSettings::default()
        };
        let new = NewClient {
            id: "robot".parse().unwrap(),
            name: "Robot".to_owned(),
            settings,
        };
        suite
            .app
            .authority
            .create_client(&suite.app.ctx(), new)
            .await
            .unwrap();
        Self { suite, key }
    }

    /// Claims that are fine but for `change`.
    fn assertion(&self, jti: &str, change: &Value) -> String {
        let now = self.suite.app.ctx().now.as_seconds();
        let mut claims =
            json!({"iss": "robot", "sub": "robot", "aud": ISSUER, "jti": jti, "iat": now, "exp": now + 60});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.key.sign("JWT", &claims).unwrap()
    }

    async fn token(&mut self, assertion: &str) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION),
            ("client_assertion", assertion),
        ];
        let answer = self.suite.app.browser().post("/oauth2/token", &form).await;
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }
}

/// O19
#[tokio::test]
async fn an_assertion_works_once() {
    let mut robot = Robot::start().await;
    let assertion = robot.assertion("one", &json!({}));
    assert_eq!(robot.token(&assertion).await.0, StatusCode::OK);
    let (status, error) = robot.token(&assertion).await;
    assert_eq!(
        (status, error["error"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("invalid_client"))
    );
    let again = robot.assertion("two", &json!({"aud": format!("{ISSUER}/oauth2/token")}));
    assert_eq!(
        robot.token(&again).await.0,
        StatusCode::OK,
        "the oidc profile takes the endpoint's own address"
    );
}

/// O18, O19
#[tokio::test]
async fn assertions_that_are_not_quite_right_are_all_refused_alike() {
    let mut robot = Robot::start().await;
    let now = robot.suite.app.ctx().now.as_seconds();
    let changes = [
        json!({"aud": "https://other.example"}),
        json!({"aud": [ISSUER, "https://other.example"]}),
        json!({"exp": now + 3600}),
        json!({"exp": now - 120}),
        json!({"iss": "other"}),
        json!({"sub": "one"}),
        json!({"jti": ""}),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let assertion = robot.assertion(&index.to_string(), &change);
        let (status, error) = robot.token(&assertion).await;
        assert_eq!(
            (status, error["error"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("invalid_client")),
            "{change}"
        );
    }
    let foreign = SigningKey::generate(Algorithm::Es256).unwrap();
    let forged = foreign
        .sign("JWT", &payload(&robot.assertion("x", &json!({}))))
        .unwrap();
    assert_eq!(robot.token(&forged).await.0, StatusCode::UNAUTHORIZED);
    let (status, _) = robot
        .suite
        .token("robot", &[("grant_type", "client_credentials")])
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "only the registered method");
}

/// RFC 9701
#[tokio::test]
async fn introspection_is_signed_when_asked() {
    let mut suite = Suite::start(Mode::Query).await;
    let (tokens, _) = suite.tokens(&[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let answer = suite
        .introspect(token, "application/token-introspection+jwt")
        .await;
    assert_eq!(
        answer.header("content-type"),
        "application/token-introspection+jwt"
    );
    assert!(!answer.header("revocation-position").is_empty());
    let claims = payload(&answer.body);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!("one")));
    assert_eq!(claims["token_introspection"]["active"], true);
    let inactive = suite.introspect("unknown", "application/json").await;
    assert_eq!(inactive.body, r#"{"active":false}"#);
}

/// O33
#[tokio::test]
async fn whatever_is_sent_twice_is_refused() {
    let mut suite = Suite::start(Mode::Query).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("grant_type", "client_credentials"),
    ];
    let (status, error) = suite.token("one", &form).await;
    assert_eq!(
        (status, error["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_request"))
    );
    let (status, error) = suite.token_by_post(&[("grant_type", "refresh_token")]).await;
    assert_eq!(
        (status, error["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_request"))
    );
    let twice = suite.query(&[]) + "&state=again";
    let answer = suite.browser.get(&format!("/oauth2/authorize?{twice}")).await;
    assert!(answer.has_page("page-error") && answer.header("location").is_empty());
}
