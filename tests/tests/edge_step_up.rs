//! Step-up from end to end (RFC 9470): the proxy challenges, the client sends the person to sign in, the new token passes.
//! The client knows nothing but the challenge: what it asks for is what the proxy said.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::collections::BTreeMap;

use sqlx::{Connection as _, SqliteConnection};
use tests::agent::{Agent, Landing};
use tests::demo::{CALLBACK, Demo, PASSWORD, SHOP};
use tests::server::Setup;
use tests::site::totp_now;
use url::Url;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const ROUTES: &str = r#"
[[routes]]
name = "payments"
match = { path = "/payments/**" }
upstream = "service"
require = { scopes = ["orders:read"], audience = "https://api.example.com", acr = "urn:authz:acr:mfa", max_age = "1h" }

[[routes]]
name = "profile"
match = { path = "/profile/**" }
upstream = "service"
require = { audience = "https://api.example.com", max_age = "5m" }
"#;

/// Server, proxy and Ada, who has signed up.
struct World {
    demo: Demo,
    ada: Agent,
}

/// What a challenge asks for.
type Asked = BTreeMap<String, String>;

impl World {
    async fn start() -> Self {
        let demo = Demo::with_routes(Setup::sqlite(), ROUTES).await.unwrap();
        let ada = Agent::new().unwrap();
        ada.register(&demo.server.issuer(), "ada", PASSWORD)
            .await
            .unwrap();
        Self { demo, ada }
    }

    fn authorization(&self, asked: &Asked) -> String {
        let mut url = Url::parse(&self.demo.server.url("/oauth2/authorize")).unwrap();
        let usual = [
            ("client_id", SHOP.0),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid orders:read"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        url.query_pairs_mut().extend_pairs(usual).extend_pairs(asked);
        url.into()
    }

    /// Walks through whatever the server shows; the answer at the callback and the pages on the way.
    async fn authorize(&self, asked: &Asked, code: Option<&str>) -> (Asked, Vec<&'static str>) {
        let mut landing = self.ada.open(&self.authorization(asked)).await.unwrap();
        let mut pages = Vec::new();
        for _ in 0..5 {
            let page = match landing {
                Landing::Left(url) => return (url.query_pairs().into_owned().collect(), pages),
                Landing::Page(page) => page,
            };
            let known = ["page-login", "page-second", "page-consent"];
            let name = known.into_iter().find(|name| page.has(name));
            let name = name.unwrap_or_else(|| panic!("{}", page.body));
            pages.push(name);
            let password = [("username", "ada"), ("password", PASSWORD)];
            landing = match name {
                "page-login" => self.ada.press(&page, "login-submit", &password).await,
                "page-second" => self.ada.submit(&page, &[("code", code.unwrap())]).await,
                _ => self.ada.press(&page, "consent-approve", &[]).await,
            }
            .unwrap();
        }
        panic!("the server keeps asking: {pages:?}")
    }

    /// The access token for an answer at the callback.
    async fn redeem(&self, answer: &Asked) -> String {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", answer.get("code").unwrap_or_else(|| panic!("{answer:?}"))),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let tokens = self.demo.token(SHOP, &form).await.unwrap();
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    /// A call that must be challenged for its login; what the challenge asks for.
    async fn challenged(&self, token: &str, path: &str) -> Asked {
        let request = self.demo.http.get(self.demo.proxy.url(path)).bearer_auth(token);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
        assert!(
            challenge.contains("error=\"insufficient_user_authentication\""),
            "{challenge}"
        );
        let parts = challenge.split(", ").filter_map(|part| part.split_once("=\""));
        parts
            .filter(|(name, _)| ["acr_values", "max_age"].contains(name))
            .map(|(name, value)| (name.to_owned(), value.trim_end_matches('"').to_owned()))
            .collect()
    }

    /// Ada adds an authenticator app; one of her backup codes.
    async fn turn_two_step_on(&self) -> String {
        let url = self.demo.server.url("/account/security/authenticator");
        let page = self.ada.open(&url).await.unwrap().page().unwrap();
        let password = [("current-password", PASSWORD)];
        let page = self.ada.press(&page, "authenticator-begin", &password).await;
        let page = page.unwrap().page().unwrap();
        let code = totp_now(&page.text("shown-key").unwrap()).unwrap();
        let page = self
            .ada
            .press(&page, "authenticator-confirm", &[("code", &code)])
            .await;
        let list = page.unwrap().page().unwrap().text("shown-list").unwrap();
        list.split_whitespace().next().unwrap().to_owned()
    }

    /// As if Ada had signed in so many seconds earlier.
    async fn grow_old(&self, seconds: i64) {
        let file = self.demo.server.folder().join("data/authz.sqlite");
        let mut database = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
            .await
            .unwrap();
        let changed = sqlx::query("UPDATE sessions SET authenticated_at = authenticated_at - $1")
            .bind(seconds * 1_000_000)
            .execute(&mut database)
            .await;
        assert_eq!(changed.unwrap().rows_affected(), 1);
        database.close().await.unwrap();
    }
}

/// O40: without a second step there is nothing to step up to, and the client is told so instead of being sent in circles.
#[tokio::test]
async fn a_password_is_challenged_until_the_second_step_is_taken() {
    let mut world = World::start().await;
    let (answer, _) = world.authorize(&Asked::new(), None).await;
    let weak = world.redeem(&answer).await;
    assert_eq!(world.demo.call(&weak, "/orders/1").await.unwrap(), 200);
    let asked = world.challenged(&weak, "/payments/1").await;
    let expected = [("acr_values", "urn:authz:acr:mfa"), ("max_age", "3600")];
    assert_eq!(
        asked,
        expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    );
    let (answer, pages) = world.authorize(&asked, None).await;
    assert_eq!(answer["error"], "unmet_authentication_requirements", "{pages:?}");
    let code = world.turn_two_step_on().await;
    world.challenged(&weak, "/payments/1").await;
    // The browser in which it was turned on has taken it with that.
    world.ada = Agent::new().unwrap();
    let (answer, pages) = world.authorize(&asked, Some(&code)).await;
    assert_eq!(pages, ["page-login", "page-second"]);
    let strong = world.redeem(&answer).await;
    assert_eq!(world.demo.call(&strong, "/payments/1").await.unwrap(), 200);
    world.challenged(&weak, "/payments/1").await;
    let (_, pages) = world.authorize(&asked, None).await;
    assert!(
        pages.is_empty(),
        "a strong sign-in is not asked for again: {pages:?}"
    );
}

#[tokio::test]
async fn an_old_login_is_challenged_until_the_person_signs_in_again() {
    let world = World::start().await;
    let (answer, _) = world.authorize(&Asked::new(), None).await;
    let fresh = world.redeem(&answer).await;
    assert_eq!(world.demo.call(&fresh, "/profile/1").await.unwrap(), 200);
    world.grow_old(301).await;
    let (answer, pages) = world.authorize(&Asked::new(), None).await;
    assert!(pages.is_empty(), "{pages:?}");
    let old = world.redeem(&answer).await;
    assert_eq!(world.demo.call(&old, "/orders/1").await.unwrap(), 200);
    let asked = world.challenged(&old, "/profile/1").await;
    assert_eq!(asked, [("max_age".to_owned(), "300".to_owned())].into());
    let (answer, pages) = world.authorize(&asked, None).await;
    assert_eq!(pages, ["page-login"]);
    let renewed = world.redeem(&answer).await;
    assert_eq!(world.demo.call(&renewed, "/profile/1").await.unwrap(), 200);
}

/// Server and proxy give the same answer to the same question.
#[tokio::test]
async fn both_checks_judge_a_login_alike() {
    let world = World::start().await;
    let (answer, _) = world.authorize(&Asked::new(), None).await;
    let weak = world.redeem(&answer).await;
    let machine = world.demo.client_credentials(SHOP).await.unwrap();
    let cases = [
        (&weak, "acr_values=urn%3Aauthz%3Aacr%3Amfa&max_age=60", 401),
        (
            &weak,
            "acr_values=urn%3Aauthz%3Aacr%3Amfa+urn%3Aauthz%3Aacr%3Apassword",
            200,
        ),
        (&weak, "max_age=600", 200),
        (&weak, "max_age=soon", 400),
        (&machine, "max_age=600", 401),
        (&machine, "audience=https%3A%2F%2Fother.example", 403),
    ];
    for (token, query, status) in cases {
        let mut parts = Vec::new();
        for host in [world.demo.server.issuer(), world.demo.proxy.url("")] {
            let request = world.demo.http.get(format!("{host}/check?{query}"));
            let answer = request.bearer_auth(token).send().await.unwrap();
            assert_eq!(answer.status(), status, "{host} {query}");
            let challenge = answer.headers().get("www-authenticate");
            let text = challenge.map_or("", |value| value.to_str().unwrap());
            let own = ["error=", "acr_values=", "max_age="];
            let own = text
                .split(", ")
                .filter(|part| own.iter().any(|name| part.starts_with(name)));
            parts.push(own.map(str::to_owned).collect::<Vec<_>>());
        }
        assert_eq!(parts[0], parts[1], "{query}");
    }
}
