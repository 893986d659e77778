//! `authz-server service-keys`: make, list, rotate and end the keys of services and of administration.
//! Shows a key once, when it is made.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use domain::Authority;
use domain::api_keys::NewApiKey;
use model::api_key::{Addresses, ApiKey, ApiKeyId, KeyKind, KeyLife, KeyName};
use model::audit::Actor;
use model::user::User;
use oauth::permission::PermissionSet;

use super::beside::beside;
use super::{CliError, Surroundings};
use crate::config::MOST_PER_WINDOW;

#[derive(Subcommand)]
pub(super) enum ServiceKeysCommand {
    /// Make a key, which is printed this once.
    ///
    /// Example:
    ///   service-keys create --owner ada@example.com --name "CI" --scopes builds:read,builds:write
    #[command(verbatim_doc_comment)]
    Create(Create),
    /// Show the live keys of an administrator.
    List(Owner),
    /// Make a key in place of another, which works for some hours more.
    Rotate(Rotate),
    /// End a key, everywhere at once.
    Revoke(Named),
}

#[derive(Args)]
pub(super) struct Owner {
    /// The administrator whom the keys speak for: id, email address or user name.
    #[arg(long)]
    owner: String,
}

#[derive(Args)]
pub(super) struct Create {
    #[command(flatten)]
    owner: Owner,
    /// What the key is for, in a few words.
    #[arg(long)]
    name: String,
    /// What it may do, such as `builds:read,builds:write`.
    #[arg(long, value_delimiter = ',', required = true)]
    scopes: Vec<String>,
    /// How long it lives: a number of days such as `365d`, or `never`.
    #[arg(long, default_value = "365d")]
    expires_in: String,
    /// Networks it may be used from, such as `10.0.0.0/8`; from everywhere without.
    #[arg(long, value_delimiter = ',')]
    from: Vec<String>,
    /// How many requests a minute may come with it, and with what it is exchanged for.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_PER_WINDOW)))]
    rate_limit: Option<u32>,
    /// A key for administration, for scopes such as `admin:users:read`, in place of a service key.
    #[arg(long)]
    admin: bool,
}

#[derive(Args)]
pub(super) struct Named {
    #[command(flatten)]
    owner: Owner,
    /// As `list` shows it.
    id: String,
}

#[derive(Args)]
pub(super) struct Rotate {
    #[command(flatten)]
    key: Named,
    /// For how many hours the old key goes on.
    #[arg(long, default_value_t = 24)]
    overlap_hours: u64,
}

pub(super) fn run(command: ServiceKeysCommand, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let lines = match command {
        ServiceKeysCommand::Create(create) => self::create(create, around)?,
        ServiceKeysCommand::List(owner) => list(owner, around)?,
        ServiceKeysCommand::Rotate(rotate) => self::rotate(rotate, around)?,
        ServiceKeysCommand::Revoke(named) => revoke(named, around)?,
    };
    for line in lines {
        writeln!(around.out, "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn wish(create: &Create) -> Result<NewApiKey, CliError> {
    let texts = |texts: &'_ [String]| {
        texts
            .iter()
            .map(|text| text.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let kind = if create.admin {
        KeyKind::Admin
    } else {
        KeyKind::Service
    };
    let name = KeyName::parse(&create.name).map_err(|error| refused("--name", error))?;
    let scopes = texts(&create.scopes);
    let permissions = PermissionSet::from_list(scopes.iter().map(String::as_str));
    let permissions = permissions.map_err(|error| refused("--scopes", error))?;
    let mut new = NewApiKey::new(kind, name, permissions);
    new.life = KeyLife::parse(&create.expires_in).map_err(|error| refused("--expires-in", error))?;
    let networks = texts(&create.from);
    let networks = Addresses::parse(networks.iter().map(String::as_str));
    new.addresses = networks.map_err(|error| refused("--from", error))?;
    new.rate_limit = create.rate_limit;
    Ok(new)
}

fn create(create: Create, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let new = wish(&create)?;
    beside(around, |authority, ctx| async move {
        let owner = owner(&authority, &create.owner).await?;
        let made = authority.create_api_key(&ctx, &owner, new).await;
        let (key, text) = made.map_err(|error| CliError::Refused(error.to_string()))?;
        Ok(vec![
            line(&key),
            format!("key (shown this once): {}", text.expose()),
        ])
    })
}

fn list(owner: Owner, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    beside(around, |authority, ctx| async move {
        let owner = self::owner(&authority, &owner).await?;
        let kinds = [KeyKind::Service, KeyKind::Admin];
        let keys = authority.list_api_keys(&ctx, owner.id, &kinds).await?;
        Ok(keys.iter().map(line).collect())
    })
}

fn rotate(rotate: Rotate, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    beside(around, |authority, ctx| async move {
        let owner = owner(&authority, &rotate.key.owner).await?;
        let overlap = Duration::from_secs(rotate.overlap_hours.saturating_mul(3600));
        let made = authority
            .rotate_api_key(&ctx, &owner, id(&rotate.key)?, overlap)
            .await;
        let new = made.map_err(|error| CliError::Refused(error.to_string()))?;
        Ok(vec![
            line(&new.key),
            format!("key (shown this once): {}", new.text.expose()),
        ])
    })
}

fn revoke(named: Named, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    beside(around, |authority, ctx| async move {
        let owner = owner(&authority, &named.owner).await?;
        let id = id(&named)?;
        match authority
            .revoke_api_key(&ctx, owner.id, id, Actor::Operator)
            .await?
        {
            true => Ok(vec![format!("{id} is ended")]),
            false => Err(CliError::Refused(format!(
                "there is no live key {id} of this administrator"
            ))),
        }
    })
}

async fn owner(authority: &Authority, owner: &Owner) -> Result<User, CliError> {
    let found = authority.find_user(&owner.owner).await?;
    found.ok_or_else(|| CliError::Refused(format!("there is no account {}", owner.owner)))
}

fn id(named: &Named) -> Result<ApiKeyId, CliError> {
    named
        .id
        .parse()
        .map_err(|_| CliError::Refused(format!("{} is no id of a key", named.id)))
}

fn refused(argument: &str, error: impl std::fmt::Display) -> CliError {
    CliError::Refused(format!("{argument}: {error}"))
}

fn line(key: &ApiKey) -> String {
    let until = key
        .expiry()
        .map_or_else(|| "never ends".to_owned(), |at| format!("until {at}"));
    let scopes = key.permissions.to_list().join(",");
    format!(
        "{}  {}  {}…  {}  {until}  {scopes}",
        key.id, key.kind, key.prefix, key.name
    )
}
