//! `[brand]` and `[registration]`: what strangers see and may do.
//! Refuses an accent that is not a plain hex colour, since it becomes part of a style sheet.

use super::{Period, Problems};
use crate::pages::{Brand, BrandError};

/// How the pages present themselves.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BrandConfig {
    /// The name shown on every page.
    pub name: String,
    /// The https URL of a logo shown above the forms.
    pub logo: Option<String>,
    /// The colour of buttons and links, as `#rrggbb`.
    pub accent: String,
}

impl Default for BrandConfig {
    fn default() -> Self {
        Self {
            name: "authz".to_owned(),
            logo: None,
            accent: "#2f55d4".to_owned(),
        }
    }
}

impl BrandConfig {
    /// The brand that the pages show.
    pub fn brand(&self) -> Result<Brand, BrandError> {
        Brand::new(&self.name, self.logo.as_deref(), Some(&self.accent))
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        if let Err(reason) = self.brand() {
            let key = match reason {
                BrandError::Name => "brand.name",
                BrandError::Logo => "brand.logo",
                BrandError::Accent(_) => "brand.accent",
            };
            problems.add(key, reason.to_string());
        }
    }
}

pub(super) fn is_https(text: &str) -> bool {
    text.len() <= 2048 && url::Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}

/// Who may make an account.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RegistrationConfig {
    /// Whether strangers can register on the `/register` page.
    pub open: bool,
    /// Whether an account can be used only after its e-mail address was confirmed.
    pub confirm_email: bool,
    /// How many registration forms one client address may send within `window` before it has to wait.
    pub attempts: u32,
    /// How long those forms count.
    pub window: Period,
}

impl Default for RegistrationConfig {
    fn default() -> Self {
        Self {
            open: true,
            confirm_email: false,
            attempts: 30,
            window: Period::minutes(60),
        }
    }
}

impl RegistrationConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        problems.add_if(
            !(1..=10_000).contains(&self.attempts),
            "registration.attempts",
            "must be between 1 and 10000",
        );
        let window = (Period::seconds(1)..=Period::days(1)).contains(&self.window);
        problems.add_if(!window, "registration.window", "must be between 1s and 1d");
    }
}
