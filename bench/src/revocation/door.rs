//! The doors that end a credential: at the endpoints, on the pages, on the command line.
//! Each brings a credential of its own, so that nothing else ends with it.

use anyhow::{Context as _, Result};

use super::house::{House, text};
use super::person::Person;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    RevokeJwt,
    RevokeOpaque,
    RevokeFamily,
    ReplayRefresh,
    LogOut,
    SignOutEverywhere,
    ChangePassword,
    WithdrawConsent,
    DisableUser,
    DeleteClient,
}

/// A credential in use.
pub enum Given {
    Token { client: String, access: String },
    Person(Person),
}

impl Given {
    pub fn token(&self) -> &str {
        match self {
            Self::Token { access, .. } => access,
            Self::Person(person) => &person.access,
        }
    }
}

impl Door {
    pub const ALL: [Self; 10] = [
        Self::RevokeJwt,
        Self::RevokeOpaque,
        Self::RevokeFamily,
        Self::ReplayRefresh,
        Self::LogOut,
        Self::SignOutEverywhere,
        Self::ChangePassword,
        Self::WithdrawConsent,
        Self::DisableUser,
        Self::DeleteClient,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::RevokeJwt => "revoke a JWT",
            Self::RevokeOpaque => "revoke an opaque token",
            Self::RevokeFamily => "revoke a refresh token",
            Self::ReplayRefresh => "replay a refresh token",
            Self::LogOut => "log out at a website",
            Self::SignOutEverywhere => "sign out everywhere",
            Self::ChangePassword => "change the password",
            Self::WithdrawConsent => "take an application away",
            Self::DisableUser => "disable a user (command line)",
            Self::DeleteClient => "delete a client (command line)",
        }
    }

    pub async fn prepare(self, house: &House, number: usize) -> Result<Given> {
        match self {
            Self::RevokeJwt => token(house, "jwt").await,
            Self::RevokeOpaque => token(house, "opaque").await,
            Self::DeleteClient => client(house, number).await,
            _ => {
                let client = if number.is_multiple_of(2) { "jwt" } else { "opaque" };
                Person::make(house, client, number).await.map(Given::Person)
            }
        }
    }

    pub async fn end(self, house: &House, given: &Given) -> Result<()> {
        match (self, given) {
            (Self::DeleteClient, Given::Token { client, .. }) => house
                .command(&["clients", "delete", client, "--yes"])
                .await
                .map(drop),
            (_, Given::Token { client, access }) => house.revoke(client, access).await,
            (Self::ReplayRefresh, Given::Person(person)) => person.replay(house).await,
            (Self::LogOut, Given::Person(person)) => person.log_out(house).await,
            (Self::SignOutEverywhere, Given::Person(person)) => person.sign_out_everywhere(house).await,
            (Self::ChangePassword, Given::Person(person)) => person.change_password(house).await,
            (Self::WithdrawConsent, Given::Person(person)) => person.withdraw_consent(house).await,
            (Self::DisableUser, Given::Person(person)) => {
                house.command(&["users", "disable", &person.name]).await.map(drop)
            }
            (_, Given::Person(person)) => house.revoke(person.client, &person.refresh).await,
        }
    }
}

async fn token(house: &House, client: &str) -> Result<Given> {
    Ok(Given::Token {
        client: client.to_owned(),
        access: house.client_credentials(client).await?,
    })
}

/// A client that is there only to be deleted.
async fn client(house: &House, number: usize) -> Result<Given> {
    let id = format!("client{number}");
    let words = [
        "clients",
        "create",
        &id,
        "--name",
        "Short-lived",
        "--grant",
        "client_credentials",
    ];
    let rights = ["--scopes", "orders:read", "--resource", "https://api.example.com"];
    let said = house.command(&[words.as_slice(), &rights].concat()).await?;
    let secret = said
        .lines()
        .find_map(|line| line.strip_prefix("client_secret (shown this once): "))
        .with_context(|| format!("no secret in {said:?}"))?;
    let tokens = house
        .tokens_of(&id, secret.trim(), &[("grant_type", "client_credentials")])
        .await?;
    Ok(Given::Token {
        client: id,
        access: text(&tokens, "access_token")?,
    })
}
