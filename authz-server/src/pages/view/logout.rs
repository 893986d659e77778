//! The question before signing out.
//! Ends nothing by being seen.

use askama::Template;
use url::Url;

use super::form::{Form, Person};
use crate::pages::layout::Layout;
use crate::pages::respond::Page;
use crate::pages::security_headers::ContentPolicy;

/// `page-logout`: buttons named `decision`, values `confirm` and `cancel`.
#[derive(Template)]
#[template(path = "logout.html")]
pub struct LogoutPage {
    /// The frame.
    pub layout: Layout,
    /// Where it is posted.
    pub form: Form,
    /// Who is signed in.
    pub account: Person,
    /// The name of the application that asks for it.
    pub client_name: Option<String>,
    /// The verified address the answer will redirect to. // OpenID Connect RP-Initiated Logout 1.0 §2
    pub post_logout_redirect_uri: Option<Url>,
}

impl Page for LogoutPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn content_policy(&self) -> ContentPolicy {
        self.layout
            .content_policy_for(None)
            .form_target(self.post_logout_redirect_uri.as_ref())
    }
}
