//! The page where a person makes an account.
//! Gives every value back after a refusal except the password.

use askama::Template;

use super::account_fields::AccountFields;
use super::form::Form;
use super::providers::{ProviderButton, leading_to};
use crate::pages::client::ClientCard;
use crate::pages::layout::Layout;
use crate::pages::respond::Page;
use crate::pages::security_headers::ContentPolicy;

/// `page-register`: inputs `name`, `username`, `email`, `password`; button `register-submit`.
#[derive(Template)]
#[template(path = "register.html")]
pub struct RegisterPage {
    /// The frame.
    pub layout: Layout,
    /// Where it is posted.
    pub form: Form,
    /// The application the person came from.
    pub client: Option<ClientCard>,
    /// The inputs.
    pub fields: AccountFields,
    /// What went wrong that is no field's fault.
    pub error: Option<String>,
    /// Other ways to an account.
    pub providers: Vec<ProviderButton>,
    /// The sign-in page, with the flow in its query.
    pub login_href: String,
}

impl Page for RegisterPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn content_policy(&self) -> ContentPolicy {
        leading_to(
            &self.providers,
            self.layout.content_policy_for(self.client.as_ref()),
        )
    }
}
