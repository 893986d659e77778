//! Each fault, and that it ends.

use std::time::{Duration, Instant};

use github_double::{Endpoint, Fault};
use reqwest::Method;
use serde_json::Value;

use crate::stand::{Stand, header, now, problem};

#[tokio::test]
async fn a_status_is_answered_as_often_as_told() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    for status in [500, 502] {
        let fault = Fault::Status { status };
        stand.double.fault(Endpoint::User, fault, Some(1));
        assert_eq!(stand.get("/user", &token).await.status(), status);
    }
    assert_eq!(stand.get("/user", &token).await.status(), 200);
}

#[tokio::test]
async fn the_primary_rate_limit_says_when_it_ends() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    let fault = Fault::RateLimit { reset_in: 120 };
    stand.double.fault(Endpoint::User, fault, None);
    let answer = stand.get("/user", &token).await;
    assert_eq!(header(&answer, "x-ratelimit-remaining"), "0");
    let reset: i64 = header(&answer, "x-ratelimit-reset").parse().unwrap();
    assert!((now() + 110..=now() + 120).contains(&reset));
    let (status, message) = problem(answer).await;
    assert_eq!(status, 403);
    assert!(message.starts_with("API rate limit exceeded"));
    assert_eq!(stand.get("/user/emails", &token).await.status(), 404);
    stand.double.clear_faults();
    assert_eq!(stand.get("/user", &token).await.status(), 200);
}

#[tokio::test]
async fn a_secondary_rate_limit_says_how_long_to_wait() {
    let stand = Stand::new();
    let fault = Fault::SecondaryRateLimit { retry_after: 60 };
    stand.double.fault(Endpoint::App, fault, Some(1));
    let answer = stand.get("/app", &stand.app_jwt()).await;
    assert_eq!(header(&answer, "retry-after"), "60");
    assert_eq!(problem(answer).await.0, 429);
}

#[tokio::test]
async fn a_slow_answer_is_the_real_one() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    let delay = Duration::from_millis(50);
    stand.double.fault(Endpoint::User, Fault::slow(delay), Some(1));
    let before = Instant::now();
    let answer = stand.get("/user", &token).await;
    assert!(before.elapsed() >= delay);
    assert_eq!(answer.json::<Value>().await.unwrap()["login"], "octo");
}

#[tokio::test]
async fn broken_json_claims_to_be_json() {
    let stand = Stand::new();
    stand
        .double
        .fault(Endpoint::AccessToken, Fault::BrokenJson, Some(1));
    let request = stand.http.post(stand.web("/login/oauth/access_token"));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(header(&answer, "content-type").starts_with("application/json"));
    assert!(answer.json::<Value>().await.is_err());
}

#[tokio::test]
async fn a_closed_connection_gives_no_answer_and_is_noted() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    stand.double.fault(Endpoint::User, Fault::Close, None);
    let request = stand.api(Method::GET, "/user").bearer_auth(&token);
    let error = request.send().await.unwrap_err();
    assert!(error.is_request(), "{error}");
    let seen = stand.double.requests();
    assert_eq!(seen.last().unwrap().status, None);
    stand.double.clear_faults();
    assert_eq!(stand.get("/user", &token).await.status(), 200);
}

#[tokio::test]
async fn the_sixty_first_anonymous_request_of_an_hour_is_one_too_many() {
    let stand = Stand::new();
    let ask = async || stand.api(Method::GET, "/user").send().await.unwrap();
    for _ in 0..60 {
        assert_eq!(ask().await.status(), 401);
    }
    let answer = ask().await;
    assert_eq!(header(&answer, "x-ratelimit-remaining"), "0");
    assert_eq!(answer.status(), 403);
    stand.double.advance(Duration::from_secs(3600));
    assert_eq!(ask().await.status(), 401);
}
