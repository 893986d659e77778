//! The stand-in for GitHub: adds people and says yes in their name.
//! Speaks to its pages and to its own doors below `/_double`, never to the real one.

use serde_json::{Value, json};
use url::Url;

use crate::clock;
use crate::http::Http;
use crate::trouble::{Outcome, Trouble, wrong};

/// The way to it.
#[derive(Clone, Debug)]
pub struct Github {
    http: Option<Http>,
}

/// Somebody there.
#[derive(Clone, Debug)]
pub struct GithubPerson {
    /// The name there.
    pub login: String,
    /// The number there.
    pub id: String,
    /// The proven address there.
    pub email: String,
}

impl Github {
    /// At an address, if there is one.
    ///
    /// # Errors
    /// When no client can be built.
    pub fn at(url: Option<String>) -> Result<Self, String> {
        let http = url.map(|url| Http::new(&url, false)).transpose()?;
        Ok(Self { http })
    }

    fn http(&self) -> Outcome<&Http> {
        let http = self.http.as_ref();
        http.ok_or_else(|| Trouble::NotTried("needs --github-url".to_owned()))
    }

    /// Somebody new, with one repository.
    ///
    /// # Errors
    /// `NotTried` when the stand-in is not there or can't add people.
    pub async fn person(&self) -> Outcome<GithubPerson> {
        let login = format!("octo-{}", clock::unique());
        let email = format!("{login}@conformance.example");
        let changes = json!([
            {"do": "add_person", "login": login, "name": "Octo Cat",
             "emails": [{"email": email, "primary": true, "verified": true}]},
            {"do": "add_repository", "owner": login, "name": "orbit"},
        ]);
        let reply = self.http()?.post("/_double/faults").json(&changes).send().await?;
        let numbers: Value = serde_json::from_slice(reply.bytes()).unwrap_or_default();
        match numbers["numbers"][0].as_u64() {
            Some(id) => Ok(GithubPerson {
                login,
                id: id.to_string(),
                email,
            }),
            None => Err(Trouble::NotTried(format!(
                "needs a person at GitHub: {}",
                reply.text()
            ))),
        }
    }

    /// Whether an address leads there.
    pub fn is_there(&self, url: &Url) -> bool {
        self.http
            .as_ref()
            .is_some_and(|http| url.as_str().starts_with(&http.url("/")))
    }

    /// Says yes on the page at `at` in the name of a person; the address that GitHub sends the browser to.
    ///
    /// # Errors
    /// When the address is not GitHub's, or GitHub does not send the browser back.
    pub async fn allow(&self, at: &Url, person: &GithubPerson) -> Outcome<Url> {
        self.choose(at, "person", &person.login).await
    }

    /// Says no.
    ///
    /// # Errors
    /// As `allow`.
    pub async fn deny(&self, at: &Url) -> Outcome<Url> {
        self.choose(at, "deny", "1").await
    }

    /// Installs the app of the page at `at` for a person.
    ///
    /// # Errors
    /// As `allow`.
    pub async fn install(&self, at: &Url, person: &GithubPerson) -> Outcome<Url> {
        self.choose(at, "account", &person.login).await
    }

    async fn choose(&self, at: &Url, name: &str, value: &str) -> Outcome<Url> {
        let http = self.http()?;
        if !self.is_there(at) {
            return Err(wrong("the redirect to GitHub", http.url("/"), at.as_str()));
        }
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(at.query_pairs()).append_pair(name, value);
        let body = form.finish().into_bytes();
        let form = "application/x-www-form-urlencoded";
        http.post(at.as_str()).body(form, body).redirects().await
    }
}

/// A parameter of an address.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A parameter of an address's fragment.
pub fn fragment_parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(url.fragment()?.as_bytes());
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
