//! Plan oidcc-rp-initiated-logout.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::Answer;
use crate::suite::{BYE, Mode, Suite, payload};

struct SignedIn {
    suite: Suite,
    hint: String,
}

impl SignedIn {
    async fn start() -> Self {
        let mut suite = Suite::start(Mode::Query).await;
        let (tokens, _) = suite.tokens(&[]).await;
        Self {
            suite,
            hint: tokens["id_token"].as_str().unwrap().to_owned(),
        }
    }

    async fn log_out(&mut self, parameters: &[(&str, &str)]) -> Answer {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(parameters).finish();
        self.suite.browser.get(&format!("/oauth2/logout?{query}")).await
    }

    async fn is_over(&mut self) -> bool {
        let outcome = self.suite.authorize(&[("prompt", "none")]).await;
        outcome.get("error") == "login_required"
    }

    /// A page, no redirect, and nothing ended on a stranger's word.
    async fn stays_on_a_page(&mut self, parameters: &[(&str, &str)]) {
        let answer = self.log_out(parameters).await;
        assert_eq!(answer.header("location"), "");
        assert!(
            answer.has_page("page-error") || answer.has_page("page-logout"),
            "{}",
            answer.body
        );
        assert!(!self.is_over().await);
    }

    async fn confirms(&mut self, parameters: &[(&str, &str)]) {
        let answer = self.log_out(parameters).await;
        assert!(answer.has_page("page-logout"), "{}", answer.body);
        let done = self
            .suite
            .press(&answer, "/oauth2/logout/confirm", &[("decision", "confirm")])
            .await;
        assert!(done.has_page("page-logged-out") && done.header("location").is_empty());
        assert!(self.is_over().await);
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let mut person = SignedIn::start().await;
    let (state, hint) = ("s".repeat(128), person.hint.clone());
    let answer = person
        .log_out(&[
            ("id_token_hint", &hint),
            ("post_logout_redirect_uri", BYE),
            ("state", &state),
        ])
        .await;
    assert_eq!(answer.header("location"), format!("{BYE}?state={state}"));
    assert!(person.is_over().await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let mut suite = Suite::start(Mode::Query).await;
    let document = suite.browser.get("/.well-known/openid-configuration").await;
    assert!(
        document
            .body
            .contains(r#""end_session_endpoint":"https://op.example/oauth2/logout""#)
    );
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let mut person = SignedIn::start().await;
    let hint = person.hint.clone();
    person
        .stays_on_a_page(&[
            ("id_token_hint", &hint),
            ("post_logout_redirect_uri", "https://rp.example/evil"),
        ])
        .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let mut person = SignedIn::start().await;
    let (hint, added) = (person.hint.clone(), format!("{BYE}?x=1"));
    person
        .stays_on_a_page(&[("id_token_hint", &hint), ("post_logout_redirect_uri", &added)])
        .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let mut person = SignedIn::start().await;
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let body = URL_SAFE_NO_PAD.encode(payload(&person.hint).to_string());
    let unsigned = format!("{header}.{body}.");
    person
        .stays_on_a_page(&[("id_token_hint", &unsigned), ("post_logout_redirect_uri", BYE)])
        .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let mut person = SignedIn::start().await;
    let foreign = jose::SigningKey::generate(jose::Algorithm::Rs256).unwrap();
    let forged = foreign.sign("JWT", &payload(&person.hint)).unwrap();
    person
        .stays_on_a_page(&[("id_token_hint", &forged), ("post_logout_redirect_uri", BYE)])
        .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let mut person = SignedIn::start().await;
    person.stays_on_a_page(&[("post_logout_redirect_uri", BYE)]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    SignedIn::start().await.confirms(&[]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    SignedIn::start().await.confirms(&[("state", "s")]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let mut person = SignedIn::start().await;
    let hint = person.hint.clone();
    let answer = person.log_out(&[("id_token_hint", &hint)]).await;
    assert!(answer.has_page("page-logged-out"));
    assert!(person.is_over().await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let mut person = SignedIn::start().await;
    let hint = person.hint.clone();
    let answer = person
        .log_out(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)])
        .await;
    assert_eq!(answer.header("location"), BYE);
    assert!(person.is_over().await);
}

/// Beyond the suite: an expired ID token is still a hint.
#[tokio::test]
async fn an_expired_id_token_is_still_a_hint() {
    let mut person = SignedIn::start().await;
    person.suite.pause(3 * 3600);
    let hint = person.hint.clone();
    let answer = person
        .log_out(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)])
        .await;
    assert_eq!(answer.header("location"), BYE);
}
