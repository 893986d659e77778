//! Somebody with an account in a certain state.

use anyhow::{Context as _, Result, ensure};
use github_double::Email;
use testkit::authenticator::SoftPasskey;
use tests::agent::{Agent, Landing};
use tests::demo::PASSWORD;
use tests::site::totp_now;
use url::Url;

use crate::house::House;
use crate::passkey;

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
    /// The owner has asked for it to be deleted; until then it goes on.
    DeletionPending,
}

impl State {
    pub const ALL: [Self; 6] = [
        Self::Plain,
        Self::Mfa,
        Self::Locked,
        Self::Unverified,
        Self::Disabled,
        Self::DeletionPending,
    ];
}

pub struct Person {
    pub state: State,
    pub name: String,
    pub email: String,
    /// Backup codes, when there is a second step.
    pub codes: Vec<String>,
    pub passkey: Option<SoftPasskey>,
    /// The browser the account was made with.
    pub home: Agent,
}

impl Person {
    /// `with_passkey`: has one beside the password, which makes it a second step too.
    pub async fn make(house: &House, state: State, with_passkey: bool) -> Result<Self> {
        let number = house.number();
        let (name, home) = (format!("person{number}"), agent(house)?);
        let issuer = house.demo.server.issuer();
        home.register(&issuer, &name, PASSWORD).await?;
        let mut person = Self {
            state,
            email: format!("{name}@example.com"),
            name,
            codes: Vec::new(),
            passkey: None,
            home,
        };
        if state != State::Unverified {
            person.confirm(house).await?;
            person.link(house).await?;
        }
        if state == State::Mfa {
            person.turn_two_step_on(house).await?;
        }
        if with_passkey {
            let (made, codes) = passkey::add(house, &person.home).await?;
            person.passkey = Some(made);
            person.codes.extend(codes);
        }
        match state {
            State::Locked => person.be_locked_out(house).await?,
            State::Disabled => {
                house.demo.server.run(&["users", "disable", &person.name])?;
            }
            State::DeletionPending => person.ask_for_deletion(house).await?,
            State::Plain | State::Mfa | State::Unverified => {}
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

    async fn ask_for_deletion(&self, house: &House) -> Result<()> {
        let page = self
            .home
            .open(&house.demo.server.url("/account/delete"))
            .await?
            .page()?;
        let password = [("current-password", PASSWORD)];
        let done = self.home.press(&page, "delete-submit", &password).await?.page()?;
        ensure!(done.has("deletion-pending"), "{}", done.body);
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
    Agent::at(&address(house))
}

/// An address that nobody else has.
pub fn address(house: &House) -> String {
    let number = house.number();
    format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255)
}
