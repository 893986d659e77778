//! Somebody with an account in a certain state, and what a website gets for them.

use anyhow::{Context as _, Result, ensure};
use github_double::Email;
use tests::agent::{Agent, Landing};
use tests::demo::{CALLBACK, PASSWORD, SHOP};
use tests::site::totp_now;
use url::Url;

use crate::house::House;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The website that gets opaque tokens.
pub const OPAQUE: (&str, &str) = ("web-opaque", SHOP.1);

/// What an account is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Plain,
    /// Two-step sign-in is on.
    Mfa,
    /// Too many wrong passwords have been tried.
    Locked,
    /// The address must be confirmed and is not.
    Unverified,
    Disabled,
}

impl State {
    pub const ALL: [Self; 5] = [
        Self::Plain,
        Self::Mfa,
        Self::Locked,
        Self::Unverified,
        Self::Disabled,
    ];
}

pub struct Person {
    pub state: State,
    pub name: String,
    pub email: String,
    /// Backup codes, when two-step sign-in is on.
    pub codes: Vec<String>,
    /// The browser the account was made with.
    pub home: Agent,
}

/// What a website holds: an access token of each form, the refresh tokens, the ID token.
#[derive(Clone)]
pub struct Given {
    pub access: Vec<(&'static str, String)>,
    pub refresh: Vec<(&'static str, String)>,
    pub id_token: String,
}

impl Person {
    pub async fn make(house: &House, state: State) -> Result<Self> {
        let number = house.number();
        let (name, home) = (format!("person{number}"), agent(house)?);
        let issuer = house.demo.server.issuer();
        home.register(&issuer, &name, PASSWORD).await?;
        let mut person = Self {
            state,
            email: format!("{name}@example.com"),
            name,
            codes: Vec::new(),
            home,
        };
        if state != State::Unverified {
            person.confirm(house).await?;
            person.link(house).await?;
        }
        match state {
            State::Mfa => person.turn_two_step_on(house).await?,
            State::Locked => person.be_locked_out(house).await?,
            State::Disabled => {
                house.demo.server.run(&["users", "disable", &person.name])?;
            }
            State::Plain | State::Unverified => {}
        }
        Ok(person)
    }

    /// Adds their account at GitHub, so that it opens this one.
    async fn link(&self, house: &House) -> Result<()> {
        let elsewhere = format!("{}@github.example", self.name);
        let account = github_double::Person::new(&self.name);
        house
            .github
            .add_person(account.with_emails([Email::primary(&elsewhere)]))?;
        let page = self
            .home
            .open(&house.demo.server.url("/account/linked"))
            .await?
            .page()?;
        let left = self.home.press(&page, "with-github", &[]).await?.left()?;
        let back = through_github(&self.home, &self.name, &left).await?.page()?;
        ensure!(
            back.body.contains(&self.name) && !back.has("linked-none"),
            "{}",
            back.body
        );
        Ok(())
    }

    async fn confirm(&self, house: &House) -> Result<()> {
        let link = house.link(&self.email, "/verify-email").await?;
        let page = self.home.open(&link).await?.page()?;
        let done = self.home.press(&page, "verify-email-submit", &[]).await?.page()?;
        ensure!(done.has("page-email-confirmed"), "{}", done.body);
        Ok(())
    }

    async fn turn_two_step_on(&mut self, house: &House) -> Result<()> {
        let url = house.demo.server.url("/account/security/authenticator");
        let page = self.home.open(&url).await?.page()?;
        let password = [("current-password", PASSWORD)];
        let page = self
            .home
            .press(&page, "authenticator-begin", &password)
            .await?
            .page()?;
        let code = totp_now(&page.text("shown-key").context("no key")?)?;
        let page = self
            .home
            .press(&page, "authenticator-confirm", &[("code", &code)])
            .await?
            .page()?;
        let list = page.text("shown-list").with_context(|| page.body.clone())?;
        self.codes = list.split_whitespace().map(str::to_owned).collect();
        Ok(())
    }

    /// Strangers try passwords until the account is closed for a while.
    async fn be_locked_out(&self, house: &House) -> Result<()> {
        for _ in 0..11 {
            let stranger = agent(house)?;
            let page = stranger.open(&house.demo.server.url("/login")).await?.page()?;
            let wrong = [("username", self.name.as_str()), ("password", "not the password")];
            stranger.press(&page, "login-submit", &wrong).await?;
        }
        Ok(())
    }

    /// Signs in to both websites with a browser that is signed in here.
    pub async fn tokens(&self, house: &House, agent: &Agent) -> Result<Given> {
        let mut given = Given {
            access: Vec::new(),
            refresh: Vec::new(),
            id_token: String::new(),
        };
        for (kind, client) in [("JWT", SHOP), ("opaque", OPAQUE)] {
            let code = code(house, agent, client.0).await?;
            let form = [
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", CALLBACK),
                ("code_verifier", VERIFIER),
            ];
            let tokens = house.demo.token(client, &form).await?;
            let text =
                |name: &str| Ok::<_, anyhow::Error>(tokens[name].as_str().context("no token")?.to_owned());
            given.access.push((kind, text("access_token")?));
            given.refresh.push((client.0, text("refresh_token")?));
            given.id_token = text("id_token")?;
        }
        Ok(given)
    }
}

/// Agrees at GitHub and comes back.
pub async fn through_github(agent: &Agent, login: &str, there: &Url) -> Result<Landing> {
    let back = match agent.open(there.as_str()).await? {
        Landing::Page(page) => agent
            .press(&page, &format!("person-{login}"), &[])
            .await?
            .left()?,
        Landing::Left(url) => url,
    };
    agent.open(back.as_str()).await
}

/// Somebody at an address of their own.
pub fn agent(house: &House) -> Result<Agent> {
    let number = house.number();
    Agent::at(&format!(
        "10.{}.{}.{}",
        number >> 16 & 255,
        number >> 8 & 255,
        number & 255
    ))
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
