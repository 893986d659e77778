//! The endpoints of the RFCs, given keys.

use domain::clients::NewClient;
use http::StatusCode;
use model::api_key::KeyKind;
use model::client::{ClientSettings, GrantType};
use oauth::client_auth::ClientAuthMethod;
use oauth::redirect_uri::ApplicationType;
use serde_json::Value;

use crate::app::App;
use crate::key;

/// A proxy that may introspect, and a command line without a secret that may exchange.
async fn clients(app: &App) -> String {
    let proxy = ClientSettings {
        auth_method: ClientAuthMethod::ClientSecretPost,
        grant_types: vec![GrantType::ClientCredentials],
        proxy: true,
        ..ClientSettings::default()
    };
    let line = ClientSettings {
        auth_method: ClientAuthMethod::None,
        application_type: ApplicationType::Native,
        grant_types: vec![GrantType::TokenExchange],
        ..ClientSettings::default()
    };
    let mut secrets = Vec::new();
    for (id, settings) in [("proxy", proxy), ("line", line)] {
        let new = NewClient {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            settings,
        };
        secrets.push(app.authority.create_client(&app.ctx(), new).await.unwrap().secret);
    }
    secrets.remove(0).unwrap().expose().to_owned()
}

async fn introspect(app: &App, secret: &str, token: &str) -> Value {
    let fields = [
        ("client_id", "proxy"),
        ("client_secret", secret),
        ("token", token),
    ];
    let answer = app.browser().post("/oauth2/introspect", &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn a_key_is_live_until_it_is_revoked() {
    for kind in [KeyKind::Token, KeyKind::Api, KeyKind::Cli] {
        let app = App::new().await;
        let secret = clients(&app).await;
        let (ada, made, text) = key(&app, kind, "databases:read").await;
        let said = introspect(&app, &secret, text.expose()).await;
        assert_eq!(
            (said["active"].as_bool(), said["scope"].as_str()),
            (Some(true), Some("databases:read"))
        );
        assert_eq!(
            (said["sub"].as_str(), said["jti"].as_str()),
            (Some(&*ada.id.to_string()), Some(&*made.id.to_string()))
        );
        let bearer = format!("Bearer {}", text.expose());
        let headers = [("authorization", bearer.as_str())];
        let check = app
            .browser()
            .get_with("/check?scope=databases:read", &headers)
            .await;
        assert_eq!(
            (check.status, check.header("x-auth-scopes")),
            (StatusCode::OK, "databases:read")
        );
        let check = app
            .browser()
            .get_with("/check?scope=databases:write", &headers)
            .await;
        assert_eq!(check.status, StatusCode::FORBIDDEN);
        let fields = [("client_id", "line"), ("token", text.expose())];
        let revoked = app.browser().post("/oauth2/revoke", &fields).await;
        assert_eq!(revoked.status, StatusCode::OK);
        assert_eq!(introspect(&app, &secret, text.expose()).await["active"], false);
    }
}

/// X07
#[tokio::test]
async fn two_credentials_are_refused() {
    let app = App::new().await;
    let (_, _, text) = key(&app, KeyKind::Api, "databases:read").await;
    let bearer = format!("Bearer {}", text.expose());
    let headers = [("authorization", bearer.as_str()), ("x-api-key", text.expose())];
    let check = app.browser().get_with("/check", &headers).await;
    assert_eq!(check.status, StatusCode::BAD_REQUEST);
}

/// RFC 8693 §2: the answer has its extra member; errors are the RFC's.
#[tokio::test]
async fn a_key_is_exchanged_at_the_token_endpoint() {
    let app = App::new().await;
    let secret = clients(&app).await;
    let (_, made, text) = key(&app, KeyKind::Api, "databases:read databases:write").await;
    let ask = async |client: &str, token: &str, scope: &str| {
        let fields = [
            ("client_id", client),
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", token),
            ("subject_token_type", "urn:authz:token-type:api-key"),
            ("scope", scope),
        ];
        let answer = app.browser().post("/oauth2/token", &fields).await;
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        (answer.status, body)
    };
    let (status, answer) = ask("line", text.expose(), "databases:read").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(
        answer["issued_token_type"],
        "urn:ietf:params:oauth:token-type:access_token"
    );
    assert_eq!(
        (answer["expires_in"].as_u64(), answer["scope"].as_str()),
        (Some(900), Some("databases:read"))
    );
    let token = answer["access_token"].as_str().unwrap();
    let said = introspect(&app, &secret, token).await;
    assert_eq!(
        (said["key_id"].as_str(), said["client_id"].as_str()),
        (Some(&*made.id.to_string()), Some("line"))
    );
    for (token, scope, error) in [
        ("ch_live_x", "databases:read", "invalid_request"),
        (text.expose(), "databases:delete", "invalid_scope"),
    ] {
        let (status, answer) = ask("line", token, scope).await;
        assert_eq!(
            (status, answer["error"].as_str()),
            (StatusCode::BAD_REQUEST, Some(error))
        );
    }
    let metadata = app.browser().get("/.well-known/oauth-authorization-server").await;
    assert!(metadata.body.contains("grant-type:token-exchange"));
}

/// RFC 8693 §2.1: whoever has a key needs no client. The token bears the built-in one of the key's surface.
#[tokio::test]
async fn a_key_is_exchanged_without_any_client() {
    for (kind, client) in [
        (KeyKind::Token, "first-party.tokens"),
        (KeyKind::Api, "first-party.v1"),
        (KeyKind::Cli, "first-party.console"),
    ] {
        let app = App::new().await;
        let (ada, made, text) = key(&app, kind, "databases:read databases:write").await;
        let ask = async |grant: &str, token: &str| {
            let fields = [
                ("grant_type", grant),
                ("subject_token", token),
                ("subject_token_type", "urn:authz:token-type:api-key"),
                ("scope", "databases:read"),
            ];
            let answer = app.browser().post("/oauth2/token", &fields).await;
            let body: Value = serde_json::from_str(&answer.body).unwrap();
            (answer.status, body)
        };
        let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
        let (status, answer) = ask(exchange, text.expose()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let token = answer["access_token"].as_str().unwrap();
        let secret = clients(&app).await;
        let said = introspect(&app, &secret, token).await;
        assert_eq!(
            (said["client_id"].as_str(), said["sub"].as_str()),
            (Some(client), Some(&*ada.id.to_string()))
        );
        assert_eq!(said["key_id"].as_str(), Some(&*made.id.to_string()));
        // Only keys, and only this grant: everything else takes a client.
        let (status, answer) = ask(exchange, token).await;
        assert_eq!(
            (status, &answer["error"]),
            (StatusCode::BAD_REQUEST, &"invalid_request".into())
        );
        let (status, answer) = ask("client_credentials", text.expose()).await;
        assert_eq!(
            (status, &answer["error"]),
            (StatusCode::UNAUTHORIZED, &"invalid_client".into())
        );
    }
}

/// The token of a key manages no account either, though it bears the client that people sign in with.
#[tokio::test]
async fn an_exchanged_token_is_no_session() {
    let app = App::new().await;
    let (_, _, text) = key(&app, KeyKind::Api, "databases:read").await;
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", text.expose()),
        ("subject_token_type", "urn:authz:token-type:api-key"),
    ];
    let answer = app.browser().post("/oauth2/token", &fields).await;
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    let token = app.program().bearing(answer["access_token"].as_str().unwrap());
    for path in [
        "/auth/me",
        "/api/session",
        "/api/auth/me",
        "/v1/users/me",
        "/v1/auth/api-keys",
    ] {
        assert_eq!(token.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

/// T07, K04: no key gets at an account.
#[tokio::test]
async fn a_key_manages_no_account() {
    let app = App::new().await;
    let (_, _, text) = key(&app, KeyKind::Api, "databases:read").await;
    let bearer = format!("Bearer {}", text.expose());
    let headers = [("authorization", bearer.as_str())];
    for path in ["/account", "/account/keys", "/account/security"] {
        let answer = app.browser().get_with(path, &headers).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
    }
    let answer = app.browser().get_with("/oauth2/userinfo", &headers).await;
    assert_ne!(answer.status, StatusCode::OK);
}
