//! Expiring user tokens of the GitHub App.

use std::time::Duration;

use serde_json::Value;

use crate::stand::{APP_CLIENT, APP_SECRET, CLIENT, SECRET, Stand, text};

async fn refresh(stand: &Stand, token: &str) -> Value {
    let form = [
        ("client_id", APP_CLIENT),
        ("client_secret", APP_SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
    ];
    stand.exchange(&form).await
}

#[tokio::test]
async fn an_expiring_token_comes_with_a_refresh_token() {
    let stand = Stand::new();
    let pair = stand.sign_in_to_app("octo").await;
    assert!(text(&pair["access_token"]).starts_with("ghu_"));
    assert!(text(&pair["refresh_token"]).starts_with("ghr_"));
    assert_eq!(pair["expires_in"], 28_800);
    assert_eq!(pair["refresh_token_expires_in"], 15_897_600);
    assert_eq!(pair["scope"], "");
    stand.double.advance(Duration::from_secs(28_800));
    let token = text(&pair["access_token"]);
    assert_eq!(stand.get("/user", &token).await.status(), 401);
}

#[tokio::test]
async fn refreshing_ends_the_old_pair() {
    let stand = Stand::new();
    let old = stand.sign_in_to_app("octo").await;
    let new = refresh(&stand, &text(&old["refresh_token"])).await;
    assert_eq!(new["expires_in"], 28_800);
    let (old_token, new_token) = (text(&old["access_token"]), text(&new["access_token"]));
    assert_eq!(stand.get("/user", &old_token).await.status(), 401);
    assert_eq!(stand.get("/user", &new_token).await.status(), 200);
    let again = refresh(&stand, &text(&old["refresh_token"])).await;
    assert_eq!(again["error"], "bad_refresh_token");
    assert_eq!(stand.get("/user", &new_token).await.status(), 200);
}

#[tokio::test]
async fn a_refresh_token_lives_half_a_year_and_belongs_to_its_client() {
    let stand = Stand::new();
    let pair = stand.sign_in_to_app("octo").await;
    let form = [
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", pair["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(stand.exchange(&form).await["error"], "bad_refresh_token");
    stand.double.advance(Duration::from_secs(15_897_600));
    let answer = refresh(&stand, &text(&pair["refresh_token"])).await;
    assert_eq!(answer["error"], "bad_refresh_token");
}

#[tokio::test]
async fn an_app_may_opt_out_of_expiry() {
    let stand = Stand::with(|settings| settings.github_apps[0].expiring_tokens = false);
    let answer = stand.sign_in_to_app("octo").await;
    assert!(text(&answer["access_token"]).starts_with("ghu_"));
    assert!(answer.get("refresh_token").is_none() && answer.get("expires_in").is_none());
}
