//! A failure, told to a person.
//! Links nowhere: an error that may not redirect offers no way to the address it distrusts.

use askama::Template;

use crate::pages::layout::Layout;
use crate::pages::respond::Page;

/// `page-error`.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame.
    pub layout: Layout,
    /// A few words.
    pub title: String,
    /// What happened and what to do, in plain words.
    pub message: String,
    /// The OAuth error code. // RFC 6749 §4.1.2.1
    pub code: Option<String>,
    /// The `error_description` for the application's developer.
    pub description: Option<String>,
    /// To be quoted to whoever runs this server.
    pub request_id: String,
}

impl Page for ErrorPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}
