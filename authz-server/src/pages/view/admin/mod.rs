//! A page of the administrators' console: the same frame and the same kinds of parts, whatever it is about.
//! Holds ready words; which page it is, is the handler's business.

mod block;
mod part;

use askama::Template;

use super::form::Person;
use crate::pages::layout::Layout;
use crate::pages::respond::Page;

pub use block::{Block, Field, Options, TickLine, Ticks};
pub use part::{Act, Cell, Fact, Look, Note, Pager, Part, Search, Select, Table, Tile};

/// What the console has pages about, in the order of its navigation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    Overview,
    Users,
    Sessions,
    Keys,
    Clients,
    Scopes,
    SigningKeys,
    Accounts,
    Audit,
    Proxies,
}

impl Section {
    pub const ALL: [Self; 10] = [
        Self::Overview,
        Self::Users,
        Self::Sessions,
        Self::Keys,
        Self::Clients,
        Self::Scopes,
        Self::SigningKeys,
        Self::Accounts,
        Self::Audit,
        Self::Proxies,
    ];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Users => "Users",
            Self::Sessions => "Sessions",
            Self::Keys => "API keys",
            Self::Clients => "Clients",
            Self::Scopes => "Scopes & resources",
            Self::SigningKeys => "Signing keys",
            Self::Accounts => "Accounts & IAM",
            Self::Audit => "Audit",
            Self::Proxies => "Proxies",
        }
    }

    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/admin",
            Self::Users => "/admin/users",
            Self::Sessions => "/admin/sessions",
            Self::Keys => "/admin/keys",
            Self::Clients => "/admin/clients",
            Self::Scopes => "/admin/scopes",
            Self::SigningKeys => "/admin/signing-keys",
            Self::Accounts => "/admin/accounts",
            Self::Audit => "/admin/audit",
            Self::Proxies => "/admin/proxies",
        }
    }

    /// The section that a path of the console belongs to.
    pub fn of(path: &str) -> Self {
        let below = |section: &Self| {
            path.strip_prefix(section.path())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let others = Self::ALL.into_iter().skip(1);
        others.into_iter().find(below).unwrap_or(Self::Overview)
    }
}

/// `page-admin-…`, named after its section.
#[derive(Template)]
#[template(path = "admin/page.html")]
pub struct AdminPage {
    /// The frame of every page.
    pub layout: Layout,
    /// The navigation's current entry.
    pub section: Section,
    /// Who is signed in.
    pub person: Person,
    /// The id of the page, such as `page-admin-users`.
    pub page: &'static str,
    pub title: String,
    /// Short words beside the title.
    pub badges: Vec<&'static str>,
    /// Words and address of the page above this one.
    pub above: Option<(&'static str, String)>,
    /// What was just done.
    pub done: Option<&'static str>,
    pub lead: Vec<String>,
    pub parts: Vec<Part>,
}

impl AdminPage {
    /// The entries of the navigation.
    pub fn sections(&self) -> &'static [Section] {
        &Section::ALL
    }
}

impl Page for AdminPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_section_it_is_below() {
        for section in Section::ALL {
            assert_eq!(Section::of(section.path()), section);
        }
        assert_eq!(Section::of("/admin/users/usr_1/disable"), Section::Users);
        assert_eq!(Section::of("/admin/usersx"), Section::Overview);
        assert_eq!(Section::of("//evil.test"), Section::Overview);
    }
}
