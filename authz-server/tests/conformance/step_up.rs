//! RFC 9470 at the server: `/check` asks for a login, and the authorization request gets it.
//! The clock stands still unless a test moves it.

use http::StatusCode;
use model::authentication::{ACR_MFA, ACR_PASSWORD};
use serde_json::Value;

use crate::app::Answer;
use crate::suite::{Mode, Suite};

const MFA: &str = "urn%3Aauthz%3Aacr%3Amfa";
const PASSWORD: &str = "urn%3Aauthz%3Aacr%3Apassword";

async fn access_token(suite: &mut Suite, extra: &[(&str, &str)]) -> String {
    let (tokens, _) = suite.tokens(extra).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// The holder asks about its own token.
async fn own(suite: &Suite, token: &str, query: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let path = format!("/check?{query}");
    let headers = [("authorization", bearer.as_str())];
    suite.app.browser().get_with(&path, &headers).await
}

#[tokio::test]
async fn check_challenges_a_weak_login_and_names_the_one_that_is_enough() {
    let mut suite = Suite::start(Mode::Query).await;
    let token = access_token(&mut suite, &[]).await;
    assert_eq!(
        own(&suite, &token, &format!("acr_values={PASSWORD}"))
            .await
            .status,
        200
    );
    assert_eq!(
        own(&suite, &token, &format!("acr_values=gold+{PASSWORD}&max_age=0"))
            .await
            .status,
        200
    );
    let refused = own(&suite, &token, &format!("acr_values={MFA}+gold&max_age=60")).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let challenge = refused.header("www-authenticate");
    assert!(
        challenge.ends_with(
            "error=\"insufficient_user_authentication\", error_description=\"A stronger login is required\", \
             acr_values=\"urn:authz:acr:mfa gold\", max_age=\"60\""
        ),
        "{challenge}"
    );
    for query in [
        "max_age=-1",
        "max_age=x",
        "acr_values=a++b",
        "max_age=1&max_age=1",
    ] {
        assert_eq!(own(&suite, &token, query).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_login_grows_too_old_and_a_new_one_is_asked_for() {
    let mut suite = Suite::start(Mode::Query).await;
    let token = access_token(&mut suite, &[]).await;
    suite.pause(60);
    assert_eq!(own(&suite, &token, "max_age=60").await.status, 200);
    suite.pause(1);
    let refused = own(&suite, &token, "max_age=60").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.header("www-authenticate").ends_with("max_age=\"60\""));
    let (status, said) = suite.check(&[("token", &token), ("max_age", "60")]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&said["active"], &said["allowed"], &said["reason"]),
        (
            &Value::Bool(true),
            &Value::Bool(false),
            &Value::from("insufficient_user_authentication")
        )
    );
    let outcome = suite.authorize(&[("max_age", "60")]).await;
    assert_eq!(outcome.pages, ["page-login"]);
    let (_, tokens) = suite.redeem(outcome.code()).await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(own(&suite, token, "max_age=60").await.status, 200);
}

/// RFC 9470 §5: a class that this person cannot reach is an error, not a token that is refused again; a class nobody
/// here knows is a wish.
#[tokio::test]
async fn acr_values_that_cannot_be_met_are_an_error_and_unknown_ones_a_wish() {
    let mut suite = Suite::start(Mode::Query).await;
    for wanted in [ACR_MFA.to_owned(), format!("gold {ACR_MFA}")] {
        let outcome = suite.authorize(&[("acr_values", &wanted)]).await;
        assert_eq!(
            outcome.get("error"),
            "unmet_authentication_requirements",
            "{wanted}"
        );
    }
    for wanted in ["gold", "1 2", &format!("{ACR_MFA} {ACR_PASSWORD}")] {
        let (_, claims) = suite.tokens(&[("acr_values", wanted)]).await;
        assert_eq!(claims["acr"], ACR_PASSWORD, "{wanted}");
    }
}

/// RFC 9068 §4 names the error; the status is 403, as for everything a new token of the same kind does not mend.
#[tokio::test]
async fn a_token_for_another_audience_is_an_invalid_token_here() {
    let mut suite = Suite::start(Mode::Query).await;
    let token = access_token(&mut suite, &[]).await;
    let refused = own(&suite, &token, "audience=https%3A%2F%2Fother.example").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .header("www-authenticate")
            .contains("error=\"invalid_token\"")
    );
}
