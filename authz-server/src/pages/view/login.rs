//! The sign-in page, alone or on the way to an application.
//! Says no more about a failed attempt than the sentence it is given.

use askama::Template;

use super::form::Form;
use super::passkey::PasskeyPrompt;
use super::providers::{ProviderButton, leading_to};
use crate::pages::client::ClientCard;
use crate::pages::layout::Layout;
use crate::pages::respond::Page;
use crate::pages::security_headers::ContentPolicy;

/// `page-login`: inputs `username`, `password`; buttons named `decision`, values `login` and `cancel`.
#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// The frame.
    pub layout: Layout,
    /// Where it is posted.
    pub form: Form,
    /// The application being signed in to; only then is there a cancel button.
    pub client: Option<ClientCard>,
    /// What was typed, or the `login_hint`.
    pub username: String,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// Signing in with a passkey, where they can be used.
    pub passkey: Option<PasskeyPrompt>,
    /// Other providers to sign in with.
    pub providers: Vec<ProviderButton>,
    /// Signing in by a mail.
    pub mail_href: String,
    /// Where a new password is to be had.
    pub forgot_href: String,
    /// Where an account can be made, with the flow in its query; `None` when registration is closed.
    pub register_href: Option<String>,
}

impl Page for LoginPage {
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
