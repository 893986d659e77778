//! V02 to V06: what a signature is good for, and what it is not.

use std::time::Duration;

use model::Timestamp;
use testkit::signer::{Outgoing, Signer};

use crate::{EXCHANGE, Ground, plain};

async fn verdict(ground: &Ground, request: &Outgoing) -> (u16, String) {
    let reply = ground.send(request).await;
    match reply.status.as_u16() {
        200 => (200, String::new()),
        status => (status, reply.text("/error/code").to_owned()),
    }
}

async fn refused(ground: &Ground, request: Outgoing, status: u16, code: &str) {
    assert_eq!(
        verdict(ground, &request).await,
        (status, code.to_owned()),
        "{request:?}"
    );
}

/// V02.
#[tokio::test]
async fn the_date_of_a_request_may_be_five_minutes_off() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let now = ground.app.ctx().now;
    let minutes = |minutes: u64, seconds: u64| Duration::from_secs(60 * minutes + seconds);
    for (at, expected) in [
        (now.minus(minutes(4, 59)), ""),
        (now.plus(minutes(4, 59)), ""),
        (now.minus(minutes(5, 1)), "request_expired"),
        (now.plus(minutes(5, 1)), "request_not_yet_valid"),
        (now.minus(minutes(14, 0)), "request_expired"),
        (now.plus(minutes(14, 0)), "request_not_yet_valid"),
    ] {
        let reply = ground.send(&key.sign(plain(""), at)).await;
        if expected.is_empty() {
            assert_eq!(reply.status, 200, "{}", reply.body);
        } else {
            assert_eq!(reply.refusal(), (401, expected));
            assert!(reply.text("/error/details/server_time").ends_with('Z'));
        }
    }
    let presigned = key.presign(plain(""), now.minus(minutes(9, 0)), minutes(8, 0));
    refused(&ground, presigned, 401, "request_expired").await;
    let week = key.presign(plain(""), now, Duration::from_secs(604_800));
    refused(&ground, week, 400, "invalid_expires").await;
}

/// V02.
#[tokio::test]
async fn a_scope_that_is_not_the_servers_is_refused_with_what_is() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let now = ground.app.ctx().now;
    let elsewhere = Signer {
        region: "eu-west-1".into(),
        ..key.clone()
    };
    let reply = ground.send(&elsewhere.sign(plain(""), now)).await;
    assert_eq!(reply.refusal(), (401, "invalid_credential_scope"));
    assert_eq!(
        (
            reply.text("/error/details/region"),
            reply.text("/error/details/service")
        ),
        ("us-east-1", "iam")
    );
    assert_eq!(reply.header("www-authenticate"), "AWS4-HMAC-SHA256");
    let storage = Signer {
        service: "s3".into(),
        ..key.clone()
    };
    refused(
        &ground,
        storage.sign(plain(""), now),
        401,
        "invalid_credential_scope",
    )
    .await;
    let day = now.to_string()[..10].replace('-', "");
    let other_day = key
        .sign(plain(""), now)
        .change("authorization", |text| text.replacen(&day, "20200101", 1));
    refused(&ground, other_day, 401, "invalid_credential_scope").await;
}

/// V03: also for whoever sends it again with the `Idempotency-Key` it came with.
#[tokio::test]
async fn a_signature_counts_once() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let request = ground.signed(&key, "").with("idempotency-key", "one");
    assert_eq!(verdict(&ground, &request).await.0, 200);
    refused(&ground, request.clone(), 401, "signature_used").await;
    let again = request.change("idempotency-key", |_| "two".to_owned());
    refused(&ground, again, 401, "signature_used").await;
    let presigned = key.presign(plain(""), ground.app.ctx().now, Duration::from_secs(900));
    assert_eq!(verdict(&ground, &presigned).await.0, 200);
    ground.app.clock.advance(Duration::from_secs(899));
    ground
        .app
        .authority
        .forget_expired(&ground.app.ctx())
        .await
        .unwrap();
    refused(&ground, presigned, 401, "signature_used").await;
}

/// V04.
#[tokio::test]
async fn what_must_be_signed_and_is_not_is_refused() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let unlist = |name: &'static str| {
        let list = format!("{name};");
        let last = format!(";{name}");
        move |text: &str| text.replacen(&list, "", 1).replacen(&last, "", 1)
    };
    let signed = ground.signed(&key, "");
    refused(
        &ground,
        signed.clone().change("authorization", unlist("host")),
        401,
        "header_not_signed",
    )
    .await;
    refused(
        &ground,
        signed.clone().change("authorization", unlist("x-amz-date")),
        401,
        "header_not_signed",
    )
    .await;
    refused(
        &ground,
        signed.clone().with("x-amz-target", "other"),
        401,
        "header_not_signed",
    )
    .await;
    refused(
        &ground,
        signed.clone().change("host", |_| "other.example".into()),
        401,
        "signature_does_not_match",
    )
    .await;
    // Not signed, and not looked at.
    let more = signed
        .with("content-type", "text/plain")
        .with("x-account-id", "123456789012");
    assert_eq!(verdict(&ground, &more).await, (200, String::new()));
}

/// V05.
#[tokio::test]
async fn the_body_is_signed_and_nothing_may_say_otherwise() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let now = ground.app.ctx().now;
    let mut changed = ground.signed(&key, r#"{"duration_seconds":60}"#);
    changed.body = r#"{"duration_seconds":900}"#.to_owned();
    refused(&ground, changed, 401, "signature_does_not_match").await;
    for form in [
        "UNSIGNED-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    ] {
        let request = key.sign(plain("").with("x-amz-content-sha256", form), now);
        refused(&ground, request, 401, "body_not_signed").await;
    }
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let wrong = key.sign(plain("{}").with("x-amz-content-sha256", digest), now);
    refused(&ground, wrong, 401, "content_sha256_mismatch").await;
    let right = key.sign(plain("").with("x-amz-content-sha256", digest), now);
    assert_eq!(verdict(&ground, &right).await.0, 200);
}

/// V06: what is routed is the text that was sent, so no other spelling of the path leads here.
#[tokio::test]
async fn a_request_signed_one_way_and_sent_another_is_refused() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let sign = |query: &str| {
        let request = Outgoing::post("auth.example", &format!("{EXCHANGE}?{query}"), "");
        key.sign(request, ground.app.ctx().now)
    };
    for (signed, sent, code) in [
        ("a=b%20c", "a=b+c", "malformed_request"),
        ("a=b%2Bc", "a=b+c", "malformed_request"),
        ("a=%20", "a=%2520", "signature_does_not_match"),
        ("a=1&a=2", "a=2&a=2", "signature_does_not_match"),
        ("a=1", "a=1&a=1", "signature_does_not_match"),
        ("a=1", "A=1", "signature_does_not_match"),
        ("a=", "", "signature_does_not_match"),
        ("a", "a&", "malformed_request"),
    ] {
        let mut request = sign(signed);
        request.target = format!("{EXCHANGE}?{sent}");
        refused(
            &ground,
            request,
            if code == "malformed_request" { 400 } else { 401 },
            code,
        )
        .await;
    }
    for path in [
        "/auth/./iam/exchange-credentials",
        "/auth/x/../iam/exchange-credentials",
        "/auth//iam/exchange-credentials",
        "/auth/iam/exchange%2Dcredentials",
    ] {
        let mut request = sign("");
        request.target = path.to_owned();
        let (status, _) = verdict(&ground, &request).await;
        assert!([401, 404].contains(&status), "{path} {status}");
    }
    let folded = ground
        .signed(&key, "")
        .with("x-amz-date", &stamp(ground.app.ctx().now));
    refused(&ground, folded, 400, "invalid_date").await;
    let same = sign("b=2&a=1");
    let reordered = Outgoing {
        target: format!("{EXCHANGE}?a=1&b=2"),
        ..same
    };
    assert_eq!(verdict(&ground, &reordered).await.0, 200);
}

fn stamp(at: Timestamp) -> String {
    format!("{}Z", &at.to_string()[..19].replace(['-', ':'], ""))
}
