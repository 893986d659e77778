//! The ways to end what a sign-in gave, and what each takes along.

use anyhow::{Context as _, Result, ensure};
use tests::agent::Agent;
use tests::demo::PASSWORD;

use crate::given::{Client, Given, Refresh};
use crate::house::House;
use crate::passkey;
use crate::person::{Person, State, agent};
use crate::surface::{SURFACES, Surface};
use crate::way_in::WayIn;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// RFC 7009 with the access tokens: those alone.
    RevokeAccess,
    /// RFC 7009 with the refresh tokens: the families.
    RevokeRefresh,
    /// At the website: the session with all that hangs on it.
    LogOut,
    /// On the page of the server.
    SignOut,
    /// A spent refresh token is used again: the families.
    ReplayRefresh,
    /// A new password by mail, in another browser.
    ResetPassword,
    /// By the operator.
    Disable,
    /// In another browser, as the three that follow.
    TurnTwoStepOff,
    ChangePassword,
    SignOutOthers,
    /// Here too.
    SignOutAll,
    /// The only second step.
    RemovePasskey,
    /// At the door of a JSON surface, with a token of any.
    LogOutAt(&'static Surface),
    /// Through a JSON surface.
    ResetAt(&'static Surface),
}

impl End {
    const PAGES: [Self; 12] = [
        Self::RevokeAccess,
        Self::RevokeRefresh,
        Self::LogOut,
        Self::SignOut,
        Self::ReplayRefresh,
        Self::ResetPassword,
        Self::Disable,
        Self::TurnTwoStepOff,
        Self::ChangePassword,
        Self::SignOutOthers,
        Self::SignOutAll,
        Self::RemovePasskey,
    ];

    pub fn all() -> impl Iterator<Item = Self> {
        let has_way_out = |surface: &&Surface| surface.log_out.is_some();
        let has_reset = |surface: &&Surface| surface.reset.is_some();
        Self::PAGES
            .into_iter()
            .chain(SURFACES.iter().filter(has_way_out).map(Self::LogOutAt))
            .chain(SURFACES.iter().filter(has_reset).map(Self::ResetAt))
    }

    /// Some need another browser that is signed in: a new password leaves none, and who never got in has none.
    pub fn is_possible(self, state: State, way: WayIn) -> bool {
        let has_home = way != WayIn::Reset && state != State::Unverified;
        match self {
            // While there is another second step, nobody is signed out.
            Self::TurnTwoStepOff => has_home && state == State::Mfa && !way.needs_passkey(),
            Self::RemovePasskey => has_home && state != State::Mfa && way.needs_passkey(),
            Self::ChangePassword | Self::SignOutOthers | Self::SignOutAll => has_home,
            Self::LogOut | Self::SignOut => way.is_page(),
            Self::LogOutAt(_) => !way.is_page(),
            Self::RevokeRefresh | Self::ReplayRefresh => way.gives_refresh_token(),
            _ => true,
        }
    }

    /// What must be dead afterwards.
    pub fn takes(self, given: &Given) -> Given {
        let mut taken = given.clone();
        if self == Self::RevokeAccess {
            taken.refresh.clear();
        }
        taken
    }

    pub async fn bring_about(
        self,
        house: &House,
        person: &Person,
        signed_in: Option<&Agent>,
        given: &Given,
    ) -> Result<()> {
        let browser = || signed_in.context("no browser is signed in");
        match self {
            Self::RevokeAccess => {
                for access in &given.access {
                    revoke(house, access.client, &access.token).await?;
                }
            }
            Self::RevokeRefresh => {
                for refresh in &given.refresh {
                    revoke(house, refresh.client, &refresh.token).await?;
                }
            }
            Self::ReplayRefresh => {
                for refresh in &given.refresh {
                    replay(house, refresh).await?;
                }
            }
            Self::LogOut => {
                let path = format!("/oauth2/logout?id_token_hint={}", given.id_token);
                let page = browser()?.open(&house.demo.server.url(&path)).await?.page()?;
                ensure!(page.has("page-logged-out"), "{}", page.body);
            }
            Self::SignOut => {
                let home = browser()?.open(&house.demo.server.url("/")).await?.page()?;
                browser()?.press(&home, "logout-confirm", &[]).await?;
            }
            Self::ResetPassword => reset(house, person).await?,
            Self::ResetAt(surface) => surface.reset(house, person).await?,
            Self::LogOutAt(surface) => {
                let access = given.access.first().context("no token")?;
                surface.log_out(house, &access.token).await?;
            }
            Self::Disable => {
                house.demo.server.run(&["users", "disable", &person.name])?;
            }
            Self::ChangePassword => {
                let page = person
                    .home
                    .open(&house.demo.server.url("/account/email"))
                    .await?
                    .page()?;
                let passwords = [
                    ("current-password", PASSWORD),
                    ("password", "seven tin lanterns on a rope"),
                ];
                let done = person
                    .home
                    .press(&page, "password-submit", &passwords)
                    .await?
                    .page()?;
                ensure!(!done.has("form-error"), "{}", done.body);
            }
            Self::SignOutOthers | Self::SignOutAll => {
                let page = person
                    .home
                    .open(&house.demo.server.url("/account/sessions"))
                    .await?
                    .page()?;
                let button = match self {
                    Self::SignOutAll => "sessions-end-all",
                    _ => "sessions-end-others",
                };
                person.home.press(&page, button, &[]).await?;
            }
            Self::RemovePasskey => passkey::remove(house, &person.home).await?,
            Self::TurnTwoStepOff => {
                let url = house.demo.server.url("/account/security/authenticator/remove");
                let page = person.home.open(&url).await?.page()?;
                let code = person.codes.get(1).context("no code")?;
                person
                    .home
                    .press(&page, "authenticator-remove", &[("code", code)])
                    .await?;
            }
        }
        Ok(())
    }
}

async fn revoke(house: &House, client: Client, token: &str) -> Result<()> {
    let answer = house
        .demo
        .post(client, "/oauth2/revoke", &[("token", token)])
        .await?;
    ensure!(answer.status() == 200, "{}", answer.status());
    Ok(())
}

/// Twice onward, then the first again.
async fn replay(house: &House, first: &Refresh) -> Result<()> {
    let second = first.spend(house).await?.context("the first was refused")?;
    second.spend(house).await?.context("the second was refused")?;
    ensure!(first.spend(house).await?.is_none(), "a spent token was taken");
    Ok(())
}

/// Somebody with the mailbox, in a browser that knows nothing.
async fn reset(house: &House, person: &Person) -> Result<()> {
    let other = agent(house)?;
    let page = other
        .open(&house.demo.server.url("/forgot-password"))
        .await?
        .page()?;
    other
        .press(&page, "forgot-submit", &[("email", &person.email)])
        .await?;
    let link = house.link(&person.email, "/reset-password").await?;
    let page = other.open(&link).await?.page()?;
    let done = other
        .press(
            &page,
            "reset-submit",
            &[("password", "seven tin lanterns on a rope")],
        )
        .await?
        .page()?;
    ensure!(done.has("page-reset-done"), "{}", done.body);
    Ok(())
}
