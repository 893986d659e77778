//! `[brand]` and `[registration]`: what strangers see and may do.
//! Refuses an accent that is not a plain hex colour, since it becomes part of a style sheet.

use super::Problems;

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
            accent: "#2f5bea".to_owned(),
        }
    }
}

impl BrandConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let length = self.name.chars().count();
        problems.add_if(
            length == 0 || length > 64,
            "brand.name",
            "must have 1 to 64 characters",
        );
        let hex = self.accent.strip_prefix('#').unwrap_or_default();
        let is_colour = hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        problems.add_if(!is_colour, "brand.accent", "must be a colour written #rrggbb");
        if let Some(logo) = &self.logo {
            problems.add_if(!is_https(logo), "brand.logo", "must be an https URL");
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
    /// Whether an account needs an e-mail address.
    pub require_email: bool,
}

impl Default for RegistrationConfig {
    fn default() -> Self {
        Self {
            open: true,
            require_email: true,
        }
    }
}
