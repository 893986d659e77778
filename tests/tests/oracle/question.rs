//! The doors where an address is given, and what comes back from them.

use std::time::Instant;

use anyhow::Result;
use reqwest::Response;
use reqwest::header::LOCATION;
use tests::agent::Agent;
use tests::server::Server;

const PASSWORD: &str = "five purple umbrellas on a tuesday";

/// What a field is filled in with.
pub enum Filling {
    /// The one that is asked about.
    Address,
    /// A name that nobody has.
    NewName,
    Text(&'static str),
}

enum Door {
    /// The button of a page's form.
    Page(&'static str),
    Json,
}

/// One door, and what is put into its form.
pub struct Question {
    pub name: &'static str,
    path: &'static str,
    door: Door,
    fields: &'static [(&'static str, Filling)],
}

pub const QUESTIONS: [Question; 11] = [
    Question {
        name: "a wrong password",
        path: "/login",
        door: Door::Page("login-submit"),
        fields: &[
            ("username", Filling::Address),
            ("password", Filling::Text("not the password")),
        ],
    },
    Question {
        name: "a forgotten password",
        path: "/forgot-password",
        door: Door::Page("forgot-submit"),
        fields: &[("email", Filling::Address)],
    },
    Question {
        name: "a link by mail",
        path: "/login/mail",
        door: Door::Page("login-mail-submit"),
        fields: &[("email", Filling::Address)],
    },
    Question {
        name: "a new account",
        path: "/register",
        door: Door::Page("register-submit"),
        fields: &[
            ("username", Filling::NewName),
            ("email", Filling::Address),
            ("name", Filling::Text("Somebody")),
            ("password", Filling::Text(PASSWORD)),
        ],
    },
    Question {
        name: "a wrong password at /auth",
        path: "/auth/login",
        door: Door::Json,
        fields: &[
            ("email", Filling::Address),
            ("password", Filling::Text("not the password")),
        ],
    },
    Question {
        name: "a forgotten password at /auth",
        path: "/auth/forgot-password",
        door: Door::Json,
        fields: &[("email", Filling::Address)],
    },
    Question {
        name: "a wrong password at /api/auth",
        path: "/api/auth/login",
        door: Door::Json,
        fields: &[
            ("email", Filling::Address),
            ("password", Filling::Text("not the password")),
        ],
    },
    Question {
        name: "a new account at /api/auth",
        path: "/api/auth/register",
        door: Door::Json,
        fields: &[("email", Filling::Address), ("password", Filling::Text(PASSWORD))],
    },
    Question {
        name: "a wrong password at /api",
        path: "/api/login",
        door: Door::Json,
        fields: &[
            ("username", Filling::Address),
            ("password", Filling::Text("not the password")),
        ],
    },
    Question {
        name: "a wrong password at /v1",
        path: "/v1/auth/login",
        door: Door::Json,
        fields: &[
            ("email", Filling::Address),
            ("password", Filling::Text("not the password")),
        ],
    },
    Question {
        name: "an unconfirmed address at /auth",
        path: "/auth/verify-email/resend",
        door: Door::Json,
        fields: &[("email", Filling::Address)],
    },
];

/// What can be seen of an answer, without what differs each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<String>,
    location: String,
    body: String,
}

pub struct Asked {
    pub seconds: f64,
    pub answer: Answer,
}

impl Question {
    /// Only the answer is timed, not the page before it. `number` is another one each time.
    pub async fn ask(&self, server: &Server, address: &str, number: usize) -> Result<Asked> {
        let agent = Agent::at(&format!("10.0.{}.{}", number >> 8, number & 255))?;
        let url = server.url(self.path);
        let new_name = format!("person{number}");
        let value = |filling: &Filling| match filling {
            Filling::Address => address.to_owned(),
            Filling::NewName => new_name.clone(),
            Filling::Text(text) => (*text).to_owned(),
        };
        let values: Vec<(&str, String)> = self
            .fields
            .iter()
            .map(|(name, filling)| (*name, value(filling)))
            .collect();
        let filled: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        // The page is there, or at least the connection, before the clock runs.
        let page = match self.door {
            Door::Page(_) => agent.open(&url).await?,
            Door::Json => agent.open(&server.url("/login")).await?,
        }
        .page()?;
        let begun = Instant::now();
        let response = match self.door {
            Door::Page(button) => agent.answer(&page, button, &filled).await?,
            Door::Json => agent.post_json(&url, &filled.into_iter().collect()).await?,
        };
        let seconds = begun.elapsed().as_secs_f64();
        Ok(Asked {
            seconds,
            answer: seen(response, &[address, &new_name]).await?,
        })
    }
}

async fn seen(response: Response, given: &[&str]) -> Result<Answer> {
    let location = response.headers().get(LOCATION);
    let location = location.map(|place| place.to_str()).transpose()?.unwrap_or("");
    // The name of a challenge is another each time.
    let location = location.split('=').next().unwrap_or_default().to_owned();
    let mut headers: Vec<String> = response.headers().keys().map(ToString::to_string).collect();
    headers.sort();
    let status = response.status().as_u16();
    let mut body = response.text().await?;
    for text in given {
        body = body.replace(text, "…");
    }
    let is_secret =
        |word: &&str| word.contains("nonce=") || (word.contains("value=\"") && !word.contains('…'));
    // The last member of an error: the request's id.
    let body = body.split("\"meta\"").next().unwrap_or_default();
    let words: Vec<&str> = body.split_whitespace().filter(|word| !is_secret(word)).collect();
    Ok(Answer {
        status,
        headers,
        location,
        body: words.join(" "),
    })
}
