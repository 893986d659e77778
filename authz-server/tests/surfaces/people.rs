//! Somebody with an account, and what they need to sign in at any surface.

use serde_json::{Value, json};

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};

pub const EMAIL: &str = "ada@example.org";

/// Every `me`.
pub const ME: [&str; 4] = ["/auth/me", "/api/session", "/v1/auth/me", "/v1/users/me"];

/// Every password login: path, and where the access token is in its answer.
pub const LOGINS: [(&str, &str); 3] = [
    ("/auth/login", "/access_token"),
    ("/api/login", "/token"),
    ("/v1/auth/login", "/token"),
];

pub async fn register(app: &App) -> Reply {
    register_as(app, EMAIL).await
}

pub async fn register_as(app: &App, email: &str) -> Reply {
    let body = json!({"email": email, "password": PASSWORD, "name": "Ada Lovelace", "company": "Engines"});
    let reply = app.program().post("/v1/auth/register", body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply
}

/// Credentials as a login takes them, for all of these doors.
pub fn credentials(password: &str) -> Value {
    json!({"email": EMAIL, "username": EMAIL, "password": password})
}

pub async fn log_in(app: &App) -> Reply {
    let reply = app.program().post("/v1/auth/login", credentials(PASSWORD)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

/// Registered and signed in.
pub async fn signed(app: &App) -> Program {
    let reply = register(app).await;
    app.program().bearing(reply.text("/token"))
}
