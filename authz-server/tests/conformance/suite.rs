//! A relying party with two clients, and a person with a browser.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::Settings;
use domain::clients::ConfiguredClient;
use domain::settings::Profile;
use http::StatusCode;
use model::SecretDigest;
use model::client::ClientSettings;
use model::user::{Address, Profile as Person};
use oauth::client_auth::ClientAuthMethod;
use oauth::scope::ScopeSet;
use serde_json::Value;
use url::Url;

use crate::app::{Answer, App, Browser, PASSWORD};

pub const ISSUER: &str = "https://op.example";
pub const CALLBACK: &str = "https://rp.example/cb";
pub const BYE: &str = "https://rp.example/bye";
const SECRET: &str = "conformance-secret-0123456789abcdef";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Query,
    FormPost,
}

pub struct Suite {
    pub app: App,
    pub browser: Browser,
    mode: Mode,
}

/// How an authorization request ended, and which pages were on the way.
#[derive(Debug, Default)]
pub struct Outcome {
    pub pages: Vec<&'static str>,
    /// What reached the callback.
    pub response: BTreeMap<String, String>,
}

impl Outcome {
    pub fn get(&self, name: &str) -> &str {
        self.response.get(name).map_or("", String::as_str)
    }

    pub fn code(&self) -> &str {
        assert!(self.response.contains_key("code"), "{self:?}");
        self.get("code")
    }
}

const PAGES: [&str; 5] = [
    "page-login",
    "page-consent",
    "page-error",
    "page-register",
    "page-form-post",
];

impl Suite {
    pub async fn start(mode: Mode) -> Self {
        Self::with(mode, |_| ()).await
    }

    pub async fn with(mode: Mode, change: impl FnOnce(&mut Settings)) -> Self {
        let app = App::with(|settings| {
            change(settings);
            settings.issuer = ISSUER.to_owned();
            settings.profile = Profile::Oidc;
        })
        .await;
        app.authority.keep_keys(&app.ctx()).await.unwrap();
        let clients = [
            ("one", ClientAuthMethod::ClientSecretBasic),
            ("two", ClientAuthMethod::ClientSecretBasic),
            ("post", ClientAuthMethod::ClientSecretPost),
        ];
        let clients = clients.map(|(id, method)| client(id, method)).to_vec();
        app.authority
            .sync_configured_clients(&app.ctx(), clients)
            .await
            .unwrap();
        let mut browser = app.browser();
        browser.register("ada").await;
        fill_profile(&app).await;
        Self {
            browser: app.browser(),
            app,
            mode,
        }
    }

    /// Whole seconds that pass.
    pub fn pause(&self, seconds: u64) {
        self.app.clock.advance(std::time::Duration::from_secs(seconds));
    }

    pub fn query(&self, extra: &[(&str, &str)]) -> String {
        let mode = if self.mode == Mode::FormPost {
            "form_post"
        } else {
            "query"
        };
        let usual = [
            ("client_id", "one"),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "the-state"),
            ("nonce", "the-nonce"),
            ("response_mode", mode),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let replaced = |name: &str| extra.iter().any(|(found, _)| *found == name);
        query.extend_pairs(usual.iter().filter(|(name, _)| !replaced(name)));
        // An empty value takes a usual parameter out.
        query.extend_pairs(extra.iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// An authorization request; the person logs in and consents where asked.
    pub async fn authorize(&mut self, extra: &[(&str, &str)]) -> Outcome {
        let answer = self
            .browser
            .get(&format!("/oauth2/authorize?{}", self.query(extra)))
            .await;
        self.go_on(answer).await
    }

    pub async fn go_on(&mut self, mut answer: Answer) -> Outcome {
        let mut outcome = Outcome::default();
        for _ in 0..10 {
            let location = answer.header("location").to_owned();
            if location.starts_with('/') {
                answer = self.browser.get(&location).await;
                continue;
            }
            if !location.is_empty() {
                outcome.response = self.landed(&location);
                return outcome;
            }
            let page = PAGES.into_iter().find(|page| answer.has_page(page));
            let page = page.unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
            outcome.pages.push(page);
            answer = match page {
                "page-login" => {
                    self.press(&answer, "/login", &[("username", "ada"), ("password", PASSWORD)])
                        .await
                }
                "page-consent" => self.press(&answer, "/consent", &[("decision", "approve")]).await,
                "page-form-post" => {
                    outcome.response = self.posted(&answer);
                    return outcome;
                }
                _ => {
                    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
                    return outcome;
                }
            };
        }
        panic!("the server keeps asking: {outcome:?}")
    }

    pub async fn press(&mut self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let (csrf, flow) = (page.csrf(), hidden(&page.body, "flow").unwrap_or_default());
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("csrf", csrf.as_str()), ("flow", flow.as_str())])
            .collect();
        self.browser.post(action, &fields).await
    }

    /// RFC 9207 and G2: exactly the parameters that belong there.
    fn landed(&self, location: &str) -> BTreeMap<String, String> {
        assert!(location.starts_with(CALLBACK), "redirected to {location}");
        assert!(
            self.mode == Mode::Query,
            "the response must be posted, not {location}"
        );
        let url = Url::parse(location).unwrap();
        checked(url.query_pairs().into_owned().collect())
    }

    fn posted(&self, page: &Answer) -> BTreeMap<String, String> {
        assert!(self.mode == Mode::FormPost, "the response must be in the query");
        assert!(
            page.body.contains(&format!("action=\"{CALLBACK}\"")),
            "{}",
            page.body
        );
        assert!(
            page.body.contains("id=\"form-post-submit\"") && page.body.contains("<script nonce="),
            "{}",
            page.body
        );
        let names = ["code", "state", "iss", "error", "error_description"];
        let found = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), hidden(&page.body, name)?)));
        checked(found.collect())
    }

    pub async fn token(&mut self, client: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let basic = STANDARD.encode(format!("{client}:{SECRET}"));
        self.posted_json(
            "/oauth2/token",
            form,
            &[("authorization", &format!("Basic {basic}"))],
        )
        .await
    }

    pub async fn token_by_post(&mut self, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let secret = [("client_id", "post"), ("client_secret", SECRET)];
        let form: Vec<_> = form.iter().copied().chain(secret).collect();
        self.posted_json("/oauth2/token", &form, &[]).await
    }

    /// A question of client `one` about a token.
    pub async fn check(&mut self, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let basic = format!("Basic {}", STANDARD.encode(format!("one:{SECRET}")));
        self.posted_json("/check", form, &[("authorization", &basic)])
            .await
    }

    async fn posted_json(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> (StatusCode, Value) {
        let answer = self.app.browser().post_with(path, form, headers).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        (answer.status, body)
    }

    pub async fn redeem(&mut self, code: &str) -> (StatusCode, Value) {
        self.token(
            "one",
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", CALLBACK),
            ],
        )
        .await
    }

    /// The same with a proof beside it.
    pub async fn redeem_with(&mut self, code: &str, proof: &str) -> Value {
        let basic = format!("Basic {}", STANDARD.encode(format!("one:{SECRET}")));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ];
        let headers = [("authorization", basic.as_str()), ("dpop", proof)];
        let (status, tokens) = self.posted_json("/oauth2/token", &form, &headers).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        tokens
    }

    /// The whole flow; the token answer, its ID token verified.
    pub async fn tokens(&mut self, extra: &[(&str, &str)]) -> (Value, Value) {
        let outcome = self.authorize(extra).await;
        let (status, tokens) = self.redeem(outcome.code()).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        assert!(tokens["token_type"] == "Bearer" && tokens["expires_in"].is_u64());
        let claims = self.id_token(&tokens, "one").await;
        (tokens, claims)
    }

    /// G6.
    pub async fn id_token(&mut self, tokens: &Value, client: &str) -> Value {
        let token = tokens["id_token"].as_str().unwrap();
        let jwks = self.browser.get("/oauth2/jwks").await;
        let keys = jose::KeySet::parse(jwks.body.as_bytes()).unwrap();
        let policy = jose::Policy {
            types: &["JWT"],
            algorithms: &[jose::Algorithm::Rs256],
            issuer: Some(ISSUER),
            audience: Some(jose::AudienceRule::SingleString(client)),
            leeway: 5,
            ..jose::Policy::at(self.app.ctx().now.as_seconds())
        };
        let claims = Value::Object(jose::verify(token, &keys, &policy).unwrap().into_map());
        let expected = jose::half_hash(jose::Algorithm::Rs256, tokens["access_token"].as_str().unwrap());
        assert_eq!(claims["at_hash"], expected);
        claims
    }

    /// By client `one`.
    pub async fn introspect(&mut self, token: &str, accept: &str) -> Answer {
        let basic = format!("Basic {}", STANDARD.encode(format!("one:{SECRET}")));
        let headers = [("authorization", basic.as_str()), ("accept", accept)];
        self.app
            .browser()
            .post_with("/oauth2/introspect", &[("token", token)], &headers)
            .await
    }

    pub async fn userinfo(&mut self, tokens: &Value) -> Value {
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        let answer = self
            .app
            .browser()
            .get_with("/oauth2/userinfo", &[("authorization", &bearer)])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

fn checked(response: BTreeMap<String, String>) -> BTreeMap<String, String> {
    assert_eq!(
        response.get("iss").map(String::as_str),
        Some(ISSUER),
        "{response:?}"
    );
    let known = ["code", "state", "iss", "error", "error_description"];
    assert!(
        response.keys().all(|name| known.contains(&name.as_str())),
        "{response:?}"
    );
    response
}

/// The value of a hidden field.
pub fn hidden(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("name=\"{name}\" value=\""))?;
    let value = rest.split_once('"')?.0;
    let marks = [
        ("&#38;", "&"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
    ];
    Some(marks.iter().fold(value.to_owned(), |value, (mark, letter)| {
        value.replace(mark, letter)
    }))
}

/// The payload of a token, unverified.
pub fn payload(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn client(id: &str, auth_method: ClientAuthMethod) -> ConfiguredClient {
    let settings = ClientSettings {
        auth_method,
        redirect_uris: vec![CALLBACK.to_owned()],
        post_logout_redirect_uris: vec![BYE.to_owned()],
        scopes: ScopeSet::parse("openid profile email address phone offline_access").unwrap(),
        ..ClientSettings::default()
    };
    ConfiguredClient {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        settings,
        secret: Some(SecretDigest::of(SECRET)),
    }
}

async fn fill_profile(app: &App) {
    let user = app.authority.find_user("ada").await.unwrap().unwrap();
    let text = |text: &str| Some(text.to_owned());
    let profile = Person {
        name: text("Ada Lovelace"),
        given_name: text("Ada"),
        family_name: text("Lovelace"),
        middle_name: text("King"),
        nickname: text("Ada"),
        profile: text("https://ada.example/"),
        picture: text("https://ada.example/a.png"),
        website: text("https://ada.example/"),
        company: text("Analytical Engines"),
        gender: text("female"),
        birthdate: text("1815-12-10"),
        zoneinfo: text("Europe/London"),
        locale: text("en-GB"),
        phone_number: text("+441234567890"),
        phone_number_verified: Some(true),
        address: Some(Address {
            formatted: text("12 St James's Square, London"),
            ..Address::default()
        }),
    };
    let now = app.ctx().now;
    let written: Result<bool, storage::StorageError> = app
        .authority
        .database
        .write(move |w| {
            Box::pin(async move { storage::users::update_profile(w, user.id, &profile, now).await })
        })
        .await;
    assert!(written.unwrap());
}
