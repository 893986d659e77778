//! `[tokens]` and `[sessions]`: how long things live.
//! Refuses lifetimes that contradict each other.

use super::{Period, Problems};

/// How long codes and tokens live.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TokensConfig {
    /// Access tokens.
    pub access_ttl: Period,
    /// Access tokens of JSON sign-ins whose answer has no refresh token.
    pub unrenewed_access_ttl: Period,
    /// Authorization codes.
    pub code_ttl: Period,
    /// ID tokens.
    pub id_token_ttl: Period,
    /// A refresh token that is not used.
    pub refresh_ttl: Period,
    /// A whole chain of refresh tokens, however often it is used.
    pub refresh_absolute_ttl: Period,
    /// How long a refresh token that was just used may be sent again by a client that missed the answer.
    pub refresh_grace: Period,
    /// Whether DPoP proofs must carry a nonce of this server (RFC 9449, section 8). A proof works once in any case.
    pub demand_dpop_nonce: bool,
}

impl Default for TokensConfig {
    fn default() -> Self {
        Self {
            access_ttl: Period::minutes(15),
            unrenewed_access_ttl: Period::minutes(12 * 60),
            code_ttl: Period::seconds(60),
            id_token_ttl: Period::minutes(15),
            refresh_ttl: Period::days(30),
            refresh_absolute_ttl: Period::days(90),
            refresh_grace: Period::seconds(10),
            demand_dpop_nonce: false,
        }
    }
}

impl TokensConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let second = Period::seconds(1);
        for (key, value, most) in [
            ("tokens.access_ttl", self.access_ttl, Period::days(1)),
            (
                "tokens.unrenewed_access_ttl",
                self.unrenewed_access_ttl,
                Period::days(1),
            ),
            // RFC 6749 §4.1.2: ten minutes at most.
            ("tokens.code_ttl", self.code_ttl, Period::minutes(10)),
            ("tokens.id_token_ttl", self.id_token_ttl, Period::days(1)),
            ("tokens.refresh_ttl", self.refresh_ttl, Period::days(3650)),
            (
                "tokens.refresh_absolute_ttl",
                self.refresh_absolute_ttl,
                Period::days(3650),
            ),
        ] {
            if value < second || value > most {
                problems.add(key, format!("must be between {second} and {most}"));
            }
        }
        problems.add_if(
            self.access_ttl > self.refresh_ttl,
            "tokens.access_ttl",
            "is longer than tokens.refresh_ttl: an access token would outlive its refresh token",
        );
        problems.add_if(
            self.access_ttl > self.unrenewed_access_ttl,
            "tokens.unrenewed_access_ttl",
            "is shorter than tokens.access_ttl: a token that can't be renewed would live less than one that can",
        );
        problems.add_if(
            self.refresh_ttl > self.refresh_absolute_ttl,
            "tokens.refresh_ttl",
            "is longer than tokens.refresh_absolute_ttl",
        );
        problems.add_if(
            self.refresh_grace > Period::seconds(60),
            "tokens.refresh_grace",
            "must be 60s at most",
        );
    }
}

/// How long a sign-in lasts.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionsConfig {
    /// A session that is not used.
    pub idle_ttl: Period,
    /// Any session, however often it is used.
    pub absolute_ttl: Period,
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self {
            idle_ttl: Period::days(14),
            absolute_ttl: Period::days(30),
        }
    }
}

impl SessionsConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        problems.add_if(
            self.idle_ttl < Period::seconds(1),
            "sessions.idle_ttl",
            "must be at least 1s",
        );
        let longest = Period::days(3650);
        problems.add_if(
            self.absolute_ttl > longest,
            "sessions.absolute_ttl",
            "must be 3650d at most",
        );
        problems.add_if(
            self.idle_ttl > self.absolute_ttl,
            "sessions.idle_ttl",
            "is longer than sessions.absolute_ttl: a session would end before it could idle out",
        );
    }
}
