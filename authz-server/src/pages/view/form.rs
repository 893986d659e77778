//! Values that several pages share: where a form goes, and who a person is.
//! Makes no anti-forgery token; it carries the one it is given.

use crate::pages::brand::initial;

/// Where a form is posted, and the two hidden fields every form has.
#[derive(Clone)]
pub struct Form {
    /// Path on this server.
    pub action: String,
    /// The anti-forgery token, field `csrf`.
    pub csrf: String,
    /// The pending flow, field `flow`; empty outside of one.
    pub flow: String,
}

/// The account a page is about.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name to be shown.
    pub name: String,
    /// The user name, shown with `@`.
    pub username: String,
    /// The address, where the page shows one.
    pub email: Option<String>,
}

impl Person {
    /// The name that is shown where there is room for one.
    pub fn shown(&self) -> &str {
        [self.name.as_str(), self.username.as_str()]
            .into_iter()
            .find(|text| !text.is_empty())
            .or(self.email.as_deref())
            .unwrap_or_default()
    }

    /// The letter in the account's circle.
    pub fn initial(&self) -> String {
        initial(if self.name.is_empty() {
            &self.username
        } else {
            &self.name
        })
    }
}
