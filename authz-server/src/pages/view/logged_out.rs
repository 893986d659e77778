//! The end of a session.
//! Claims no more than that this browser is signed out here.

use askama::Template;

use crate::pages::layout::Layout;
use crate::pages::respond::Page;

/// `page-logged-out`.
#[derive(Template)]
#[template(path = "logged_out.html")]
pub struct LoggedOutPage {
    /// The frame.
    pub layout: Layout,
    /// The sign-in page.
    pub login_href: String,
}

impl Page for LoggedOutPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}
