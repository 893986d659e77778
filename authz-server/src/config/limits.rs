//! `[passwords]` and `[throttle]`: what guessing costs.
//! Refuses hashing parameters below those OWASP recommends for argon2id.

use super::{Period, Problems};

/// How passwords are hashed, and which are accepted.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordsConfig {
    /// Memory of one argon2id hash, in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Lanes of one hash.
    pub parallelism: u32,
    /// How many sign-ins may wait for a hash before more are turned away with 503.
    pub queue: usize,
    /// The fewest characters a new password may have.
    pub min_length: usize,
}

impl Default for PasswordsConfig {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            parallelism: 1,
            queue: 64,
            min_length: 8,
        }
    }
}

impl PasswordsConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let memory = (7_168..=1_048_576).contains(&self.memory_kib);
        problems.add_if(
            !memory,
            "passwords.memory_kib",
            "must be between 7168 and 1048576",
        );
        problems.add_if(
            !(1..=16).contains(&self.passes),
            "passwords.passes",
            "must be between 1 and 16",
        );
        let weak = memory && u64::from(self.memory_kib) * u64::from(self.passes) < 35_840;
        problems.add_if(
            weak,
            "passwords.passes",
            "memory_kib times passes must be at least 35840",
        );
        problems.add_if(
            !(1..=16).contains(&self.parallelism),
            "passwords.parallelism",
            "must be between 1 and 16",
        );
        problems.add_if(
            !(1..=4096).contains(&self.queue),
            "passwords.queue",
            "must be between 1 and 4096",
        );
        problems.add_if(
            !(8..=64).contains(&self.min_length),
            "passwords.min_length",
            "must be between 8 and 64",
        );
    }
}

/// When repeated failures are slowed down.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ThrottleConfig {
    /// How many failed sign-ins an account or address may have within the window.
    pub attempts: u32,
    /// How long failures count.
    pub window: Period,
}

impl Default for ThrottleConfig {
    fn default() -> Self {
        Self {
            attempts: 10,
            window: Period::minutes(15),
        }
    }
}

impl ThrottleConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        problems.add_if(
            !(1..=100).contains(&self.attempts),
            "throttle.attempts",
            "must be between 1 and 100",
        );
        let window = (Period::seconds(1)..=Period::days(1)).contains(&self.window);
        problems.add_if(!window, "throttle.window", "must be between 1s and 1d");
    }
}
