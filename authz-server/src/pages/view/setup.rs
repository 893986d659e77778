//! The page behind the one-time link of a new server: its first administrator.
//! Carries a secret in its address, so it loads nothing from any other origin.

use askama::Template;

use super::account_fields::AccountFields;
use super::form::Form;
use crate::pages::layout::Layout;
use crate::pages::respond::Page;
use crate::pages::security_headers::ContentPolicy;

/// `page-setup`: inputs `name`, `username`, `email`, `password`; button `setup-submit`.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    /// The frame.
    pub layout: Layout,
    /// Where it is posted.
    pub form: Form,
    /// The inputs.
    pub fields: AccountFields,
    /// What went wrong that is no field's fault.
    pub error: Option<String>,
}

impl Page for SetupPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn content_policy(&self) -> ContentPolicy {
        ContentPolicy::new(&self.layout.nonce)
    }
}
