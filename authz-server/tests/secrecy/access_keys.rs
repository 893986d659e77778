//! Access keys, exchanged in every way.

use http::Method;
use serde_json::json;
use testkit::signer::{Outgoing, Signer};

use crate::app::App;
use crate::app::PASSWORD;

const EXCHANGE: &str = "/auth/iam/exchange-credentials";

/// V08, A02: every secret that went over the wire.
pub async fn drive(app: &App) -> Vec<String> {
    let body = json!({"email": "keys@example.org", "password": PASSWORD});
    let root = app.program().post("/auth/register", body).await;
    let root = app.program().bearing(root.text("/access_token"));
    root.post("/auth/iam/users", json!({"username": "ci"})).await;
    let made = root.post("/auth/iam/users/ci/access-keys", json!({})).await;
    let key = Signer::new(made.text("/access_key_id"), made.text("/secret_access_key"));
    let mut secrets = vec![key.secret.clone()];
    for secret in ["canary-access-key", &key.secret] {
        let body = json!({"access_key_id": key.id, "secret_access_key": secret});
        let reply = app.program().post(EXCHANGE, body).await;
        let token = reply.body["access_token"].as_str();
        secrets.extend(token.map(str::to_owned));
    }
    let now = app.ctx().now;
    let signed = key.sign(Outgoing::post("auth.example", EXCHANGE, ""), now);
    let presigned = key.presign(
        Outgoing::post("auth.example", EXCHANGE, ""),
        now,
        std::time::Duration::from_secs(60),
    );
    for request in [&signed, &presigned] {
        let mut program = app.program();
        for (name, value) in &request.headers {
            program = program.with(name, value);
        }
        let reply = program.send(Method::POST, &request.target, None).await;
        secrets.push(reply.text("/access_token").to_owned());
    }
    let (_, of_header) = signed.header("authorization").rsplit_once('=').unwrap();
    let (_, of_query) = presigned.target.rsplit_once('=').unwrap();
    secrets.extend([of_header.to_owned(), of_query.to_owned()]);
    secrets
}
