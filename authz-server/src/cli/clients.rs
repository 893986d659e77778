//! `authz-server clients`: register OAuth clients, look at them, change their secrets, end them.
//! Refuses to touch clients of the configuration file.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use domain::clients::{ChangeClientError, CreateClientError, NewClient};
use model::ClientId;
use model::client::{AccessTokenFormat, Client, ClientSettings, GrantType};
use oauth::client_auth::ClientAuthMethod;
use oauth::client_cert::ExpectedName;
use oauth::redirect_uri::ApplicationType;
use oauth::scope::ScopeSet;

use super::beside::beside;
use super::{CliError, Surroundings, about};
use crate::config::Period;

#[derive(Subcommand)]
pub(super) enum ClientsCommand {
    /// Register a client. Its secret, if its method uses one, is printed once.
    ///
    /// Examples:
    ///   clients create shop --name "Web shop" --redirect-uri https://shop.example.com/callback
    ///   clients create edge --name "Edge proxy" --grant client_credentials --scopes "" --proxy
    #[command(verbatim_doc_comment)]
    Create(Box<Create>),
    /// Show all clients.
    List,
    /// Show one client with its settings, as JSON.
    Show(Named),
    /// Make a token with which somebody may register clients. It is printed once.
    InitialToken(InitialToken),
    /// Make a new secret; the old one works on for the overlap.
    RotateSecret(RotateSecret),
    /// End the client and everything it was given. Its id is never used again.
    Delete(Delete),
}

#[derive(Args)]
pub(super) struct Create {
    /// The client_id.
    id: ClientId,
    /// What people read on the consent page.
    #[arg(long)]
    name: String,
    /// How it proves who it is.
    #[arg(long, value_enum, default_value = "client-secret-basic")]
    auth_method: Method,
    /// Native apps get free choice of the port on loopback redirects.
    #[arg(long)]
    native: bool,
    /// Where a sign-in may return to; may be repeated.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where a sign-out may return to; may be repeated.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// A grant it may use: authorization_code, refresh_token or client_credentials; may be repeated.
    #[arg(long = "grant", value_name = "GRANT", value_parser = grant, default_values = ["authorization_code", "refresh_token"])]
    grant_types: Vec<GrantType>,
    /// The scopes it may ask for, separated by spaces; `""` for none. The configuration describes them.
    #[arg(long, default_value = "openid profile email offline_access", value_parser = scopes)]
    scopes: ScopeSet,
    /// An audience it may ask for, described in the configuration; may be repeated, the first is the default.
    #[arg(long = "resource", value_name = "AUDIENCE")]
    resources: Vec<String>,
    /// It gets opaque access tokens instead of JWTs.
    #[arg(long)]
    opaque: bool,
    /// The operator's own application: users are not asked for consent.
    #[arg(long)]
    first_party: bool,
    /// A proxy: may read the revocation log and introspect every token.
    #[arg(long)]
    proxy: bool,
    /// Its name in certificates, for tls-client-auth, such as tls_client_auth_san_dns=till.example.
    #[arg(long, value_name = "MEMBER=VALUE", value_parser = certificate_name)]
    certificate_name: Option<ExpectedName>,
    /// Its tokens are always bound to its certificate.
    #[arg(long)]
    certificate_bound: bool,
    /// A file with its public keys (a JWK set), for private-key-jwt, or its certificates, for self-signed-tls-client-auth.
    #[arg(long, value_name = "FILE")]
    jwks_file: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
    TlsClientAuth,
    SelfSignedTlsClientAuth,
}

#[derive(Args)]
pub(super) struct Named {
    /// The client_id.
    id: String,
}

#[derive(Args)]
pub(super) struct RotateSecret {
    /// The client_id.
    id: String,
    /// How long the old secret works on, such as 1h or 7d.
    #[arg(long, default_value = "24h")]
    overlap: Period,
}

#[derive(Args)]
pub(super) struct InitialToken {
    /// How many clients it registers.
    #[arg(long, default_value_t = 1)]
    uses: u32,
    /// How long it is good.
    #[arg(long, default_value = "24h")]
    expires_in: Period,
}

#[derive(Args)]
pub(super) struct Delete {
    /// The client_id.
    id: String,
    /// Really delete it: this can't be undone.
    #[arg(long)]
    yes: bool,
}

fn grant(text: &str) -> Result<GrantType, String> {
    GrantType::from_name(text)
        .ok_or_else(|| "one of authorization_code, refresh_token, client_credentials".to_owned())
}

fn certificate_name(text: &str) -> Result<ExpectedName, String> {
    let name = text
        .split_once('=')
        .and_then(|(member, value)| ExpectedName::parse(member, value));
    name.ok_or_else(|| format!("one of {} with a value", ExpectedName::MEMBERS.join(", ")))
}

fn scopes(text: &str) -> Result<ScopeSet, String> {
    ScopeSet::parse(text).map_err(|error| error.to_string())
}

pub(super) fn run(command: ClientsCommand, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let lines = match command {
        ClientsCommand::Create(create) => self::create(*create, around)?,
        ClientsCommand::List => list(around)?,
        ClientsCommand::Show(named) => show(&named.id, around)?,
        ClientsCommand::InitialToken(wanted) => initial_token(&wanted, around)?,
        ClientsCommand::RotateSecret(rotate) => rotate_secret(&rotate, around)?,
        ClientsCommand::Delete(delete) => self::delete(&delete, around)?,
    };
    for line in lines {
        writeln!(around.out, "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn initial_token(wanted: &InitialToken, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let (uses, ttl) = (wanted.uses, wanted.expires_in.duration());
    beside(around, |authority, ctx| async move {
        let token = authority.create_initial_access_token(&ctx, uses, ttl).await?;
        Ok(vec![format!(
            "initial_access_token (shown this once): {}",
            token.expose()
        )])
    })
}

fn create(create: Create, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let jwks = create.jwks_file.as_deref().map(read_jwks).transpose()?;
    let new = NewClient {
        id: create.id.clone(),
        name: create.name.clone(),
        settings: settings(create, jwks),
    };
    beside(around, |authority, ctx| async move {
        let made = authority
            .create_client(&ctx, new)
            .await
            .map_err(|error| match error {
                CreateClientError::Fault(fault) => CliError::Fault(fault),
                reason => CliError::Refused(reason.to_string()),
            })?;
        let mut lines = vec![format!("client_id: {}", made.client.id)];
        lines.extend(
            made.secret
                .map(|secret| format!("client_secret (shown this once): {}", secret.expose())),
        );
        Ok(lines)
    })
}

fn read_jwks(path: &Path) -> Result<serde_json::Value, CliError> {
    let bytes = std::fs::read(path).map_err(about(path))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| CliError::Refused(format!("--jwks-file: {} is no JSON: {error}", path.display())))
}

fn settings(create: Create, jwks: Option<serde_json::Value>) -> ClientSettings {
    ClientSettings {
        auth_method: match create.auth_method {
            Method::None => ClientAuthMethod::None,
            Method::ClientSecretBasic => ClientAuthMethod::ClientSecretBasic,
            Method::ClientSecretPost => ClientAuthMethod::ClientSecretPost,
            Method::PrivateKeyJwt => ClientAuthMethod::PrivateKeyJwt,
            Method::TlsClientAuth => ClientAuthMethod::TlsClientAuth,
            Method::SelfSignedTlsClientAuth => ClientAuthMethod::SelfSignedTlsClientAuth,
        },
        application_type: if create.native {
            ApplicationType::Native
        } else {
            ApplicationType::Web
        },
        redirect_uris: create.redirect_uris,
        post_logout_redirect_uris: create.post_logout_redirect_uris,
        grant_types: create.grant_types,
        scopes: create.scopes,
        resources: create.resources,
        access_token_format: create.opaque.then_some(AccessTokenFormat::Opaque),
        first_party: create.first_party,
        proxy: create.proxy,
        jwks,
        certificate_name: create.certificate_name,
        tls_client_certificate_bound_access_tokens: create.certificate_bound,
        ..ClientSettings::default()
    }
}

fn list(around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    beside(around, |authority, _| async move {
        let (mut lines, mut after) = (Vec::new(), String::new());
        loop {
            let page = authority.list_clients(&after, 200).await?;
            let Some(last) = page.last() else { return Ok(lines) };
            after = last.id.to_string();
            lines.extend(page.iter().map(line));
        }
    })
}

fn line(client: &Client) -> String {
    let method = client.settings.auth_method.as_str();
    format!(
        "{:<30} {:<8} {method:<20} {}",
        client.id,
        client.source.as_str(),
        client.name
    )
}

fn show(id: &str, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let found = beside(around, |authority, _| async move {
        Ok(authority.find_client(id).await?)
    })?;
    let client = found.ok_or_else(|| CliError::Refused(ChangeClientError::Unknown.to_string()))?;
    let document = serde_json::json!({
        "client_id": client.id,
        "name": client.name,
        "source": client.source,
        "created_at": client.created_at.to_string(),
        "updated_at": client.updated_at.to_string(),
        "settings": client.settings,
    });
    Ok(vec![format!("{document:#}")])
}

fn rotate_secret(rotate: &RotateSecret, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    let overlap: Duration = rotate.overlap.duration();
    beside(around, |authority, ctx| async move {
        let secret = authority
            .rotate_client_secret(&ctx, &rotate.id, overlap)
            .await
            .map_err(changed)?;
        Ok(vec![format!(
            "client_secret (shown this once): {}",
            secret.expose()
        )])
    })
}

fn delete(delete: &Delete, around: &Surroundings<'_>) -> Result<Vec<String>, CliError> {
    if !delete.yes {
        let words = format!(
            "this ends {} and all its tokens for good; repeat with --yes",
            delete.id
        );
        return Err(CliError::Refused(words));
    }
    beside(around, |authority, ctx| async move {
        authority.delete_client(&ctx, &delete.id).await.map_err(changed)?;
        Ok(vec![format!("{} deleted", delete.id)])
    })
}

fn changed(error: ChangeClientError) -> CliError {
    match error {
        ChangeClientError::Fault(fault) => CliError::Fault(fault),
        reason => CliError::Refused(reason.to_string()),
    }
}
