//! The front door: who is signed in here, or how to be.
//! Changes nothing.

use askama::Template;

use super::form::{Form, Person};
use crate::pages::layout::Layout;
use crate::pages::respond::Page;

/// `page-home`.
#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The frame.
    pub layout: Layout,
    /// Who is signed in, and the form that signs them out (button `logout-confirm`).
    pub signed_in: Option<(Person, Form)>,
    /// Whether accounts at other providers can be linked.
    pub has_providers: bool,
    /// Whether there is a way to the administrators' console.
    pub is_admin: bool,
    /// The sign-in page.
    pub login_href: String,
    /// Where an account can be made; `None` when registration is closed.
    pub register_href: Option<String>,
}

impl Page for HomePage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}
