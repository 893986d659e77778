//! The doors that end a credential: at the endpoints, on the pages, on the surfaces, on the command line.
//! Each brings a credential of its own, so that nothing else ends with it.

use anyhow::{Context as _, Result};

use super::house::{House, text};
use super::key::Key;
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
    RevokeKey,
    RevokeKeyAtEndpoint,
    SuspendKeys,
    DisableOwner,
}

/// Each door with the words that the report has for it. Two more lead through a mailbox or an app and end what a change of the
/// password ends: resetting it, and turning the second step off. Replacing a key gives the old one time instead of ending it.
const DOORS: [(Door, &str); 14] = [
    (Door::RevokeJwt, "revoke a JWT"),
    (Door::RevokeOpaque, "revoke an opaque token"),
    (Door::RevokeFamily, "revoke a refresh token"),
    (Door::ReplayRefresh, "replay a refresh token"),
    (Door::LogOut, "log out at a website"),
    (Door::SignOutEverywhere, "sign out everywhere"),
    (Door::ChangePassword, "change the password"),
    (Door::WithdrawConsent, "take an application away"),
    (Door::DisableUser, "disable a user (command line)"),
    (Door::DeleteClient, "delete a client (command line)"),
    (Door::RevokeKey, "revoke an API key"),
    (Door::RevokeKeyAtEndpoint, "revoke an API key as a client"),
    (Door::SuspendKeys, "ask for deletion: keys rest"),
    (Door::DisableOwner, "disable the owner of a key"),
];

/// A credential in use.
pub enum Given {
    Token { client: String, access: String },
    Person(Person),
    Key(Key),
}

impl Given {
    pub fn token(&self) -> &str {
        match self {
            Self::Token { access, .. } => access,
            Self::Person(person) => &person.access,
            Self::Key(key) => &key.value,
        }
    }
}

impl Door {
    /// All of them.
    pub fn all() -> [Self; DOORS.len()] {
        DOORS.map(|(door, _)| door)
    }

    pub fn name(self) -> &'static str {
        let listed = DOORS.iter().find(|(door, _)| *door == self);
        listed.map_or("", |(_, name)| name)
    }

    pub async fn prepare(self, house: &House, number: usize) -> Result<Given> {
        match self {
            Self::RevokeJwt => token(house, "jwt").await,
            Self::RevokeOpaque => token(house, "opaque").await,
            Self::DeleteClient => client(house, number).await,
            Self::RevokeKey | Self::RevokeKeyAtEndpoint | Self::SuspendKeys | Self::DisableOwner => {
                Key::make(house, number).await.map(Given::Key)
            }
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
            (Self::RevokeKey, Given::Key(key)) => key.revoke(house).await,
            (Self::SuspendKeys, Given::Key(key)) => key.leave(house).await,
            (Self::DisableOwner, Given::Key(key)) => disable(house, &key.owner).await,
            (_, Given::Key(key)) => house.revoke("jwt", &key.value).await,
            (_, Given::Token { client, access }) => house.revoke(client, access).await,
            (Self::ReplayRefresh, Given::Person(person)) => person.replay(house).await,
            (Self::LogOut, Given::Person(person)) => person.log_out(house).await,
            (Self::SignOutEverywhere, Given::Person(person)) => person.sign_out_everywhere(house).await,
            (Self::ChangePassword, Given::Person(person)) => person.change_password(house).await,
            (Self::WithdrawConsent, Given::Person(person)) => person.withdraw_consent(house).await,
            (Self::DisableUser, Given::Person(person)) => disable(house, &person.name).await,
            (_, Given::Person(person)) => house.revoke(person.client, &person.refresh).await,
        }
    }
}

async fn disable(house: &House, name: &str) -> Result<()> {
    house.command(&["users", "disable", name]).await.map(drop)
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
