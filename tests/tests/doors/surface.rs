//! The JSON surfaces, as far as they let people in, tell who they are and end what they have.
//! A surface that is added to the table is tried with everything else.

use std::fmt;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tests::demo::PASSWORD;

use crate::given::{Access, Given, Refresh, Spent, text};
use crate::house::House;
use crate::person::{Person, address};

/// What its document calls things.
pub struct Surface {
    pub name: &'static str,
    pub client: &'static str,
    pub login: &'static str,
    /// The members of its body for who it is and for the code of the second step.
    members: (&'static str, &'static str),
    /// What the answer calls the access token.
    token: &'static str,
    pub renewal: Option<Renewal>,
    /// Where it tells who somebody is.
    pub me: &'static [&'static str],
    pub log_out: Option<&'static str>,
    /// Where a mail is asked for, and where its token is brought with a new password.
    pub reset: Option<(&'static str, &'static str)>,
}

/// How the next pair of tokens is got.
pub struct Renewal {
    path: &'static str,
    /// What the refresh token is called, in each direction.
    member: &'static str,
}

pub static SURFACES: [Surface; 4] = [
    Surface {
        name: "platform",
        client: "first-party.platform",
        login: "/auth/login",
        members: ("email", "totp_code"),
        token: "access_token",
        renewal: Some(Renewal {
            path: "/auth/refresh",
            member: "refresh_token",
        }),
        me: &["/auth/me"],
        log_out: None,
        reset: Some(("/auth/forgot-password", "/auth/reset-password")),
    },
    Surface {
        name: "console",
        client: "first-party.console",
        login: "/api/auth/login",
        members: ("email", "totpCode"),
        token: "token",
        renewal: Some(Renewal {
            path: "/api/auth/refresh",
            member: "refreshToken",
        }),
        me: &["/api/auth/me"],
        log_out: Some("/api/auth/logout"),
        reset: Some(("/api/auth/forgot-password", "/api/auth/reset-password")),
    },
    Surface {
        name: "tokens",
        client: "first-party.tokens",
        login: "/api/login",
        members: ("username", "totp_code"),
        token: "token",
        renewal: None,
        me: &["/api/session"],
        log_out: Some("/api/logout"),
        reset: None,
    },
    Surface {
        name: "v1",
        client: "first-party.v1",
        login: "/v1/auth/login",
        members: ("email", "totp_code"),
        token: "token",
        renewal: Some(Renewal {
            path: "/v1/auth/refresh",
            member: "refresh_token",
        }),
        me: &["/v1/auth/me", "/v1/users/me"],
        log_out: Some("/v1/auth/logout"),
        reset: None,
    },
];

/// How a sign-in there ended.
pub struct Entered {
    /// Nothing when nobody was let in.
    pub given: Option<Given>,
    pub asked_for_code: bool,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

impl Surface {
    /// With the password; with a backup code too, once it is asked for.
    pub async fn enter(&'static self, house: &House, person: &Person) -> Result<Entered> {
        let who = match self.members.0 {
            "username" => &person.name,
            _ => &person.email,
        };
        let mut body = json!({ self.members.0: who, "password": PASSWORD });
        let mut reply = post(house, self.login, &body, None).await?;
        let code = reply.body["error"]["code"].as_str().unwrap_or_default();
        let asked_for_code = reply.body["requires_2fa"] == true || code.eq_ignore_ascii_case("mfa_required");
        if asked_for_code {
            body[self.members.1] = person.codes.first().context("no code")?.as_str().into();
            reply = post(house, self.login, &body, None).await?;
        }
        let given = match reply.status {
            200 => Some(self.given(&reply.body)?),
            401 | 403 | 429 => None,
            status => bail!("{status} {}", reply.body),
        };
        Ok(Entered {
            given,
            asked_for_code,
        })
    }

    fn given(&'static self, body: &Value) -> Result<Given> {
        let mut given = Given::default();
        given.access.push(Access {
            kind: self.name,
            token: text(body, self.token)?,
            client: (self.client, ""),
            is_first_party: true,
        });
        if let Some(renewal) = &self.renewal {
            given.refresh.push(Refresh {
                token: text(body, renewal.member)?,
                client: (self.client, ""),
                spent: Spent::At(renewal),
            });
        }
        Ok(given)
    }

    /// At its own door, with the token.
    pub async fn log_out(&self, house: &House, token: &str) -> Result<()> {
        let path = self.log_out.context("no way out")?;
        let reply = post(house, path, &json!({}), Some(token)).await?;
        ensure!(reply.status == 200, "{} {}", reply.status, reply.body);
        Ok(())
    }

    /// By somebody who has the mailbox and nothing else.
    pub async fn reset(&self, house: &House, person: &Person) -> Result<()> {
        let (ask, bring) = self.reset.context("no reset")?;
        let asked = post(house, ask, &json!({ "email": person.email }), None).await?;
        ensure!(asked.status == 202, "{} {}", asked.status, asked.body);
        let link = house.link(&person.email, "/reset-password").await?;
        let (_, token) = link.split_once("token=").context("no token")?;
        let body = json!({ "token": token, "password": "seven tin lanterns on a rope" });
        let reply = post(house, bring, &body, None).await?;
        ensure!(reply.status == 200, "{} {}", reply.status, reply.body);
        Ok(())
    }
}

impl Renewal {
    /// The next refresh token, or nothing when this one is refused as such.
    pub async fn spend(&self, house: &House, token: &str) -> Result<Option<String>> {
        let reply = post(house, self.path, &json!({ self.member: token }), None).await?;
        match (reply.status, reply.body["error"]["code"].as_str()) {
            (200, _) => Ok(Some(text(&reply.body, self.member)?)),
            (401, Some(code)) if code.eq_ignore_ascii_case("invalid_refresh_token") => Ok(None),
            (status, _) => bail!("{}: {status} {}", self.path, reply.body),
        }
    }
}

/// From an address of its own.
pub async fn post(house: &House, path: &str, body: &Value, token: Option<&str>) -> Result<Reply> {
    let mut request = house.demo.http.post(house.demo.server.url(path));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let request = request
        .header("x-forwarded-for", address(house))
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string());
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    let text = answer.text().await?;
    let body = serde_json::from_str(&text).with_context(|| format!("{path}: {status} {text}"))?;
    Ok(Reply { status, body })
}

impl PartialEq for Surface {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Surface {}

impl fmt::Debug for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
