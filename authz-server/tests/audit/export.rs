//! The export, as it comes over HTTP.

use axum::body::Body;
use http::{Request, header};
use model::audit::Reading;
use tower::ServiceExt as _;

use crate::app::App;
use crate::root;

async fn export(app: &App, token: &str, query: &str) -> (u16, String) {
    let request = Request::get(format!("/auth/audit-logs/export{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    let response = app.router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 64 << 20)
        .await
        .unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn an_export_verifies_by_itself_and_says_what_is_missing() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    for number in 0..450 {
        let name = serde_json::json!({ "name": format!("Ada {number}") });
        ada.patch("/v1/users/me", name).await;
    }
    app.authority.sign_checkpoints(&app.ctx(), 1).await.unwrap();
    let body = serde_json::json!({ "email": "ada@example.org", "password": crate::PASSWORD });
    let signed_in = app.program().post("/auth/login", body).await;
    let (status, lines) = export(&app, signed_in.text("/access_token"), "").await;
    assert_eq!(status, 200);
    let mut reading = Reading::new(None);
    lines.lines().for_each(|line| reading.line(line));
    let verdict = reading.finish();
    assert!(verdict.findings.is_empty(), "{:?}", verdict.findings);
    assert_eq!((verdict.entries, verdict.checkpoints), (452, 1));
    let mut reading = Reading::new(None);
    let cut = lines.lines().filter(|line| !line.contains("\"seq\":219,"));
    cut.for_each(|line| reading.line(line));
    let found = &reading.finish().findings.list[0];
    assert_eq!(
        (found.seq, found.what.as_str()),
        (Some(220), "entry 219 is missing before it")
    );
}

#[tokio::test]
async fn an_export_of_a_time_without_entries_has_an_end_too() {
    let app = App::new().await;
    root(&app, "ada@example.org").await;
    let body = serde_json::json!({ "email": "ada@example.org", "password": crate::PASSWORD });
    let signed_in = app.program().post("/auth/login", body).await;
    for query in ["?since=2999-01-01T00:00:00Z", "?until=1999-01-01T00:00:00Z"] {
        let (status, lines) = export(&app, signed_in.text("/access_token"), query).await;
        assert_eq!((status, lines.lines().count()), (200, 2), "{lines}");
        let mut reading = Reading::new(None);
        lines.lines().for_each(|line| reading.line(line));
        let verdict = reading.finish();
        assert!(verdict.findings.is_empty(), "{query} {:?}", verdict.findings);
    }
    assert_eq!(export(&app, "nobody", "").await.0, 401);
}
