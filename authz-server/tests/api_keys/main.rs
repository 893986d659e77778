//! API keys at the endpoints: introspection, revocation, exchange, and reports of leaks.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[path = "../app/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod app;
mod doors;
mod leaks;

use domain::api_keys::NewApiKey;
use domain::people::{AccountForm, AskedIn, Registered};
use model::PlainSecret;
use model::api_key::{ApiKey, KeyKind, KeyName};
use model::user::User;
use oauth::permission::PermissionSet;

use app::{App, PASSWORD};

/// A user with a key of this kind.
pub async fn key(app: &App, kind: KeyKind, scopes: &str) -> (User, ApiKey, PlainSecret) {
    app.authority.keep_keys(&app.ctx()).await.unwrap();
    let form = AccountForm {
        username: "ada".to_owned(),
        email: "ada@example.org".to_owned(),
        name: "Ada".to_owned(),
        company: String::new(),
        password: PlainSecret::new(PASSWORD),
    };
    let registered = app.authority.register(&app.ctx(), form, AskedIn::default()).await;
    let Registered::SignedIn(ada) = registered.unwrap() else {
        panic!("not signed in")
    };
    let permissions = PermissionSet::from_scope_string(scopes).unwrap();
    let new = NewApiKey::new(kind, KeyName::parse("Pipeline").unwrap(), permissions);
    let made = app.authority.create_api_key(&app.ctx(), &ada.user, new).await;
    let (key, text) = made.unwrap();
    (ada.user, key, text)
}
