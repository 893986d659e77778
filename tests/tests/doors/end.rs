//! The ways to end what a sign-in gave, and what each takes along.

use anyhow::{Context as _, Result, ensure};
use tests::agent::Agent;
use tests::demo::SHOP;

use crate::house::House;
use crate::person::{Given, Person, State, agent};
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
    /// In another browser.
    TurnTwoStepOff,
}

impl End {
    pub const ALL: [Self; 8] = [
        Self::RevokeAccess,
        Self::RevokeRefresh,
        Self::LogOut,
        Self::SignOut,
        Self::ReplayRefresh,
        Self::ResetPassword,
        Self::Disable,
        Self::TurnTwoStepOff,
    ];

    /// Turning two steps off needs them on, and another browser that is signed in, which a new password leaves none of.
    pub fn is_possible(self, state: State, way: WayIn) -> bool {
        self != Self::TurnTwoStepOff || (state == State::Mfa && way != WayIn::Reset)
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
        signed_in: &Agent,
        given: &Given,
    ) -> Result<()> {
        match self {
            Self::RevokeAccess => {
                for ((_, token), (client, _)) in given.access.iter().zip(&given.refresh) {
                    revoke(house, client, token).await?;
                }
            }
            Self::RevokeRefresh => {
                for (client, token) in &given.refresh {
                    revoke(house, client, token).await?;
                }
            }
            Self::ReplayRefresh => {
                for (client, token) in &given.refresh {
                    replay(house, client, token).await?;
                }
            }
            Self::LogOut => {
                let path = format!("/oauth2/logout?id_token_hint={}", given.id_token);
                let page = signed_in.open(&house.demo.server.url(&path)).await?.page()?;
                ensure!(page.has("page-logged-out"), "{}", page.body);
            }
            Self::SignOut => {
                let home = signed_in.open(&house.demo.server.url("/")).await?.page()?;
                signed_in.press(&home, "logout-confirm", &[]).await?;
            }
            Self::ResetPassword => reset(house, person).await?,
            Self::Disable => {
                house.demo.server.run(&["users", "disable", &person.name])?;
            }
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

async fn revoke(house: &House, client: &str, token: &str) -> Result<()> {
    let answer = house
        .demo
        .post((client, SHOP.1), "/oauth2/revoke", &[("token", token)])
        .await?;
    ensure!(answer.status() == 200, "{}", answer.status());
    Ok(())
}

/// Twice onward, then the first again.
async fn replay(house: &House, client: &str, token: &str) -> Result<()> {
    let mut next = token.to_owned();
    for _ in 0..2 {
        let form = [("grant_type", "refresh_token"), ("refresh_token", next.as_str())];
        let tokens = house.demo.token((client, SHOP.1), &form).await?;
        next = tokens["refresh_token"].as_str().context("no token")?.to_owned();
    }
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    ensure!(
        house.demo.token((client, SHOP.1), &form).await.is_err(),
        "a spent token was taken"
    );
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
