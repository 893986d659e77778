//! What every case can reach: the server, the mail, the stand-in for GitHub, the operator's secrets.
//! Holds nothing that a case has made.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::github::Github;
use crate::http::Http;
use crate::mail::Mail;
use crate::options::Options;
use crate::trouble::{Outcome, Trouble, given};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct World {
    /// The server.
    pub http: Http,
    /// Its mail.
    pub mail: Mail,
    /// The stand-in for GitHub.
    pub github: Github,
    /// The options, for what is asked rarely.
    pub options: Arc<Options>,
}

impl World {
    /// As the options say.
    ///
    /// # Errors
    /// When the base address is none.
    pub fn new(options: &Options) -> Result<Self, String> {
        url::Url::parse(&options.base_url).map_err(|error| format!("--base-url: {error}"))?;
        Ok(Self {
            http: Http::new(&options.base_url, !options.no_limit_fields)?,
            mail: Mail::by(options.mail_command.clone()),
            github: Github::at(options.github_url.clone())?,
            options: Arc::new(options.clone()),
        })
    }

    /// An access token of the administrator.
    ///
    /// # Errors
    /// `NotTried` without an administrator, or when signing in fails.
    pub async fn admin(&self) -> Outcome<String> {
        let (Some(email), Some(password)) = (&self.options.admin_email, &self.options.admin_password) else {
            return Err(Trouble::NotTried(
                "needs --admin-email and --admin-password".to_owned(),
            ));
        };
        let body = json!({"email": email, "password": password});
        let shape = json!({"token": "@token"});
        let answer = self
            .http
            .post("/v1/auth/login")
            .json(&body)
            .answers(200, &shape)
            .await;
        Ok(text(&given(answer, "an administrator")?, "token"))
    }

    /// The service key.
    ///
    /// # Errors
    /// `NotTried` without one.
    pub fn service_key(&self) -> Outcome<&str> {
        let key = self.options.service_key.as_deref();
        key.ok_or_else(|| Trouble::NotTried("needs --service-key".to_owned()))
    }
}

/// A member of an answer as text; empty when it is none.
pub fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}
