//! The page where a person lets an application act in their name.
//! Shows exactly the scopes it is given; what is approved is decided by the flow, not by a field of this form.

use askama::Template;

use super::form::{Form, Person};
use crate::pages::client::ClientCard;
use crate::pages::layout::Layout;
use crate::pages::respond::Page;
use crate::pages::security_headers::ContentPolicy;

/// One thing the application asks for.
#[derive(Clone, Debug)]
pub struct ScopeLine {
    /// The scope as it is on the wire.
    pub name: String,
    /// What it allows, in words; when empty the name alone is shown.
    pub description: String,
    /// Not part of an earlier consent.
    pub is_new: bool,
}

/// `page-consent`: buttons named `decision`, values `approve` and `deny`.
#[derive(Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// The frame.
    pub layout: Layout,
    /// Where it is posted.
    pub form: Form,
    /// Who asks.
    pub client: ClientCard,
    /// Who is asked.
    pub account: Person,
    /// What is asked for.
    pub scopes: Vec<ScopeLine>,
    /// Where to sign in as somebody else.
    pub switch_href: Option<String>,
}

impl ConsentPage {
    /// Whether some of the scopes were allowed before, so that the others are worth a mark.
    pub fn extends_earlier_consent(&self) -> bool {
        self.scopes.iter().any(|scope| !scope.is_new)
    }
}

impl Page for ConsentPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn content_policy(&self) -> ContentPolicy {
        self.layout.content_policy_for(Some(&self.client))
    }
}
