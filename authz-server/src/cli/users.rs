//! `authz-server users`: make, list, disable and enable accounts.
//! Refuses passwords as arguments: other users of the machine could read them.

use std::io::Read as _;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::people::{AccountForm, AccountProblems, AdministrationError, UserQuery};
use model::audit::Actor;
use model::user::{Role, User};
use model::{Ctx, PlainSecret};
use zeroize::Zeroizing;

use super::beside::beside;
use super::{CliError, Surroundings};

#[derive(Subcommand)]
pub(super) enum UsersCommand {
    /// Make an account. Without --password-stdin a password is made up and printed once.
    Create(Create),
    /// Show accounts, the newest first, or those that a few letters find.
    List(List),
    /// End everything the account has, and let it sign in no more until it is enabled.
    Disable(Named),
    /// Let a disabled account sign in again.
    Enable(Named),
}

#[derive(Args)]
pub(super) struct Create {
    /// Where they read their mail; they sign in with it.
    #[arg(long)]
    email: String,
    /// A short name to sign in with, if they want one.
    #[arg(long, default_value = "", hide_default_value = true)]
    username: String,
    /// The full name.
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,
    /// Make it an administrator.
    #[arg(long)]
    admin: bool,
    /// Read the password from standard input (up to the first line end).
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args)]
pub(super) struct List {
    /// Only those whose address, user name or name has a word that begins so.
    #[arg(default_value = "", hide_default_value = true)]
    query: String,
    /// Which page, from 1.
    #[arg(long, default_value_t = 1)]
    page: u64,
    /// Accounts on a page, at most 100.
    #[arg(long, default_value_t = 100)]
    limit: u16,
}

#[derive(Args)]
pub(super) struct Named {
    /// Id, email address or user name.
    user: String,
}

pub(super) fn run(command: UsersCommand, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let lines = match command {
        UsersCommand::Create(create) => self::create(create, around)?,
        UsersCommand::List(list) => self::list(list, around)?,
        UsersCommand::Disable(named) => switch(named, false, around)?,
        UsersCommand::Enable(named) => switch(named, true, around)?,
    };
    for line in lines {
        writeln!(around.out, "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn create(create: Create, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let typed = create.password_stdin.then(password_from_stdin).transpose()?;
    beside(around, |authority, ctx| async move {
        let made_up = typed.is_none().then(|| made_up(&ctx));
        let password = typed
            .or_else(|| made_up.clone())
            .unwrap_or_else(|| PlainSecret::new(""));
        let form = AccountForm {
            username: create.username,
            email: create.email,
            name: create.name,
            company: String::new(),
            password,
        };
        let role = if create.admin { Role::Admin } else { Role::User };
        let user = authority
            .create_user(&ctx, form, role, Actor::Operator)
            .await
            .map_err(refused)?;
        let mut lines = vec![line(&user)];
        lines.extend(made_up.map(|password| format!("password (shown this once): {}", password.expose())));
        Ok(lines)
    })
}

/// 150 random bits, in letters and digits.
fn made_up(ctx: &Ctx) -> PlainSecret {
    let secret = PlainSecret::generate(oauth::opaque::OpaqueKind::SessionCookie, ctx.random.as_ref());
    let random: String = secret.expose().chars().skip("az_sk_".len()).take(25).collect();
    PlainSecret::new(&random)
}

fn password_from_stdin() -> Result<PlainSecret, CliError> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin().take(2048).read_to_string(&mut text)?;
    Ok(PlainSecret::new(text.lines().next().unwrap_or_default()))
}

fn refused(error: AdministrationError) -> CliError {
    match error {
        AdministrationError::Invalid(problems) => CliError::Refused(in_words(&problems)),
        AdministrationError::Fault(fault) => CliError::Fault(fault),
        AdministrationError::NotAdministrator
        | AdministrationError::UnknownUser
        | AdministrationError::Oneself
        | AdministrationError::OnlyAdministrator => CliError::Refused(error.to_string()),
    }
}

fn in_words(problems: &AccountProblems) -> String {
    let username = problems.username.map(|problem| format!("--username: {problem}"));
    let email = problems.email.map(|problem| format!("--email: {problem}"));
    let name = problems.name.map(|problem| format!("--name: {problem}"));
    let password = problems
        .password
        .as_ref()
        .map(|problem| format!("password: {problem}"));
    [username, email, name, password]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}

fn list(list: List, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    beside(around, |authority, _| async move {
        let query = UserQuery {
            q: list.query,
            page: list.page,
            limit: list.limit,
        };
        let page = authority
            .list_users(&query, &Actor::Operator)
            .await
            .map_err(refused)?;
        Ok(page.users.iter().map(line).collect())
    })
}

fn switch(named: Named, on: bool, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    beside(around, |authority, ctx| async move {
        let user = authority.find_user(&named.user).await?;
        let user = user.ok_or_else(|| CliError::Refused("there is no such user".to_owned()))?;
        let changed = match on {
            true => authority.enable_user(&ctx, user.id, Actor::Operator).await,
            false => authority.disable_user(&ctx, user.id, Actor::Operator).await,
        };
        let changed = changed.map_err(refused)?;
        let what = match (on, changed) {
            (true, true) => "enabled",
            (false, true) => "disabled",
            (_, false) => "unchanged",
        };
        Ok(vec![format!("{} {what}", user.id)])
    })
}

fn line(user: &User) -> String {
    let username = user.username.as_ref().map_or("-", |name| name.as_str());
    let state = if user.disabled_at.is_some() {
        "disabled"
    } else {
        "enabled"
    };
    format!(
        "{}  {:<5}  {state:<8}  {username:<20}  {}",
        user.id,
        user.role.as_str(),
        user.email
    )
}
