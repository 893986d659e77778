//! Somebody with an account, and what they need to sign in at any surface.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};

pub const EMAIL: &str = "ada@example.org";

/// Every `me`.
pub const ME: [&str; 5] = [
    "/auth/me",
    "/api/session",
    "/api/auth/me",
    "/v1/auth/me",
    "/v1/users/me",
];

/// Every password login: path, and where the access token is in its answer.
pub const LOGINS: [(&str, &str); 4] = [
    ("/auth/login", "/access_token"),
    ("/api/login", "/token"),
    ("/api/auth/login", "/token"),
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

/// An authenticator app and the paper in a drawer.
pub struct Phone {
    app: Totp,
    pub backup: Vec<String>,
}

impl Phone {
    /// The app that reads this secret.
    pub fn reading(secret: &str) -> Self {
        let app = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_secret(Secret::try_from_base32(secret).unwrap())
            .build()
            .unwrap();
        let backup = Vec::new();
        Self { app, backup }
    }

    /// The code of the next time step, so that none is used twice.
    pub fn code(&self, app: &App) -> String {
        app.clock.advance(Duration::from_secs(30));
        let seconds = u64::try_from(app.ctx().now.as_seconds()).unwrap();
        self.app.generate(seconds).to_string()
    }
}

/// Turns the second step on for whoever is signed in to `program`.
pub async fn turn_on(app: &App, program: &Program) -> Phone {
    let seed = program.send(Method::POST, "/v1/auth/2fa/setup", None).await;
    let mut phone = Phone::reading(seed.text("/secret"));
    let body = json!({"code": phone.code(app)});
    let reply = program.post("/v1/auth/2fa/verify", body).await;
    assert_eq!(reply.text("/message_code"), "2fa_enabled");
    let codes = reply.body["backup_codes"].as_array().unwrap().iter();
    phone.backup = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
    phone
}
