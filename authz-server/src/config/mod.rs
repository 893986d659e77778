//! What an operator can set: one typed section per file, read from a TOML file and the environment.
//! Refuses unknown, contradictory and unsafe settings, naming every one of them at once; never starts anything.

mod accounts;
mod admin;
mod api_keys;
mod audit;
mod billing;
mod brand;
mod client;
mod client_registration;
mod console;
mod database;
mod environment;
mod federation;
mod file;
mod github_app;
mod iam;
mod keys;
mod limits;
mod load;
mod log;
mod mail;
mod period;
mod plan;
mod print;
mod problem;
mod rate;
mod recurring;
mod reference;
mod schema;
mod scope;
mod secret;
mod seller;
mod server;
mod shape;
mod shared_limits;
mod surface_limits;
mod tokens;
mod traces;

pub use self::shared_limits::SharedLimitsConfig;
pub use accounts::AccountsConfig;
pub use admin::AdminConfig;
pub use api_keys::ApiKeysConfig;
pub use audit::AuditConfig;
pub use billing::{BillingConfig, GatewayKind, SandboxConfig};
pub use brand::{BrandConfig, RegistrationConfig};
pub use client::{ApplicationType, AuthMethod, ClientConfig, GrantType};
pub use client_registration::{ClientRegistrationConfig, RegistrationPolicy};
pub use console::ConsoleConfig;
pub use database::DatabaseConfig;
pub use federation::{ClaimsConfig, GithubConfig, ProviderConfig};
pub use github_app::GithubAppConfig;
pub use iam::{IamConfig, IamServiceConfig};
pub use keys::{Algorithm, KeysConfig};
pub use limits::{PasswordsConfig, ThrottleConfig};
pub use load::Loaded;
pub use log::{LogConfig, LogFormat};
pub use mail::{MailConfig, SmtpConfig, SmtpTls};
pub use period::Period;
pub use plan::{FeatureConfig, PlanConfig, PlanPeriodConfig, PriceConfig};
pub use problem::{ConfigError, Problem};
pub use rate::{MOST as MOST_PER_WINDOW, Rate};
pub use reference::reference;
pub use scope::{AccessTokenFormat, ResourceConfig, ScopeConfig};
pub use secret::Secret;
pub use seller::SellerConfig;
pub use server::{Profile, ServerConfig, TlsConfig};
pub use surface_limits::LimitsConfig;
pub use tokens::{SessionsConfig, TokensConfig};
pub use traces::TracesConfig;

use problem::Problems;

/// Everything that can be configured.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens, what it calls itself, and how it stops.
    pub server: ServerConfig,
    /// The operators' own listener: health, readiness and metrics.
    pub admin: AdminConfig,
    /// Where everything is remembered.
    pub database: DatabaseConfig,
    /// The keys that seal secrets at rest, and the life of the signing keys.
    pub keys: KeysConfig,
    /// How long codes and tokens live.
    pub tokens: TokensConfig,
    /// How long a sign-in lasts.
    pub sessions: SessionsConfig,
    /// How passwords are hashed, and which are accepted.
    pub passwords: PasswordsConfig,
    /// When repeated failures are slowed down.
    pub throttle: ThrottleConfig,
    /// How often one caller may use the JSON surfaces. Each replica counts for itself, unless there are `[shared_limits]`.
    pub limits: LimitsConfig,
    /// A Redis or Valkey in which all replicas count the requests of a caller together. Without it each counts for itself.
    pub shared_limits: Option<SharedLimitsConfig>,
    /// What is open to clients that nobody has registered by hand.
    pub client_registration: ClientRegistrationConfig,
    /// Who may make an account.
    pub registration: RegistrationConfig,
    /// What people may do with their accounts.
    pub accounts: AccountsConfig,
    /// The log of every request that changes something.
    pub audit: AuditConfig,
    /// Money: the currency, who collects payments, and how much may be paid at once.
    pub billing: BillingConfig,
    /// The keys that people make for their programs.
    pub api_keys: ApiKeysConfig,
    /// How many users, groups and policies an account may have, and what programs sign their requests for.
    pub iam: IamConfig,
    /// How letters to people leave.
    pub mail: MailConfig,
    /// Signing in with GitHub, or a GitHub Enterprise Server.
    pub github: Option<GithubConfig>,
    /// The app that people install at GitHub for their repositories.
    pub github_app: Option<GithubAppConfig>,
    /// The web console that people sign in for at `/api/auth`.
    pub console: ConsoleConfig,
    /// How the pages present themselves.
    pub brand: BrandConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Where the spans of requests are sent.
    pub traces: TracesConfig,
    /// Scopes that clients can ask for, besides the built-in `openid`, `profile`, `email` and `offline_access`.
    pub scopes: Vec<ScopeConfig>,
    /// Resource servers: the audiences that access tokens can be made for.
    pub resources: Vec<ResourceConfig>,
    /// Clients that exist from the start; each start brings them up to date.
    pub clients: Vec<ClientConfig>,
    /// What accounts can have. Without any there is one plan, named as `accounts.default_plan` says, without limits.
    pub plans: Vec<PlanConfig>,
    /// What use costs beyond what comes with a plan.
    pub prices: Vec<PriceConfig>,
    /// OpenID providers that people can sign in with.
    pub providers: Vec<ProviderConfig>,
}

impl Config {
    /// The configured scopes, preceded by those built-in ones that the configuration does not describe itself.
    pub fn all_scopes(&self) -> Vec<ScopeConfig> {
        let described = |name: &str| self.scopes.iter().any(|scope| scope.name == name);
        let built_in = scope::built_in()
            .into_iter()
            .filter(|scope| !described(&scope.name));
        built_in.chain(self.scopes.iter().cloned()).collect()
    }

    fn check(&self, problems: &mut Problems) {
        self.server.check(problems);
        self.database.check(problems);
        self.keys.check(problems);
        self.tokens.check(problems);
        self.sessions.check(problems);
        self.passwords.check(problems);
        self.throttle.check(problems);
        self.limits.check(problems);
        if let Some(shared) = &self.shared_limits {
            shared.check(problems);
        }
        self.brand.check(problems);
        self.registration.check(problems);
        self.client_registration.check(&self.resources, problems);
        self.accounts.check(problems);
        plan::check(self, problems);
        self.audit.check(problems);
        self.billing.check(self, problems);
        self.api_keys.check(problems);
        self.iam.check(problems);
        self.mail.check(problems);
        federation::check(self.github.as_ref(), &self.providers, problems);
        github_app::check(self, problems);
        self.console.check(problems);
        self.log.check(problems);
        self.traces.check(problems);
        let scopes = self.all_scopes();
        scope::check(&self.scopes, &self.resources, &scopes, problems);
        client::check(&self.clients, &scopes, &self.resources, problems);
        client::check_certificates(&self.clients, &self.server, problems);
    }
}
