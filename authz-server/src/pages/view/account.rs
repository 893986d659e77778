//! A page of the account area: the same frame and the same kinds of parts, whatever it is about.
//! Holds ready words; which page it is, is the handler's business.

use askama::Template;
use url::Url;

use super::form::{Form, Person};
pub use super::form_part::{Choice, FormPart};
use crate::pages::layout::Layout;
use crate::pages::respond::Page;
use crate::pages::security_headers::ContentPolicy;

/// What the area has pages about, in the order of its navigation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    Overview,
    Profile,
    Email,
    Security,
    Sessions,
    Applications,
    Keys,
    Team,
    Billing,
    History,
    Data,
}

impl Section {
    pub const ALL: [Self; 11] = [
        Self::Overview,
        Self::Profile,
        Self::Email,
        Self::Security,
        Self::Sessions,
        Self::Applications,
        Self::Keys,
        Self::Team,
        Self::Billing,
        Self::History,
        Self::Data,
    ];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Profile => "Profile",
            Self::Email => "E-mail & password",
            Self::Security => "Sign-in methods",
            Self::Sessions => "Sessions",
            Self::Applications => "Applications",
            Self::Keys => "API keys",
            Self::Team => "Accounts & teams",
            Self::Billing => "Billing",
            Self::History => "History",
            Self::Data => "Data",
        }
    }

    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/account",
            Self::Profile => "/account/profile",
            Self::Email => "/account/email",
            Self::Security => "/account/security",
            Self::Sessions => "/account/sessions",
            Self::Applications => "/account/applications",
            Self::Keys => "/account/keys",
            Self::Team => "/account/team",
            Self::Billing => "/account/billing",
            Self::History => "/account/history",
            Self::Data => "/account/data",
        }
    }
}

/// What every page of the area shows.
#[derive(Clone)]
pub struct AccountFrame {
    /// The navigation's current entry.
    pub section: Section,
    /// Whose account it is.
    pub person: Person,
    /// What was just done.
    pub done: Option<Done>,
    /// When the account will be erased, and the form that cancels that.
    pub deletion: Option<(String, Form)>,
}

impl AccountFrame {
    /// The entries of the navigation.
    pub fn sections(&self) -> [Section; 11] {
        Section::ALL
    }
}

/// A sentence about what was just done, and whether it is what was wished for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done {
    pub words: &'static str,
    pub is_good: bool,
}

/// One piece of a page.
pub enum Part {
    Facts(Vec<Fact>),
    Rows(Rows),
    Form(Box<FormPart>),
    /// Id and words of what stands above the next part.
    Heading(&'static str, &'static str),
    /// A sentence by itself.
    Text(String),
    Picture(Box<PicturePart>),
    Chart(Box<ChartPart>),
    Checkout(Box<CheckoutPart>),
    Pager(PagerPart),
    /// Words and address of a link that leads on.
    Link(&'static str, String),
}

/// A name, what is so, and where to change it.
#[derive(Default)]
pub struct Fact {
    pub name: &'static str,
    pub value: String,
    pub badge: Option<&'static str>,
    pub link: Option<(&'static str, &'static str)>,
}

/// A list; its words when it is empty.
pub struct Rows {
    pub id: &'static str,
    pub empty: &'static str,
    pub rows: Vec<Row>,
}

/// An entry of a list.
#[derive(Default)]
pub struct Row {
    pub title: String,
    /// An amount, which stands at the right.
    pub figure: Option<String>,
    pub badge: Option<&'static str>,
    pub lines: Vec<String>,
    /// Short things it can or has, as a list of its own.
    pub items: Vec<String>,
    pub act: Option<RowAct>,
    /// Words and address of where more can be done with it.
    pub link: Option<(&'static str, String)>,
}

/// The one thing that can be done to an entry.
pub struct RowAct {
    pub form: Form,
    /// Name and value of the field that says which entry.
    pub field: (&'static str, String),
    pub label: &'static str,
}

/// Where a list goes on.
pub struct PagerPart {
    pub words: String,
    pub newer: Option<String>,
    pub older: Option<String>,
}

/// The picture of somebody, with the forms that change it.
pub struct PicturePart {
    /// Where it is shown, when there is one.
    pub shown: Option<String>,
    pub error: Option<String>,
    pub upload: Form,
    pub removal: Form,
}

/// Columns beside each other, drawn here, with the same figures as a table.
pub struct ChartPart {
    pub id: &'static str,
    pub heading: &'static str,
    /// What it shows, in a sentence: for those who don't see it, too.
    pub summary: String,
    pub bars: Vec<Bar>,
    /// Below its left and its right end.
    pub ends: (String, String),
}

impl ChartPart {
    /// Whether there is nothing to be drawn.
    fn is_empty(&self) -> bool {
        self.bars.iter().all(|bar| bar.height == 0)
    }
}

/// A column in a drawing of 600 by 120; `y` is its top.
pub struct Bar {
    pub x: usize,
    pub y: i64,
    pub height: i64,
    pub name: String,
    pub value: String,
}

/// A form that leads to the payment gateway's page.
pub struct CheckoutPart {
    /// The gateway's page.
    pub action: String,
    /// Names and values, all of them hidden.
    pub fields: Vec<(&'static str, String)>,
    pub label: String,
}

/// `page-account-…`, named after its section.
#[derive(Template)]
#[template(path = "account/page.html")]
pub struct AccountPage {
    /// The frame of every page.
    pub layout: Layout,
    /// The frame of the area.
    pub frame: AccountFrame,
    /// The id of the page, such as `page-account-profile`.
    pub page: &'static str,
    pub title: &'static str,
    /// Words and address of the page that this one belongs to.
    pub above: Option<(&'static str, String)>,
    pub lead: Vec<String>,
    pub parts: Vec<Part>,
}

impl AccountPage {
    /// Whether something in it was refused, which its title says first.
    fn is_refused(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Form(form) => form.is_refused(),
            Part::Picture(picture) => picture.error.is_some(),
            _ => false,
        })
    }
}

impl Page for AccountPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn content_policy(&self) -> ContentPolicy {
        let policy = self.layout.content_policy_for(None);
        self.parts.iter().fold(policy, |policy, part| match part {
            Part::Checkout(checkout) => policy.form_target(Url::parse(&checkout.action).ok().as_ref()),
            _ => policy,
        })
    }
}
