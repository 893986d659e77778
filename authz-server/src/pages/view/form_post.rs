//! The page that carries an authorization response to the client in a form that submits itself.
//! Holds a code, so it loads nothing from any other origin.

use askama::Template;

use crate::pages::layout::Layout;
use crate::pages::link::WebLink;
use crate::pages::respond::Page;
use crate::pages::security_headers::ContentPolicy;

/// `page-form-post`. // OAuth 2.0 Form Post Response Mode §2
#[derive(Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage {
    /// The frame.
    pub layout: Layout,
    /// The verified redirect URI; only a web address can receive a form.
    pub redirect_uri: WebLink,
    /// The members of the response, in order.
    pub parameters: Vec<(String, String)>,
}

impl Page for FormPostPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn content_policy(&self) -> ContentPolicy {
        ContentPolicy::new(&self.layout.nonce).form_target(Some(self.redirect_uri.url()))
    }
}
