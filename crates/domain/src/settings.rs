//! The deployment's choices that capabilities depend on, already validated.
//! Refuses files and environment variables: the server's configuration builds this.

use std::time::Duration;

use jose::Algorithm;
use model::registry::Registry;
use model::session::SessionLimits;
use model::throttle::ThrottleLimits;

use crate::access_keys::SignatureSettings;
use crate::api_keys::ApiKeySettings;
use crate::billing::BillingSettings;
use crate::iam::IamSettings;
use crate::teams::TeamSettings;

#[derive(Clone, Debug)]
pub struct Settings {
    /// Byte-stable for ever; no trailing slash.
    pub issuer: String,
    pub profile: Profile,
    /// The web console that people sign in for; without one, our own start page.
    pub front_end: Option<String>,
    pub registry: Registry,
    pub tokens: TokenSettings,
    pub sessions: SessionLimits,
    pub keys: KeySettings,
    pub api_keys: ApiKeySettings,
    pub iam: IamSettings,
    pub signatures: SignatureSettings,
    pub passwords: PasswordSettings,
    pub registration: RegistrationSettings,
    pub strangers: StrangerSettings,
    pub mail: MailSettings,
    pub teams: TeamSettings,
    pub billing: BillingSettings,
    /// How long an account that is to be deleted can still be kept.
    pub deletion_grace: Duration,
    /// How long entries of the audit log are kept.
    pub audit_retention: Duration,
    /// Pages of programs that people may be sent to: back from a provider, or by the link in a mail.
    pub redirect_uris: Vec<String>,
    /// Per account, behind all its spellings.
    pub account_throttle: ThrottleLimits,
    /// Per client address (IPv6: per /64).
    pub address_throttle: ThrottleLimits,
}

impl Settings {
    /// Whether a program may have people sent to this page: character by character one of those configured (O05).
    pub fn may_return_to(&self, page: &str) -> bool {
        self.redirect_uris.iter().any(|allowed| allowed == page)
    }
}

/// The posture of the deployment (the table in the documentation); a client may be stricter, never looser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// OAuth 2.1: PKCE always.
    OAuth21,
    /// Widest interoperability: PKCE for public clients.
    Oidc,
}

#[derive(Clone, Debug)]
pub struct TokenSettings {
    pub access_ttl: Duration,
    /// Access tokens that come without a refresh token to people who sign in at a JSON surface.
    pub unrenewed_access_ttl: Duration,
    pub id_token_ttl: Duration,
    pub code_ttl: Duration,
    pub refresh_ttl: Duration,
    pub refresh_absolute_ttl: Duration,
    /// At most 60 s.
    pub refresh_grace: Duration,
    /// Longest life any client's access token may have: what the revocation log must remember.
    pub longest_access_ttl: Duration,
    /// Whether DPoP proofs must carry a nonce of this server (RFC 9449 §8).
    pub demand_dpop_nonce: bool,
    /// Whether clients can show certificates here, so that tokens can be bound to them (RFC 8705 §3).
    pub client_certificates: bool,
    /// Whether there are authorities whose word about the names in them counts (RFC 8705 §2.1).
    pub client_authorities: bool,
    /// Tolerated difference of clocks on `iat` and `nbf`.
    pub leeway: Duration,
}

#[derive(Clone, Debug)]
pub struct KeySettings {
    pub default_algorithm: Algorithm,
    pub rotate_every: Duration,
    /// How long a key is published before it signs.
    pub publish_ahead: Duration,
}

#[derive(Clone, Debug)]
pub struct PasswordSettings {
    /// KiB per hash.
    pub memory_kib: u32,
    pub passes: u32,
    pub parallelism: u32,
    /// Hashes running at once.
    pub workers: usize,
    /// Requests that may wait for a worker; more are told to come back.
    pub queue: usize,
    pub min_length: usize,
    /// Names of the product and its operator: too easy to guess in a password.
    pub known_words: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct MailSettings {
    /// Mails that may be asked for to one mailbox.
    pub mailbox_throttle: ThrottleLimits,
    /// Mails that may be asked for from one client address.
    pub address_throttle: ThrottleLimits,
}

#[derive(Clone, Debug)]
pub struct RegistrationSettings {
    pub open: bool,
    /// Nobody signs in before the address is confirmed.
    pub confirm_email: bool,
    /// Forms per client address, well filled in or not.
    pub throttle: ThrottleLimits,
}

/// What is open to clients that nobody has registered by hand.
#[derive(Clone, Debug)]
pub struct StrangerSettings {
    pub registration: RegistrationPolicy,
    /// Take client ids that are https URLs.
    pub documents: bool,
    /// Hosts that documents may come from; all when empty. A name stands for itself and everything below.
    pub allowed_hosts: Vec<String>,
    /// Hosts that they may not come from.
    pub denied_hosts: Vec<String>,
    /// Audiences they may ask for.
    pub resources: Vec<String>,
    /// After so long without a grant they are forgotten.
    pub unused_after: Duration,
    /// Registrations, and documents fetched, per client address.
    pub throttle: ThrottleLimits,
}

/// Who may register a client (RFC 7591 §3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegistrationPolicy {
    Closed,
    /// Whoever has an initial access token.
    Token,
    Open,
}

impl Default for Settings {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let days = |days: u64| Duration::from_secs(days * 86_400);
        Self {
            issuer: "http://127.0.0.1:8080".to_owned(),
            profile: Profile::OAuth21,
            front_end: None,
            registry: Registry::default(),
            tokens: TokenSettings {
                access_ttl: minutes(15),
                unrenewed_access_ttl: minutes(12 * 60),
                id_token_ttl: minutes(60),
                code_ttl: Duration::from_secs(60),
                refresh_ttl: days(30),
                refresh_absolute_ttl: days(90),
                refresh_grace: Duration::from_secs(10),
                longest_access_ttl: minutes(12 * 60),
                demand_dpop_nonce: false,
                client_certificates: false,
                client_authorities: false,
                leeway: Duration::from_secs(60),
            },
            sessions: SessionLimits {
                idle: days(7),
                absolute: days(30),
            },
            keys: KeySettings {
                default_algorithm: Algorithm::Es256,
                rotate_every: days(30),
                publish_ahead: days(1),
            },
            api_keys: ApiKeySettings::default(),
            iam: IamSettings::default(),
            signatures: SignatureSettings::default(),
            passwords: PasswordSettings {
                memory_kib: 19_456,
                passes: 2,
                parallelism: 1,
                workers: 1,
                queue: 64,
                min_length: 8,
                known_words: vec!["authz".to_owned()],
            },
            registration: RegistrationSettings {
                open: true,
                confirm_email: false,
                throttle: ThrottleLimits {
                    free_attempts: 30,
                    window: minutes(60),
                    base_delay: Duration::from_secs(30),
                    max_delay: minutes(60),
                },
            },
            strangers: StrangerSettings {
                registration: RegistrationPolicy::Closed,
                documents: false,
                allowed_hosts: Vec::new(),
                denied_hosts: Vec::new(),
                resources: Vec::new(),
                unused_after: days(30),
                throttle: ThrottleLimits {
                    free_attempts: 20,
                    window: minutes(60),
                    base_delay: Duration::from_secs(30),
                    max_delay: minutes(60),
                },
            },
            mail: MailSettings {
                mailbox_throttle: ThrottleLimits {
                    free_attempts: 5,
                    window: minutes(60),
                    base_delay: minutes(5),
                    max_delay: minutes(60),
                },
                address_throttle: ThrottleLimits {
                    free_attempts: 30,
                    window: minutes(60),
                    base_delay: Duration::from_secs(30),
                    max_delay: minutes(60),
                },
            },
            teams: TeamSettings::default(),
            billing: BillingSettings::default(),
            deletion_grace: days(14),
            audit_retention: days(400),
            redirect_uris: Vec::new(),
            account_throttle: ThrottleLimits {
                free_attempts: 10,
                window: minutes(15),
                base_delay: Duration::from_secs(30),
                max_delay: minutes(15),
            },
            address_throttle: ThrottleLimits {
                free_attempts: 15,
                window: minutes(15),
                base_delay: Duration::from_secs(30),
                max_delay: minutes(15),
            },
        }
    }
}
