//! The ways in, and whom they ought to let in.

use anyhow::{Context as _, Result, ensure};
use tests::agent::{Agent, Landing};
use tests::demo::PASSWORD;
use tests::page::Page;

use crate::given::Given;
use crate::house::House;
use crate::passkey;
use crate::person::{Person, State, agent};
use crate::surface::{SURFACES, Surface};

const NEW_PASSWORD: &str = "nine copper kettles by the door";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WayIn {
    UserName,
    Address,
    /// The link in a mail, in the browser that asked.
    MailLink,
    /// The code that the link shows in another browser.
    MailCode,
    /// A new password by mail, then that.
    Reset,
    /// Their account at GitHub.
    GitHub,
    /// Alone, which is two steps in one.
    Passkey,
    /// After the password.
    SecondPasskey,
    /// A password at a JSON surface.
    Surface(&'static Surface),
}

/// How trying it ended.
pub struct Entered {
    /// A browser, where one was used.
    pub agent: Option<Agent>,
    /// The tokens, where they came at once.
    pub given: Option<Given>,
    pub is_in: bool,
    pub skipped_second_step: bool,
}

impl WayIn {
    const PAGES: [Self; 8] = [
        Self::UserName,
        Self::Address,
        Self::MailLink,
        Self::MailCode,
        Self::Reset,
        Self::GitHub,
        Self::Passkey,
        Self::SecondPasskey,
    ];

    pub fn all() -> impl Iterator<Item = Self> {
        Self::PAGES.into_iter().chain(SURFACES.iter().map(Self::Surface))
    }

    /// Leaves a browser signed in.
    pub fn is_page(self) -> bool {
        !matches!(self, Self::Surface(_))
    }

    pub fn gives_refresh_token(self) -> bool {
        !matches!(self, Self::Surface(surface) if surface.renewal.is_none())
    }

    pub fn needs_passkey(self) -> bool {
        matches!(self, Self::Passkey | Self::SecondPasskey)
    }

    pub fn lets_in(self, state: State) -> bool {
        let by_password = matches!(
            self,
            Self::UserName | Self::Address | Self::SecondPasskey | Self::Surface(_)
        );
        match state {
            State::Plain | State::Mfa | State::DeletionPending => true,
            // Passwords are not looked at for a while; the mailbox is another proof. A new password does not open the
            // lock either: whoever guesses goes on guessing.
            State::Locked => !by_password && self != Self::Reset,
            // The mailbox proves itself.
            State::Unverified => !by_password && self != Self::GitHub,
            State::Disabled => false,
        }
    }

    /// Nobody who never got in can have added an account at GitHub or a passkey.
    pub fn is_possible(self, state: State) -> bool {
        state != State::Unverified || !(self == Self::GitHub || self.needs_passkey())
    }

    pub async fn enter(self, house: &House, person: &mut Person) -> Result<Entered> {
        let Self::Surface(surface) = self else {
            return self.by_pages(house, person).await;
        };
        let entered = surface.enter(house, person).await?;
        let is_in = entered.given.is_some();
        Ok(Entered {
            agent: None,
            given: entered.given,
            is_in,
            skipped_second_step: is_in && !person.codes.is_empty() && !entered.asked_for_code,
        })
    }

    async fn by_pages(self, house: &House, person: &mut Person) -> Result<Entered> {
        let agent = agent(house)?;
        let landing = match self {
            Self::UserName => log_in(house, &agent, &person.name, PASSWORD).await?,
            Self::Address => log_in(house, &agent, &person.email, PASSWORD).await?,
            Self::Reset => match self.reset(house, &agent, person).await? {
                true => log_in(house, &agent, &person.name, NEW_PASSWORD).await?,
                false => log_in(house, &agent, &person.name, PASSWORD).await?,
            },
            Self::GitHub => {
                let page = open(house, &agent, "/login").await?;
                let there = agent.press(&page, "with-github", &[]).await?.left()?;
                crate::person::through_github(&agent, &person.name, &there).await?
            }
            Self::Passkey => {
                let page = open(house, &agent, "/login").await?;
                let passkey = person.passkey.as_mut().context("no passkey")?;
                let landing = passkey::answer(&agent, &page, passkey).await?;
                let asked = matches!(&landing, Landing::Page(page) if page.has("page-second"));
                ensure!(!asked, "two steps were not enough");
                return finish(house, agent, false).await;
            }
            Self::SecondPasskey | Self::Surface(_) => log_in(house, &agent, &person.name, PASSWORD).await?,
            Self::MailLink | Self::MailCode => match self.by_mail(house, &agent, person).await? {
                Some(landing) => landing,
                None => return finish(house, agent, false).await,
            },
        };
        let expects_second = !person.codes.is_empty();
        let asked = matches!(&landing, Landing::Page(page) if page.has("page-second"));
        if let (Landing::Page(page), true, Some(passkey)) = (&landing, asked, &mut person.passkey) {
            passkey::answer(&agent, page, passkey).await?;
        } else if let (Landing::Page(page), true) = (&landing, asked) {
            let code = person.codes.first().context("no code")?;
            agent.press(page, "second-submit", &[("code", code)]).await?;
        }
        finish(house, agent, expects_second && !asked).await
    }

    /// False when no letter can come.
    async fn reset(self, house: &House, agent: &Agent, person: &Person) -> Result<bool> {
        let page = open(house, agent, "/forgot-password").await?;
        agent
            .press(&page, "forgot-submit", &[("email", &person.email)])
            .await?;
        if person.state == State::Disabled {
            return Ok(false);
        }
        let link = house.link(&person.email, "/reset-password").await?;
        let page = agent.open(&link).await?.page()?;
        agent
            .press(&page, "reset-submit", &[("password", NEW_PASSWORD)])
            .await?;
        Ok(true)
    }

    async fn by_mail(self, house: &House, agent: &Agent, person: &Person) -> Result<Option<Landing>> {
        let page = open(house, agent, "/login/mail").await?;
        let asked = agent
            .press(&page, "login-mail-submit", &[("email", &person.email)])
            .await?
            .page()?;
        if person.state == State::Disabled {
            return Ok(None);
        }
        let link = house.link(&person.email, "/login/link").await?;
        if self == Self::MailLink {
            let page = agent.open(&link).await?.page()?;
            return Ok(Some(agent.press(&page, "login-link-submit", &[]).await?));
        }
        let elsewhere = crate::person::agent(house)?.open(&link).await?.page()?;
        let code = elsewhere
            .text("shown-code")
            .with_context(|| elsewhere.body.clone())?;
        Ok(Some(
            agent
                .press(&asked, "login-code-submit", &[("code", &code)])
                .await?,
        ))
    }
}

async fn open(house: &House, agent: &Agent, path: &str) -> Result<Page> {
    agent.open(&house.demo.server.url(path)).await?.page()
}

async fn log_in(house: &House, agent: &Agent, name: &str, password: &str) -> Result<Landing> {
    let page = open(house, agent, "/login").await?;
    let filled = [("username", name), ("password", password)];
    agent.press(&page, "login-submit", &filled).await
}

async fn finish(house: &House, agent: Agent, skipped_second_step: bool) -> Result<Entered> {
    let home = open(house, &agent, "/").await?;
    let is_in = home.has("logout-confirm");
    Ok(Entered {
        agent: Some(agent),
        given: None,
        is_in,
        skipped_second_step: skipped_second_step && is_in,
    })
}
