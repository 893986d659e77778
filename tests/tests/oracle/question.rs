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

/// One door, and what is put into its form.
pub struct Question {
    pub name: &'static str,
    path: &'static str,
    button: &'static str,
    fields: &'static [(&'static str, Filling)],
}

pub const QUESTIONS: [Question; 4] = [
    Question {
        name: "a wrong password",
        path: "/login",
        button: "login-submit",
        fields: &[
            ("username", Filling::Address),
            ("password", Filling::Text("not the password")),
        ],
    },
    Question {
        name: "a forgotten password",
        path: "/forgot-password",
        button: "forgot-submit",
        fields: &[("email", Filling::Address)],
    },
    Question {
        name: "a link by mail",
        path: "/login/mail",
        button: "login-mail-submit",
        fields: &[("email", Filling::Address)],
    },
    Question {
        name: "a new account",
        path: "/register",
        button: "register-submit",
        fields: &[
            ("username", Filling::NewName),
            ("email", Filling::Address),
            ("name", Filling::Text("Somebody")),
            ("password", Filling::Text(PASSWORD)),
        ],
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
        let page = agent.open(&server.url(self.path)).await?.page()?;
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
        let begun = Instant::now();
        let response = agent.answer(&page, self.button, &filled).await?;
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
    let words: Vec<&str> = body.split_whitespace().filter(|word| !is_secret(word)).collect();
    Ok(Answer {
        status,
        headers,
        location,
        body: words.join(" "),
    })
}
