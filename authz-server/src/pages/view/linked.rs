//! The page with a person's accounts at other providers.
//! Shows only what the providers have told.

use askama::Template;

use super::form::Form;
use super::providers::{ProviderButton, leading_to};
use crate::pages::layout::Layout;
use crate::pages::respond::Page;
use crate::pages::security_headers::ContentPolicy;

/// One linked account; its buttons are of the field `decision`, values `activate` and `remove`.
#[derive(Clone, Debug)]
pub struct LinkedRow {
    pub provider: String,
    pub provider_name: String,
    pub subject: String,
    pub name: String,
    pub active: bool,
    /// Whether there are others of the same provider.
    pub has_siblings: bool,
}

/// `page-linked`.
#[derive(Template)]
#[template(path = "linked.html")]
pub struct LinkedPage {
    /// The frame.
    pub layout: Layout,
    /// Where each row's form is posted.
    pub form: Form,
    /// Oldest first.
    pub rows: Vec<LinkedRow>,
    /// Why the last change was not made.
    pub error: Option<String>,
    /// What can be added.
    pub providers: Vec<ProviderButton>,
}

impl Page for LinkedPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn content_policy(&self) -> ContentPolicy {
        leading_to(&self.providers, self.layout.content_policy_for(None))
    }
}
