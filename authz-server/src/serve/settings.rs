//! From the configuration to what the domain is told.
//! Refuses to invent: every figure has its place in the configuration or is a documented constant here.

use std::time::Duration;

use domain::access_keys::SignatureSettings;
use domain::api_keys::{ApiKeySettings, KeyPrefixes, RotationThresholds};
use domain::billing::{BillingSettings, RecurringSettings};
use domain::clients::ConfiguredClient;
use domain::iam::IamSettings;
use domain::settings::{
    KeySettings, MailSettings, PasswordSettings, Profile, RegistrationPolicy, RegistrationSettings, Settings,
    StrangerSettings, TokenSettings,
};
use domain::teams::TeamSettings;
use jiff::tz::TimeZone;
use model::client::{ClientSettings, GrantType};
use model::registry::{Registry, ResourceServer, ScopeDefinition};
use model::session::SessionLimits;
use model::throttle::ThrottleLimits;
use model::{ClientId, SecretDigest};
use oauth::api_key::KeyPrefix;
use oauth::client_auth::ClientAuthMethod;
use oauth::scope::{Scope, ScopeSet};

use super::seller::seller;
use crate::config::{self, ClientConfig, Config};

/// The longest life of any access token: what the contracts give to surfaces without refresh tokens.
const LONGEST_ACCESS_TTL: Duration = Duration::from_secs(12 * 60 * 60);
/// Life of what an API key is exchanged for.
const EXCHANGE_TTL: Duration = Duration::from_secs(15 * 60);
const LEEWAY: Duration = Duration::from_secs(60);
const FIRST_DELAY: Duration = Duration::from_secs(30);

/// A checked configuration has none of these.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub(super) String);

/// `issuer`: as configured or as bound.
///
/// # Errors
/// Names that the configuration's own check should have refused.
pub fn settings(config: &Config, issuer: String) -> Result<Settings, SettingsError> {
    let tokens = &config.tokens;
    Ok(Settings {
        issuer,
        profile: match config.server.profile {
            config::Profile::OAuth21 => Profile::OAuth21,
            config::Profile::Oidc => Profile::Oidc,
        },
        front_end: config.console.front_end.clone(),
        registry: registry(config)?,
        tokens: TokenSettings {
            access_ttl: tokens.access_ttl.duration(),
            unrenewed_access_ttl: tokens.unrenewed_access_ttl.duration(),
            id_token_ttl: tokens.id_token_ttl.duration(),
            code_ttl: tokens.code_ttl.duration(),
            refresh_ttl: tokens.refresh_ttl.duration(),
            refresh_absolute_ttl: tokens.refresh_absolute_ttl.duration(),
            refresh_grace: tokens.refresh_grace.duration(),
            demand_dpop_nonce: tokens.demand_dpop_nonce,
            client_certificates: config.server.takes_client_certificates(),
            client_authorities: config.server.client_ca_file.is_some(),
            longest_access_ttl: tokens
                .access_ttl
                .duration()
                .max(tokens.unrenewed_access_ttl.duration())
                .max(LONGEST_ACCESS_TTL),
            leeway: LEEWAY,
        },
        sessions: SessionLimits {
            idle: config.sessions.idle_ttl.duration(),
            absolute: config.sessions.absolute_ttl.duration(),
        },
        keys: KeySettings {
            default_algorithm: config
                .keys
                .default_algorithm
                .map_or_else(|| default_algorithm(config), algorithm),
            rotate_every: config.keys.rotate_every.duration(),
            publish_ahead: config.keys.publish_ahead.duration(),
        },
        api_keys: api_keys(&config.api_keys)?,
        iam: iam(&config.iam),
        signatures: signatures(&config.iam),
        passwords: passwords(&config.passwords, &config.brand.name),
        registration: RegistrationSettings {
            open: config.registration.open,
            confirm_email: config.registration.confirm_email,
            throttle: throttle(
                i64::from(config.registration.attempts),
                config.registration.window,
            ),
        },
        strangers: strangers(&config.client_registration),
        mail: MailSettings {
            mailbox_throttle: throttle(i64::from(config.mail.mailbox_attempts), config.mail.window),
            address_throttle: throttle(i64::from(config.mail.address_attempts), config.mail.window),
        },
        audit_retention: config.audit.retention.duration(),
        billing: billing(config)?,
        teams: TeamSettings {
            invitation_ttl: config.accounts.invitation_ttl.duration(),
            most_invitations: config.accounts.most_invitations,
        },
        deletion_grace: config.accounts.deletion_grace.duration(),
        redirect_uris: config.accounts.redirect_uris.clone(),
        account_throttle: throttle(i64::from(config.throttle.attempts), config.throttle.window),
        // An address may be an office: half as many again, over all its accounts.
        address_throttle: throttle(
            i64::from(config.throttle.attempts) * 3 / 2,
            config.throttle.window,
        ),
    })
}

fn iam(config: &config::IamConfig) -> IamSettings {
    let default = IamSettings::default();
    IamSettings {
        // A configuration whose services give no policies was refused when it was read.
        managed: config.managed().map_or(default.managed, Into::into),
        users: config.users.into(),
        groups: config.groups.into(),
        policies: config.policies.into(),
        attachments: config.attachments.into(),
        groups_of_user: config.groups_of_user.into(),
    }
}

fn billing(all: &Config) -> Result<BillingSettings, SettingsError> {
    let config = &all.billing;
    let currency = config.currency.parse();
    let currency = currency.map_err(|error| SettingsError(format!("billing.currency: {error}")))?;
    let time_zone = TimeZone::get(&config.time_zone);
    let time_zone = time_zone.map_err(|error| SettingsError(format!("billing.time_zone: {error}")))?;
    let (plans, prices) = all.offered_plans(currency);
    Ok(BillingSettings {
        currency,
        time_zone,
        plans,
        prices,
        topup: (config.topup_min, config.topup_max),
        overdraft: config.overdraft,
        recurring: RecurringSettings {
            low_balance: config.autopay.low_balance,
            collections_per_day: config.autopay.collections_per_day,
            notice: config.autopay.notice.duration(),
            retries: config
                .dunning
                .retries
                .iter()
                .map(|pause| pause.duration())
                .collect(),
            grace: config.dunning.grace.duration(),
        },
        seller: config.seller.as_ref().map(seller).transpose()?,
    })
}

fn signatures(config: &config::IamConfig) -> SignatureSettings {
    SignatureSettings {
        region: config.region.clone(),
        service: config.service.clone(),
        skew: config.signature_skew.duration(),
        longest_presigned: config.longest_presigned.duration(),
    }
}

fn strangers(config: &config::ClientRegistrationConfig) -> StrangerSettings {
    StrangerSettings {
        registration: match config.policy {
            config::RegistrationPolicy::Closed => RegistrationPolicy::Closed,
            config::RegistrationPolicy::Token => RegistrationPolicy::Token,
            config::RegistrationPolicy::Open => RegistrationPolicy::Open,
        },
        documents: config.documents,
        allowed_hosts: config.document_hosts.clone(),
        denied_hosts: config.denied_hosts.clone(),
        resources: config.resources.clone(),
        unused_after: config.unused_after.duration(),
        throttle: throttle(i64::from(config.attempts), config.window),
    }
}

fn api_keys(config: &config::ApiKeysConfig) -> Result<ApiKeySettings, SettingsError> {
    let blame = |text: String| SettingsError(format!("api_keys: {text}"));
    let mut prefixes = Vec::new();
    for (key, text) in config.prefixes() {
        prefixes.push(KeyPrefix::parse(text).map_err(|error| blame(format!("{key}: {error}")))?);
    }
    let prefixes =
        <[KeyPrefix; 5]>::try_from(prefixes).map_err(|_| blame("a prefix is missing".to_owned()))?;
    let confused = |(one, other)| blame(format!("keys of kind {one} and {other} could not be told apart"));
    Ok(ApiKeySettings {
        prefixes: KeyPrefixes::new(prefixes).map_err(confused)?,
        most_per_user: config.most_per_user,
        longest_life: Some(config.longest_life.duration()),
        endless: config.allow_endless,
        reserved: config.reserved.clone(),
        named: config.offered_scopes().map_err(blame)?,
        rate_limit: config.rate_limit,
        exchange_ttl: EXCHANGE_TTL,
        rotation: RotationThresholds {
            warning_days: config.rotation_warning_days,
            required_days: config.rotation_required_days,
        },
    })
}

fn default_algorithm(config: &Config) -> jose::Algorithm {
    match config.server.profile {
        config::Profile::OAuth21 => jose::Algorithm::Es256,
        config::Profile::Oidc => jose::Algorithm::Rs256,
    }
}

fn algorithm(algorithm: config::Algorithm) -> jose::Algorithm {
    match algorithm {
        config::Algorithm::ES256 => jose::Algorithm::Es256,
        config::Algorithm::RS256 => jose::Algorithm::Rs256,
        config::Algorithm::PS256 => jose::Algorithm::Ps256,
        config::Algorithm::EdDSA => jose::Algorithm::EdDsa,
    }
}

/// One core is left to everything that is not a login.
fn passwords(config: &config::PasswordsConfig, brand: &str) -> PasswordSettings {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    PasswordSettings {
        memory_kib: config.memory_kib,
        known_words: vec![brand.to_owned()],
        passes: config.passes,
        parallelism: config.parallelism,
        workers: cores.saturating_sub(1).max(1),
        queue: config.queue,
        min_length: config.min_length,
    }
}

fn throttle(free_attempts: i64, window: config::Period) -> ThrottleLimits {
    let window = window.duration();
    ThrottleLimits {
        free_attempts,
        window,
        base_delay: FIRST_DELAY,
        max_delay: window,
    }
}

fn registry(config: &Config) -> Result<Registry, SettingsError> {
    let scopes = config.all_scopes();
    let definitions = scopes.iter().map(|scope| {
        Ok(ScopeDefinition {
            name: Scope::parse(&scope.name)
                .map_err(|error| SettingsError(format!("scopes: {}: {error}", scope.name)))?,
            description: scope.description.clone(),
            claims: scope.claims.clone(),
        })
    });
    let resources = config.resources.iter().map(|resource| {
        let own = scopes
            .iter()
            .filter(|scope| scope.resource.as_deref() == Some(resource.audience.as_str()));
        let names = resource.scopes.iter().chain(own.map(|scope| &scope.name));
        Ok(ResourceServer {
            audience: resource.audience.clone(),
            name: resource.name.clone(),
            scopes: scope_set(names)?,
            access_token_format: resource.access_token_format.map(format),
        })
    });
    Ok(Registry {
        scopes: definitions.collect::<Result<_, _>>()?,
        resources: resources.collect::<Result<_, _>>()?,
    })
}

fn scope_set<'s>(names: impl Iterator<Item = &'s String>) -> Result<ScopeSet, SettingsError> {
    let parse =
        |name: &String| Scope::parse(name).map_err(|error| SettingsError(format!("scope {name}: {error}")));
    names.map(parse).collect()
}

fn format(format: config::AccessTokenFormat) -> model::client::AccessTokenFormat {
    match format {
        config::AccessTokenFormat::Jwt => model::client::AccessTokenFormat::Jwt,
        config::AccessTokenFormat::Opaque => model::client::AccessTokenFormat::Opaque,
    }
}

/// The configured clients, their secrets as digests.
///
/// # Errors
/// As [`settings`].
pub fn clients(config: &Config) -> Result<Vec<ConfiguredClient>, SettingsError> {
    config.clients.iter().map(client).collect()
}

fn client(config: &ClientConfig) -> Result<ConfiguredClient, SettingsError> {
    let id = config
        .id
        .parse::<ClientId>()
        .map_err(|error| SettingsError(format!("clients: {}: {error}", config.id)))?;
    let introspects = if config.introspection {
        config.resources.clone()
    } else {
        Vec::new()
    };
    let settings = ClientSettings {
        auth_method: auth_method(config),
        application_type: config.application_type.into(),
        redirect_uris: config.redirect_uris.clone(),
        post_logout_redirect_uris: config.post_logout_redirect_uris.clone(),
        grant_types: config.grant_types.iter().copied().map(grant_type).collect(),
        scopes: scope_set(config.scopes.iter())?,
        resources: config.resources.clone(),
        access_token_format: config.access_token_format.map(format),
        id_token_alg: config.id_token_alg.map(algorithm),
        jwks: config.jwks.clone(),
        certificate_name: config.certificate_names().next(),
        dpop_bound_access_tokens: config.dpop_bound_access_tokens,
        tls_client_certificate_bound_access_tokens: config.tls_client_certificate_bound_access_tokens,
        first_party: config.first_party,
        proxy: config.proxy,
        introspects,
        logo_uri: config.logo.clone(),
        policy_uri: config.policy_uri.clone(),
        tos_uri: config.tos_uri.clone(),
        ..ClientSettings::default()
    };
    let secret = config
        .secret
        .as_ref()
        .map(|secret| SecretDigest::of(secret.expose()));
    Ok(ConfiguredClient {
        id,
        name: config.name.clone(),
        settings,
        secret,
    })
}

fn auth_method(config: &ClientConfig) -> ClientAuthMethod {
    match config.effective_auth_method() {
        config::AuthMethod::None => ClientAuthMethod::None,
        config::AuthMethod::ClientSecretBasic => ClientAuthMethod::ClientSecretBasic,
        config::AuthMethod::ClientSecretPost => ClientAuthMethod::ClientSecretPost,
        config::AuthMethod::PrivateKeyJwt => ClientAuthMethod::PrivateKeyJwt,
        config::AuthMethod::TlsClientAuth => ClientAuthMethod::TlsClientAuth,
        config::AuthMethod::SelfSignedTlsClientAuth => ClientAuthMethod::SelfSignedTlsClientAuth,
    }
}

fn grant_type(grant: config::GrantType) -> GrantType {
    match grant {
        config::GrantType::AuthorizationCode => GrantType::AuthorizationCode,
        config::GrantType::RefreshToken => GrantType::RefreshToken,
        config::GrantType::ClientCredentials => GrantType::ClientCredentials,
        config::GrantType::TokenExchange => GrantType::TokenExchange,
    }
}
