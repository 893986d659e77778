//! `[billing]`: the currency, who collects payments, and how much may be paid at once.
//! Refuses a gateway without its secrets, and secrets that no gateway would use.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use jiff::tz::TimeZone;
use model::billing::{Currency, MOST};
use url::Url;

use super::recurring::{AutopayConfig, DunningConfig};
use super::secret::{all_redacted, redacted, weakness};
use super::{Config, Period, Problems, Secret, SellerConfig, file};

const RAZORPAY: &str = "https://api.razorpay.com";
const CHECKOUT: &str = "https://checkout.razorpay.com/v1/checkout.js";
/// Razorpay's least.
const LEAST: i64 = 100;

/// Money: the currency, who collects payments, and how much may be paid at once.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BillingConfig {
    /// The currency of every amount, three capital letters. It stays what it was when the first wallet was made.
    pub currency: String,
    /// Who collects payments: `none`, `razorpay`, or `sandbox`, which behaves like Razorpay inside this server and moves no
    /// money.
    pub gateway: GatewayKind,
    /// Razorpay: the id of the API key, as in `rzp_live_…`.
    pub key_id: Option<String>,
    /// Razorpay: the secret of the API key.
    #[serde(serialize_with = "redacted")]
    #[schemars(with = "Option<String>")]
    pub key_secret: Option<Secret>,
    /// A file with the secret of the API key, instead of `key_secret`.
    pub key_secret_file: Option<PathBuf>,
    /// Razorpay: the secrets of the webhook whose URL is `ISSUER/auth/billing/webhooks/razorpay`, the newest first. Keep the
    /// one before for a day: messages that are sent again are still signed with it.
    #[serde(serialize_with = "all_redacted")]
    #[schemars(with = "Vec<String>")]
    pub webhook_secrets: Vec<Secret>,
    /// A file with the webhook secrets, one per line, instead of `webhook_secrets`.
    pub webhook_secrets_file: Option<PathBuf>,
    /// Where Razorpay's API is.
    pub base_url: String,
    /// The script of Razorpay's checkout, which the page that takes payments loads.
    pub checkout_url: String,
    /// How long one call of the gateway may take.
    pub request_timeout: Period,
    /// The least of one top-up, in minor units.
    pub topup_min: i64,
    /// The most of one top-up, in minor units.
    pub topup_max: i64,
    /// How far below zero a wallet may go before what it pays for is refused, in minor units.
    pub overdraft: i64,
    /// Where days and months begin and end in the books, such as `Asia/Kolkata`. Another one holds for what is booked from
    /// then on.
    pub time_zone: String,
    /// The built-in sandbox.
    pub sandbox: SandboxConfig,
    /// Automatic top-ups, and mails about wallets that run low.
    pub autopay: AutopayConfig,
    /// What follows when a payment fails.
    pub dunning: DunningConfig,
    /// Who writes the invoices. Without it there are none, and no tax is told apart.
    pub seller: Option<SellerConfig>,
}

/// Who collects payments.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GatewayKind {
    /// Nobody: balances and invoices can be read, nothing can be paid.
    #[default]
    None,
    /// Razorpay.
    Razorpay,
    /// The built-in sandbox. It moves no money.
    Sandbox,
}

/// The built-in sandbox.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxConfig {
    /// Address and port of its API and its checkout page. Port 0 picks a free one.
    pub listen: SocketAddr,
    /// The address that browsers reach it at, when that is another one.
    pub public_url: Option<String>,
    /// Lets it run on a server whose issuer is https, which looks like one that people rely on.
    pub allow_on_https: bool,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            allow_on_https: false,
        }
    }
}

impl Default for BillingConfig {
    fn default() -> Self {
        Self {
            currency: "INR".to_owned(),
            gateway: GatewayKind::None,
            key_id: None,
            key_secret: None,
            key_secret_file: None,
            webhook_secrets: Vec::new(),
            webhook_secrets_file: None,
            base_url: RAZORPAY.to_owned(),
            checkout_url: CHECKOUT.to_owned(),
            request_timeout: Period::seconds(10),
            topup_min: LEAST,
            topup_max: 50_000_000,
            overdraft: 0,
            time_zone: "Asia/Kolkata".to_owned(),
            sandbox: SandboxConfig::default(),
            autopay: AutopayConfig::default(),
            dunning: DunningConfig::default(),
            seller: None,
        }
    }
}

pub(super) fn resolve_files(config: &mut Config, problems: &mut Problems) {
    let billing = &mut config.billing;
    let both = "cannot be set together with the value itself";
    if let Some(path) = &billing.key_secret_file {
        let key = "billing.key_secret_file";
        problems.add_if(billing.key_secret.is_some(), key, both);
        billing.key_secret = file::read_secret(path, key, problems);
    }
    if let Some(path) = &billing.webhook_secrets_file {
        let key = "billing.webhook_secrets_file";
        problems.add_if(!billing.webhook_secrets.is_empty(), key, both);
        if let Some(text) = file::read_secret(path, key, problems) {
            let lines = text.expose().lines().map(str::trim);
            let used = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            billing.webhook_secrets = used.map(|line| Secret::new(line.to_owned())).collect();
        }
    }
}

impl BillingConfig {
    pub(super) fn check(&self, config: &Config, problems: &mut Problems) {
        problems.add_if(
            self.currency.parse::<Currency>().is_err(),
            "billing.currency",
            "must be three capital letters, such as INR",
        );
        self.check_amounts(problems);
        problems.add_if(
            TimeZone::get(&self.time_zone).is_err(),
            "billing.time_zone",
            "must be a time zone, such as Asia/Kolkata or UTC",
        );
        self.autopay.check(problems);
        self.dunning.check(problems);
        if let Some(seller) = &self.seller {
            seller.check(&self.currency, problems);
        }
        let timeout = (Period::seconds(1)..=Period::seconds(60)).contains(&self.request_timeout);
        problems.add_if(!timeout, "billing.request_timeout", "must be between 1s and 60s");
        match self.gateway {
            GatewayKind::Razorpay => self.check_razorpay(problems),
            GatewayKind::Sandbox => {
                self.check_unused(problems);
                self.check_sandbox(config, problems);
            }
            GatewayKind::None => self.check_unused(problems),
        }
    }

    fn check_amounts(&self, problems: &mut Problems) {
        let (least, most) = (self.topup_min, self.topup_max);
        problems.add_if(least < 1, "billing.topup_min", "must be at least 1");
        let within = (least..=MOST).contains(&most);
        problems.add_if(
            !within,
            "billing.topup_max",
            "must be at least topup_min, and at most 100000000000",
        );
        let bounded = (0..=MOST).contains(&self.overdraft);
        problems.add_if(
            !bounded,
            "billing.overdraft",
            "must be between 0 and 100000000000",
        );
    }

    fn check_razorpay(&self, problems: &mut Problems) {
        let named = self.key_id.as_deref().is_some_and(is_key_id);
        problems.add_if(
            !named,
            "billing.key_id",
            "must be set to the id of an API key, such as rzp_live_0123456789abcd",
        );
        // Razorpay makes it; that it is there is all that can be asked.
        let secret = self.key_secret.as_ref();
        let missing = secret.is_none_or(|secret| secret.expose().trim().is_empty());
        problems.add_if(missing, "billing.key_secret", "must be set");
        problems.add_if(
            self.topup_min < LEAST,
            "billing.topup_min",
            "must be at least 100, the least that Razorpay takes",
        );
        self.check_webhook_secrets(problems);
        for (key, text) in [
            ("billing.base_url", &self.base_url),
            ("billing.checkout_url", &self.checkout_url),
        ] {
            problems.add_if(
                !is_safe(text),
                key,
                "must be https, or http on this machine, without a query and a password",
            );
        }
    }

    fn check_webhook_secrets(&self, problems: &mut Problems) {
        let key = "billing.webhook_secrets";
        let count = (1..=5).contains(&self.webhook_secrets.len());
        problems.add_if(!count, key, "must be one to five secrets, the newest first");
        for secret in &self.webhook_secrets {
            let key_secret = self.key_secret.as_ref();
            let same = key_secret.is_some_and(|key| key.expose() == secret.expose());
            problems.add_if(same, key, "must not be the secret of the API key");
            if let Some(reason) = weakness(secret.expose()) {
                problems.add(key, reason);
            }
        }
    }

    /// Secrets that nobody uses are a sign of a gateway that was forgotten.
    fn check_unused(&self, problems: &mut Problems) {
        let reason = "is for gateway = \"razorpay\"";
        problems.add_if(self.key_id.is_some(), "billing.key_id", reason);
        problems.add_if(self.key_secret.is_some(), "billing.key_secret", reason);
        problems.add_if(
            !self.webhook_secrets.is_empty(),
            "billing.webhook_secrets",
            reason,
        );
    }

    fn check_sandbox(&self, config: &Config, problems: &mut Problems) {
        let issuer = config.server.issuer.as_deref().unwrap_or_default();
        let relied_on = issuer.starts_with("https:") || config.server.tls.is_some();
        problems.add_if(
            relied_on && !self.sandbox.allow_on_https,
            "billing.gateway",
            "sandbox moves no money and anybody may pay with it; on a server with https say billing.sandbox.allow_on_https too",
        );
        let url = self.sandbox.public_url.as_deref();
        let usable = url.is_none_or(|url| Url::parse(url).is_ok_and(|url| is_web(&url)));
        problems.add_if(
            !usable,
            "billing.sandbox.public_url",
            "must be an http or https address",
        );
    }
}

fn is_key_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.starts_with("rzp_") && text.len() <= 64 && text.bytes().all(plain)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host().is_some()
}

/// Keys travel along: protected, or within the machine.
fn is_safe(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let bare = url.query().is_none() && url.username().is_empty() && url.password().is_none();
    bare && (url.scheme() == "https" || (url.scheme() == "http" && local))
}
