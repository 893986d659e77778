//! What a sign-in gave: tokens, where each is read, and where it is spent.

use anyhow::{Context as _, Result, ensure};
use reqwest::StatusCode;
use serde_json::Value;
use tests::agent::{Agent, Landing};
use tests::demo::{CALLBACK, SHOP};
use url::Url;

use crate::house::House;
use crate::surface::Renewal;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Id and secret; a surface has none.
pub type Client = (&'static str, &'static str);

/// The website that gets opaque tokens.
pub const OPAQUE: Client = ("web-opaque", SHOP.1);

/// An access token.
#[derive(Clone)]
pub struct Access {
    pub kind: &'static str,
    pub token: String,
    /// Whose it is: the website that may ask about it, or a surface.
    pub client: Client,
    /// Whether it stands for the person, not for a website.
    pub is_first_party: bool,
}

/// Where a refresh token is spent.
#[derive(Clone, Copy)]
pub enum Spent {
    /// The token endpoint.
    AtTokenEndpoint,
    /// A JSON surface.
    At(&'static Renewal),
}

/// A refresh token.
#[derive(Clone)]
pub struct Refresh {
    pub token: String,
    pub client: Client,
    pub spent: Spent,
}

/// All that one sign-in gave.
#[derive(Clone, Default)]
pub struct Given {
    pub access: Vec<Access>,
    pub refresh: Vec<Refresh>,
    pub id_token: String,
}

impl Given {
    /// Signs in to both websites with a browser that is signed in here.
    pub async fn at_websites(house: &House, agent: &Agent) -> Result<Self> {
        let mut given = Self::default();
        for (kind, client) in [("JWT", SHOP), ("opaque", OPAQUE)] {
            let code = code(house, agent, client.0).await?;
            let form = [
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", CALLBACK),
                ("code_verifier", VERIFIER),
            ];
            let tokens = house.demo.token(client, &form).await?;
            given.access.push(Access {
                kind,
                token: text(&tokens, "access_token")?,
                client,
                is_first_party: false,
            });
            given.refresh.push(Refresh {
                token: text(&tokens, "refresh_token")?,
                client,
                spent: Spent::AtTokenEndpoint,
            });
            given.id_token = text(&tokens, "id_token")?;
        }
        Ok(given)
    }
}

impl Refresh {
    /// Spends it; the next one, or nothing when it is refused as such.
    pub async fn spend(&self, house: &House) -> Result<Option<Self>> {
        let next = match self.spent {
            Spent::AtTokenEndpoint => self.at_token_endpoint(house).await?,
            Spent::At(renewal) => renewal.spend(house, &self.token).await?,
        };
        Ok(next.map(|token| Self {
            token,
            ..self.clone()
        }))
    }

    async fn at_token_endpoint(&self, house: &House) -> Result<Option<String>> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", self.token.as_str()),
        ];
        let answer = house.demo.post(self.client, "/oauth2/token", &form).await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        if status == StatusCode::BAD_REQUEST && body["error"] == "invalid_grant" {
            return Ok(None);
        }
        ensure!(status.is_success(), "{status} {body}");
        Ok(Some(text(&body, "refresh_token")?))
    }
}

/// A member of an object.
pub fn text(body: &Value, name: &str) -> Result<String> {
    let found = body[name].as_str();
    Ok(found.with_context(|| format!("no {name} in {body}"))?.to_owned())
}

async fn code(house: &House, agent: &Agent, client: &str) -> Result<String> {
    let mut url = Url::parse(&house.demo.server.url("/oauth2/authorize"))?;
    url.query_pairs_mut().extend_pairs([
        ("client_id", client),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid orders:read"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let landed = match agent.open(url.as_str()).await? {
        Landing::Page(page) => agent.press(&page, "consent-approve", &[]).await?.left()?,
        Landing::Left(url) => url,
    };
    let code = landed.query_pairs().find(|(name, _)| name == "code");
    Ok(code.with_context(|| landed.to_string())?.1.into_owned())
}
