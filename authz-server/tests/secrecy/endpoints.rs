//! One call of every OAuth endpoint, well and badly made.

use domain::clients::NewClient;
use http::StatusCode;
use model::client::{AccessTokenFormat, ClientSettings, GrantType};
use oauth::scope::ScopeSet;
use serde_json::Value;
use url::Url;

use crate::app::{Answer, App, Browser, PASSWORD};

const CALLBACK: &str = "https://rp.example/cb";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Every secret that went over the wire: client secret, code, verifier, tokens, signatures, cookies.
pub async fn drive(app: &App) -> Vec<String> {
    app.authority.keep_keys(&app.ctx()).await.unwrap();
    let secret = create_client(app).await;
    let mut person = app.browser();
    let code = code(&mut person).await;
    let client = Client { app, secret };
    let mut secrets = vec![client.secret.clone(), code.clone(), VERIFIER.to_owned()];
    let redeem = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let first = client.tokens(&redeem).await;
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&first, "refresh_token")),
    ];
    let second = client.tokens(&refresh).await;
    let machine = client.tokens(&[("grant_type", "client_credentials")]).await;
    let wrong = [("grant_type", "authorization_code"), ("code", "canary-code")];
    assert_eq!(
        client.post("/oauth2/token", &wrong).await.status,
        StatusCode::BAD_REQUEST
    );
    let bearer = format!("Bearer {}", text(&second, "access_token"));
    let claims = app
        .browser()
        .get_with("/oauth2/userinfo", &[("authorization", &bearer)])
        .await;
    assert_eq!(claims.status, StatusCode::OK);
    app.browser()
        .get_with("/oauth2/userinfo", &[("authorization", "Bearer canary-token")])
        .await;
    for token in [
        text(&second, "access_token"),
        text(&second, "refresh_token"),
        "canary-unknown",
    ] {
        client.post("/oauth2/introspect", &[("token", token)]).await;
        client.post("/oauth2/revoke", &[("token", token)]).await;
    }
    secrets.extend(person.cookies.values().cloned());
    let hint = text(&first, "id_token").to_owned();
    person.get(&format!("/oauth2/logout?id_token_hint={hint}")).await;
    for answer in [&first, &second, &machine] {
        for name in ["access_token", "refresh_token", "id_token"] {
            // The signature names the token; its other parts may well be said.
            let token = answer[name].as_str().unwrap_or(VERIFIER);
            secrets.push(token.rsplit('.').next().unwrap().to_owned());
        }
    }
    secrets
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap()
}

async fn create_client(app: &App) -> String {
    let settings = ClientSettings {
        redirect_uris: vec![CALLBACK.to_owned()],
        grant_types: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ],
        scopes: ScopeSet::parse("openid offline_access").unwrap(),
        access_token_format: Some(AccessTokenFormat::Opaque),
        ..ClientSettings::default()
    };
    let new = NewClient {
        id: "rp".parse().unwrap(),
        name: "RP".to_owned(),
        settings,
    };
    let created = app.authority.create_client(&app.ctx(), new).await.unwrap();
    created.secret.unwrap().expose().to_owned()
}

/// Logs in and consents.
async fn code(person: &mut Browser) -> String {
    person.log_in("ada", PASSWORD).await;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", "rp"),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid offline_access"),
            ("state", "canary-state"),
            ("nonce", "canary-nonce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    let asked = person.get(&format!("/oauth2/authorize?{query}")).await;
    let path = asked.header("location").to_owned();
    let flow = path.split_once("flow=").unwrap().1.to_owned();
    let landed = person
        .fill(&path, &[("flow", flow.as_str()), ("decision", "approve")])
        .await;
    let url = Url::parse(landed.header("location")).unwrap();
    let mut pairs = url.query_pairs();
    pairs.find(|(name, _)| name == "code").unwrap().1.into_owned()
}

struct Client<'a> {
    app: &'a App,
    secret: String,
}

impl Client<'_> {
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        use base64::Engine as _;
        let pair = format!("rp:{}", self.secret);
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let mut program = self.app.browser();
        program.post_with(path, form, &[("authorization", &basic)]).await
    }

    async fn tokens(&self, form: &[(&str, &str)]) -> Value {
        let answer = self.post("/oauth2/token", form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}
