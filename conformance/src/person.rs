//! Somebody nobody else has heard of, with a password that no list of bad ones has.
//! A person is made anew for every scenario, so that a server with data serves as well.

use serde_json::{Value, json};

use crate::clock;
use crate::http::Http;
use crate::trouble::{Outcome, Trouble, given};
use crate::world::text;

/// Long and not in any list.
pub const PASSWORD: &str = "plum-Orbit-canvas-41-riddle";
/// Another one.
pub const OTHER_PASSWORD: &str = "slate-Harbor-violin-86-meadow";

/// Somebody with an address.
#[derive(Clone, Debug)]
pub struct Person {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The full name.
    pub name: &'static str,
}

/// Somebody who has signed up, and in.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Who it is.
    pub person: Person,
    /// The id that the server has given.
    pub id: String,
    /// An access token.
    pub token: String,
    /// A refresh token; empty where none came.
    pub refresh_token: String,
}

impl Person {
    /// Somebody new.
    pub fn new() -> Self {
        Self {
            email: format!("ada-{}@conformance.example", clock::unique()),
            password: PASSWORD.to_owned(),
            name: "Ada Lovelace",
        }
    }

    /// Address and password, as most documents ask for them.
    pub fn credentials(&self) -> Value {
        json!({"email": self.email, "password": self.password})
    }

    /// Address, password and name.
    pub fn form(&self) -> Value {
        json!({"email": self.email, "password": self.password, "name": self.name})
    }
}

impl Default for Person {
    fn default() -> Self {
        Self::new()
    }
}

/// A new person, signed up at whichever surface takes them: a precondition, not a case.
///
/// # Errors
/// `NotTried` when none does.
pub async fn newcomer(http: &Http) -> Outcome<Signed> {
    let person = Person::new();
    let mut last = None;
    for (base, token, refresh) in [
        ("/auth", "access_token", "refresh_token"),
        ("/api/auth", "token", "refreshToken"),
        ("/v1/auth", "token", "refresh_token"),
    ] {
        let form = person.form();
        let shape = json!({token: "@token", "user": {"id": "@text"}});
        let call = http.post(&format!("{base}/register")).json(&form);
        match given(call.answers(201, &shape).await, "somebody signed up") {
            Err(trouble) => last = Some(trouble),
            Ok(answer) => {
                return Ok(Signed {
                    id: text(&answer["user"], "id"),
                    token: text(&answer, token),
                    refresh_token: text(&answer, refresh),
                    person,
                });
            }
        }
    }
    Err(last.unwrap_or_else(|| Trouble::NotTried("needs a way to sign up".to_owned())))
}
