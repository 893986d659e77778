//! Somebody with a browser and the tokens that a website got for them.

use anyhow::{Context as _, Result, ensure};
use tests::agent::Agent;
use url::Url;

use super::house::{CALLBACK, House, PASSWORD, text};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const NEW_PASSWORD: &str = "seven tin lanterns on a rope";

pub struct Person {
    pub name: String,
    pub client: &'static str,
    pub access: String,
    pub refresh: String,
    id_token: String,
    /// The browser that signed in to the website.
    agent: Agent,
    /// The one that the account was made with: what it ends elsewhere, it keeps itself.
    home: Agent,
}

impl Person {
    /// Registers, signs in to the website `client` and lets it have tokens.
    pub async fn make(house: &House, client: &'static str, number: usize) -> Result<Self> {
        let (home, agent, name) = (Agent::new()?, Agent::new()?, format!("person{number}"));
        home.register(&house.relay.origin(), &name, PASSWORD).await?;
        let code = code(house, &agent, client, &name).await?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let tokens = house.tokens(client, &form).await?;
        Ok(Self {
            name,
            client,
            access: text(&tokens, "access_token")?,
            refresh: text(&tokens, "refresh_token")?,
            id_token: text(&tokens, "id_token")?,
            agent,
            home,
        })
    }

    pub async fn log_out(&self, house: &House) -> Result<()> {
        let path = format!("/oauth2/logout?id_token_hint={}", self.id_token);
        let page = self.agent.open(&house.page(&path)).await?.page()?;
        ensure!(page.has("page-logged-out"), "{}", page.body);
        Ok(())
    }

    pub async fn sign_out_everywhere(&self, house: &House) -> Result<()> {
        let page = self.home.open(&house.page("/account/sessions")).await?.page()?;
        let answer = self.home.answer(&page, "sessions-end-all", &[]).await?;
        ensure!(answer.status().is_redirection(), "{}", answer.status());
        Ok(())
    }

    pub async fn change_password(&self, house: &House) -> Result<()> {
        let page = self.home.open(&house.page("/account/email")).await?.page()?;
        let filled = [("current-password", PASSWORD), ("password", NEW_PASSWORD)];
        let answer = self.home.answer(&page, "password-submit", &filled).await?;
        ensure!(answer.status().is_redirection(), "{}", answer.status());
        Ok(())
    }

    pub async fn withdraw_consent(&self, house: &House) -> Result<()> {
        let page = self
            .home
            .open(&house.page("/account/applications"))
            .await?
            .page()?;
        let page = self.home.submit(&page, &[]).await?.page()?;
        ensure!(page.body.contains("No application has access"), "{}", page.body);
        Ok(())
    }

    /// Spends the refresh token twice over, then the first again: theft, as far as the server can tell.
    pub async fn replay(&self, house: &House) -> Result<()> {
        let second = self.spend(house, &self.refresh).await?;
        self.spend(house, &second).await?;
        ensure!(
            self.spend(house, &self.refresh).await.is_err(),
            "a spent token was taken"
        );
        Ok(())
    }

    async fn spend(&self, house: &House, refresh: &str) -> Result<String> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        text(&house.tokens(self.client, &form).await?, "refresh_token")
    }
}

async fn code(house: &House, agent: &Agent, client: &str, name: &str) -> Result<String> {
    let mut url = Url::parse(&house.page("/oauth2/authorize"))?;
    url.query_pairs_mut().extend_pairs([
        ("client_id", client),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid orders:read"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let landed = agent.authorize(url.as_str(), name, PASSWORD).await?;
    let found = landed.query_pairs().find(|(name, _)| name == "code");
    Ok(found.context("no code")?.1.into_owned())
}
