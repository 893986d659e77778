//! Validating authorization requests and deciding what happens next.

use domain::oauth::authorize::{AuthorizeError, Decision};
use model::client::Client;
use oauth::error::ErrorCode;
use testkit::database::for_each_database;

use crate::shop::Shop;

async fn redirected(shop: &Shop, client: &Client, extra: &str) -> ErrorCode {
    match shop.validate(client, extra).await {
        Err(AuthorizeError::Redirect(_, error)) => error.code(),
        Err(other) => panic!("{extra}: {other}"),
        Ok(_) => panic!("{extra}: accepted"),
    }
}

/// O04, O01
#[tokio::test]
async fn nothing_is_redirected_before_client_and_uri_are_proven() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        for extra in [
            "client_id=nobody&response_type=token",
            "redirect_uri=https://shop.example/cb/&scope=",
            "redirect_uri=https://shop.example/cb?x=1",
            "redirect_uri=https://SHOP.example/cb",
            "redirect_uri=http://shop.example/cb",
            "redirect_uri=https://shop.example/%2563b",
        ] {
            assert!(
                matches!(
                    shop.validate(&shop.shop, extra).await,
                    Err(AuthorizeError::Page(_))
                ),
                "{extra}"
            );
        }
    })
    .await;
}

/// O09, O24, O29, O35
#[tokio::test]
async fn requests_that_ask_for_too_much_are_refused_by_redirect() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let cases = [
            (
                "code_challenge=&code_challenge_method=",
                ErrorCode::InvalidRequest,
            ),
            ("code_challenge_method=plain", ErrorCode::InvalidRequest),
            ("response_type=token", ErrorCode::UnsupportedResponseType),
            ("scope=orders:write", ErrorCode::InvalidScope),
            ("resource=https://other.example", ErrorCode::InvalidTarget),
            ("resource=urn:shop", ErrorCode::InvalidTarget),
            ("request=e.y.j", ErrorCode::RequestNotSupported),
        ];
        for (extra, code) in cases {
            assert_eq!(redirected(&shop, &shop.shop, extra).await, code, "{extra}");
        }
        let narrowed = shop
            .validate(&shop.shop, "scope=openid+orders:write+orders:read")
            .await
            .unwrap();
        assert_eq!(narrowed.scopes.to_string(), "openid orders:read");
    })
    .await;
}

async fn decide(shop: &Shop, extra: &str, signed_in: bool) -> Decision {
    let request = shop.validate(&shop.shop, extra).await.unwrap();
    let who = signed_in.then(|| shop.who());
    shop.authority()
        .decide_authorization(&shop.world.ctx(), &request, who.as_ref())
        .await
        .unwrap()
}

fn code_of(decision: &Decision) -> Option<ErrorCode> {
    match decision {
        Decision::Refuse(error) => Some(error.code()),
        _ => None,
    }
}

#[tokio::test]
async fn login_and_consent_are_asked_for_only_when_they_are_needed() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.world.advance(5);
        assert!(matches!(
            decide(&shop, "", false).await,
            Decision::LogIn { register: false }
        ));
        assert!(matches!(
            decide(&shop, "prompt=create", true).await,
            Decision::LogIn { register: true }
        ));
        assert_eq!(
            code_of(&decide(&shop, "prompt=none", false).await),
            Some(ErrorCode::LoginRequired)
        );
        assert_eq!(
            code_of(&decide(&shop, "prompt=none", true).await),
            Some(ErrorCode::ConsentRequired)
        );
        assert!(matches!(
            decide(&shop, "", true).await,
            Decision::AskConsent { before: None }
        ));
        shop.tokens(&shop.shop, "").await;
        assert!(matches!(
            decide(&shop, "prompt=none", true).await,
            Decision::Issue
        ));
        assert!(matches!(
            decide(&shop, "prompt=consent", true).await,
            Decision::AskConsent { before: Some(_) }
        ));
        assert!(matches!(
            decide(&shop, "scope=openid+offline_access", true).await,
            Decision::AskConsent { .. }
        ));
    })
    .await;
}

#[tokio::test]
async fn an_old_login_does_not_satisfy_prompt_login_or_max_age() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.tokens(&shop.shop, "").await;
        shop.world.advance(100);
        assert!(matches!(
            decide(&shop, "prompt=login", true).await,
            Decision::LogIn { .. }
        ));
        assert!(matches!(
            decide(&shop, "max_age=99", true).await,
            Decision::LogIn { .. }
        ));
        assert!(matches!(
            decide(&shop, "max_age=100", true).await,
            Decision::Issue
        ));
        assert_eq!(
            code_of(&decide(&shop, "max_age=1&prompt=none", true).await),
            Some(ErrorCode::LoginRequired)
        );
    })
    .await;
}
