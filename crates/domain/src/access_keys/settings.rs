//! What signed requests are held against.
//! Refuses nothing itself: the server's configuration has judged it.

use std::time::Duration;

use sigv4::{PathForm, Rules};

/// The longest session policy, in characters: it travels in every token that it narrows.
pub const LONGEST_SESSION_POLICY: usize = 2048;

/// The names that requests are signed for, and how exactly their clocks must go.
#[derive(Clone, Debug)]
pub struct SignatureSettings {
    pub region: String,
    pub service: String,
    /// How far the date of a request may be from now, in both directions.
    pub skew: Duration,
    /// The longest life of a request whose signature stands in its query.
    pub longest_presigned: Duration,
}

impl Default for SignatureSettings {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            service: "iam".to_owned(),
            skew: Duration::from_secs(300),
            longest_presigned: Duration::from_secs(900),
        }
    }
}

impl SignatureSettings {
    pub(super) fn rules(&self) -> Rules<'_> {
        Rules {
            region: &self.region,
            service: &self.service,
            skew: self.skew,
            longest_presigned: self.longest_presigned,
            path: PathForm::Normalised,
        }
    }
}
