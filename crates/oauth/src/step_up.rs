//! What a resource demands of the login behind a token: how strong, how recent (RFC 9470).
//! Refuses to take a login of unknown class or unknown time for good enough.

use crate::acr;
use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;

/// The most classes in one demand.
pub const MAX_CLASSES: usize = 16;
/// The longest name of a class in bytes.
pub const MAX_CLASS_LEN: usize = 255;
/// The longest age that can be demanded: a year.
pub const LONGEST_MAX_AGE: u64 = 365 * 24 * 3600;

/// Why a demand cannot be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DemandError {
    /// An empty name, a space, a quote, or a character that is not visible ASCII.
    #[error("is not the name of a context class")]
    Class,
    /// More than [`MAX_CLASSES`].
    #[error("names too many context classes")]
    TooMany,
    /// The same class twice.
    #[error("names a context class twice")]
    Repeated,
    /// Not a whole number of seconds up to [`LONGEST_MAX_AGE`].
    #[error("is not an age in seconds of at most a year")]
    Age,
}

/// The classes of which one is needed, and the age the login may have; nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginDemand {
    classes: Vec<Box<str>>,
    max_age: Option<u64>,
}

/// In what a login falls short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortfall {
    /// None of the classes demanded.
    Class,
    /// Too long ago, or nobody knows when.
    Age,
}

impl Shortfall {
    /// What the client is told.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Class => "A stronger login is required",
            Self::Age => "A more recent login is required",
        }
    }

    /// The error of the challenge; RFC 9470 §3.
    #[must_use]
    pub fn error(self) -> OAuthError {
        OAuthError::new(ErrorCode::InsufficientUserAuthentication, self.description())
    }
}

impl LoginDemand {
    /// Any of these classes, the preferred ones first; no demand when there are none.
    pub fn of_classes<'a>(classes: impl IntoIterator<Item = &'a str>) -> Result<Self, DemandError> {
        let mut demand = Self::default();
        for class in classes {
            if demand.classes.len() == MAX_CLASSES {
                return Err(DemandError::TooMany);
            }
            let visible = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            if class.is_empty() || class.len() > MAX_CLASS_LEN || !class.bytes().all(visible) {
                return Err(DemandError::Class);
            }
            if demand.classes.iter().any(|known| **known == *class) {
                return Err(DemandError::Repeated);
            }
            demand.classes.push(class.into());
        }
        Ok(demand)
    }

    /// The same, with the most seconds that may lie between the login and now.
    pub fn within(self, seconds: u64) -> Result<Self, DemandError> {
        if seconds > LONGEST_MAX_AGE {
            return Err(DemandError::Age);
        }
        Ok(Self {
            max_age: Some(seconds),
            ..self
        })
    }

    /// Reads `acr_values`, divided by single spaces, and `max_age` as text.
    pub fn parse(acr_values: Option<&str>, max_age: Option<&str>) -> Result<Self, DemandError> {
        let demand = Self::of_classes(acr_values.iter().flat_map(|text| text.split(' ')))?;
        let Some(text) = max_age else {
            return Ok(demand);
        };
        let digits = !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = text.parse().ok().filter(|_| digits).ok_or(DemandError::Age)?;
        demand.within(seconds)
    }

    /// Reads the parameters `acr_values` and `max_age` of a question about a token.
    pub fn from_params(params: &Params) -> Result<Self, OAuthError> {
        Self::parse(params.get("acr_values"), params.get("max_age"))
            .map_err(|error| OAuthError::invalid_request(format!("acr_values or max_age {error}")))
    }

    /// Whether any login will do, and none too.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.max_age.is_none()
    }

    /// The classes as `acr_values`, the preferred ones first; none when any will do.
    #[must_use]
    pub fn acr_values(&self) -> Option<String> {
        (!self.classes.is_empty()).then(|| self.classes.join(" "))
    }

    /// The most seconds since the login.
    #[must_use]
    pub const fn max_age(&self) -> Option<u64> {
        self.max_age
    }

    /// In what a login falls short, told by a token's `acr` and `auth_time` (RFC 9470 §6), at `now` in seconds.
    #[must_use]
    pub fn shortfall(&self, acr: Option<&str>, auth_time: Option<i64>, now: i64) -> Option<Shortfall> {
        let strong = |acr: &str| self.classes.iter().any(|wanted| acr::satisfies(acr, wanted));
        if !self.classes.is_empty() && !acr.is_some_and(strong) {
            return Some(Shortfall::Class);
        }
        let max_age = self.max_age?;
        // A clock behind the server's sees logins of the future: those are recent.
        let age = auth_time.map(|at| u64::try_from(now.saturating_sub(at)).unwrap_or(0));
        // OIDC Core §3.1.2.1: too old is what is older than max_age, not what is as old.
        age.is_none_or(|age| age > max_age).then_some(Shortfall::Age)
    }
}

#[cfg(test)]
mod tests;
