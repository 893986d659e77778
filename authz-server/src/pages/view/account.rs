//! A page of the account area: the same frame and the same kinds of parts, whatever it is about.
//! Holds ready words; which page it is, is the handler's business.

use askama::Template;
use url::Url;

use super::form::{Form, Person};
use super::prompt::{Button, Input};
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
    pub done: Option<&'static str>,
    /// When the account will be erased, and the form that cancels that.
    pub deletion: Option<(String, Form)>,
}

impl AccountFrame {
    /// The entries of the navigation.
    pub fn sections(&self) -> [Section; 11] {
        Section::ALL
    }
}

/// One piece of a page.
pub enum Part {
    Facts(Vec<Fact>),
    Rows(Rows),
    Form(Box<FormPart>),
    /// Id and words of what stands above the next part.
    Heading(&'static str, &'static str),
    Picture(Box<PicturePart>),
    Chart(Box<ChartPart>),
    Checkout(Box<CheckoutPart>),
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

/// A form with its heading.
pub struct FormPart {
    /// The id of its heading.
    pub id: &'static str,
    pub heading: &'static str,
    pub lead: Vec<String>,
    pub error: Option<String>,
    pub form: Form,
    pub inputs: Vec<Input>,
    /// A field of which one value is chosen.
    pub choice: Option<Choice>,
    pub buttons: Vec<Button>,
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

/// A field with given values; none of them may be chosen, too, unless one has to be.
#[derive(Default)]
pub struct Choice {
    pub id: &'static str,
    pub label: &'static str,
    pub value: String,
    pub values: Vec<String>,
    /// One of them has to be chosen.
    pub is_required: bool,
    pub error: Option<String>,
}

impl FormPart {
    pub fn new(id: &'static str, heading: &'static str, form: Form) -> Self {
        Self {
            id,
            heading,
            form,
            lead: Vec::new(),
            error: None,
            inputs: Vec::new(),
            choice: None,
            buttons: Vec::new(),
        }
    }

    #[must_use]
    pub fn lead(mut self, sentence: impl Into<String>) -> Self {
        self.lead.push(sentence.into());
        self
    }

    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.inputs.push(input);
        self
    }

    #[must_use]
    pub fn button(mut self, button: Button) -> Self {
        self.buttons.push(button);
        self
    }

    /// The field with this id.
    pub fn input_mut(&mut self, id: &str) -> Option<&mut Input> {
        self.inputs.iter_mut().find(|input| input.id == id)
    }

    /// Says at this field what is wrong with it.
    pub fn complain(&mut self, id: &str, words: &str) {
        if let Some(input) = self.input_mut(id) {
            input.error = Some(words.to_owned());
        }
    }

    /// Whether something in it was refused.
    pub fn is_refused(&self) -> bool {
        self.error.is_some() || self.refused_fields() > 0
    }

    /// How many fields were refused.
    pub fn refused_fields(&self) -> usize {
        let choice = self.choice.iter().filter(|choice| choice.error.is_some());
        self.inputs.iter().filter(|input| input.error.is_some()).count() + choice.count()
    }
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
    pub lead: Vec<String>,
    pub parts: Vec<Part>,
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
