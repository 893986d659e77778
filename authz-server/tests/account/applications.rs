//! Applications that have been let in.

use domain::clients::ConfiguredClient;
use http::{StatusCode, header};
use model::SecretDigest;
use model::client::{ClientSettings, GrantType};
use oauth::client_auth::ClientAuthMethod;
use oauth::scope::ScopeSet;

use crate::app::{App, Browser};

const PATH: &str = "/account/applications";
const CALLBACK: &str = "https://shop.example/cb";
const AUTHORIZE: &str = "/oauth2/authorize?client_id=shop&response_type=code&scope=openid+email&redirect_uri=https://shop.example/cb&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

async fn app_with_shop() -> App {
    let app = App::new().await;
    app.authority.keep_keys(&app.ctx()).await.unwrap();
    let shop = ConfiguredClient {
        id: "shop".parse().unwrap(),
        name: "Harbour Shop".to_owned(),
        settings: ClientSettings {
            auth_method: ClientAuthMethod::ClientSecretBasic,
            redirect_uris: vec![CALLBACK.to_owned()],
            grant_types: [GrantType::AuthorizationCode].into_iter().collect(),
            scopes: ScopeSet::parse("openid email").unwrap(),
            ..ClientSettings::default()
        },
        secret: Some(SecretDigest::of("secret")),
    };
    app.authority
        .sync_configured_clients(&app.ctx(), vec![shop])
        .await
        .unwrap();
    app
}

async fn consent(browser: &mut Browser) {
    let asked = browser.get(AUTHORIZE).await;
    let place = asked.header(header::LOCATION).to_owned();
    let page = browser.get(&place).await;
    assert!(page.has_page("page-consent"), "{place}: {}", page.body);
    let (_, flow) = place.split_once("flow=").unwrap();
    let allowed = browser
        .fill(&place, &[("decision", "approve"), ("flow", flow)])
        .await;
    assert!(
        allowed.header(header::LOCATION).starts_with(CALLBACK),
        "{}",
        allowed.body
    );
}

/// O16
#[tokio::test]
async fn an_application_is_listed_with_what_it_may_do_and_loses_it() {
    let app = app_with_shop().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    assert!(ada.get(PATH).await.body.contains("No application has access"));
    consent(&mut ada).await;
    let page = ada.get(PATH).await;
    for words in ["Harbour Shop", "See your email address", "Last used"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let fields = [("decision", "one"), ("client", "shop")];
    let answer = ada.fill(PATH, &fields).await;
    assert_eq!(
        answer.header(header::LOCATION),
        "/account/applications?done=application"
    );
    assert!(ada.get(PATH).await.body.contains("No application has access"));
    assert!(
        ada.get("/account/history")
            .await
            .body
            .contains("You took away an application")
    );
    // It has to ask again.
    consent(&mut ada).await;
}

#[tokio::test]
async fn what_was_never_let_in_can_t_be_taken_away() {
    let app = app_with_shop().await;
    let (mut ada, mut bob) = (app.browser(), app.browser());
    ada.register("ada").await;
    bob.register("bob").await;
    consent(&mut bob).await;
    consent(&mut ada).await;
    ada.fill(PATH, &[("client", "shop")]).await;
    assert!(bob.get(PATH).await.body.contains("Harbour Shop"));
    let csrf = {
        consent(&mut ada).await;
        ada.get(PATH).await.csrf()
    };
    for client in ["kiosk", "", "no client"] {
        let fields = [("client", client), ("csrf", csrf.as_str())];
        assert_eq!(ada.post(PATH, &fields).await.status, StatusCode::NOT_FOUND);
    }
}
