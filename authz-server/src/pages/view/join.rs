//! An invitation: who invites whom into what, and the one thing to do next.
//! Joins nobody: the button's form does.

use askama::Template;

use super::form::Form;
use super::prompt::Button;
use crate::pages::layout::Layout;
use crate::pages::respond::Page;

/// `page-join`.
#[derive(Template)]
#[template(path = "join.html")]
pub struct JoinPage {
    /// The frame.
    pub layout: Layout,
    /// Names and values; the values are what strangers typed.
    pub facts: Vec<(&'static str, String)>,
    pub lead: Vec<String>,
    /// The form and its button.
    pub form: Option<(Form, Button)>,
    /// Hidden in the form.
    pub token: Option<String>,
    pub links: Vec<JoinLink>,
}

impl JoinPage {
    /// Whether the way on is a link, which then stands before the form.
    fn leads_onwards(&self) -> bool {
        self.links.first().is_some_and(|link| link.look == "primary")
    }
}

/// Where to go from here.
pub struct JoinLink {
    pub id: &'static str,
    /// `primary`, `secondary` or `quiet`.
    pub look: &'static str,
    pub words: &'static str,
    pub href: String,
}

impl Page for JoinPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}
