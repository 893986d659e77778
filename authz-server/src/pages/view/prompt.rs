//! A page that asks for little: a sentence, a field or two, a button. What many steps of signing in look like.
//! Holds ready words; which step it is, is the handler's business.

use askama::Template;

use super::form::Form;
use super::passkey::PasskeyPrompt;
use crate::pages::client::ClientCard;
use crate::pages::layout::Layout;
use crate::pages::respond::Page;
use crate::pages::security_headers::ContentPolicy;

/// One field.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Both id and name.
    pub id: &'static str,
    pub label: String,
    /// `text`, `email` or `password`; `area` for several lines.
    pub kind: &'static str,
    pub value: String,
    pub autocomplete: &'static str,
    /// `numeric` brings up digits on a phone.
    pub inputmode: &'static str,
    pub hint: String,
    pub error: Option<String>,
    /// Advice below the error, one line each.
    pub suggestions: Vec<String>,
    /// May stay empty.
    pub optional: bool,
}

/// Something to be agreed to or not.
#[derive(Clone, Debug)]
pub struct Tick {
    /// Both id and name.
    pub id: &'static str,
    pub label: String,
    pub hint: String,
    pub checked: bool,
}

/// One button of the form; the first is the one that Enter presses.
#[derive(Clone, Debug)]
pub struct Button {
    pub id: &'static str,
    /// Of the field `decision`.
    pub value: &'static str,
    pub label: String,
    /// `primary`, `secondary`, `quiet` or `danger`.
    pub look: &'static str,
    /// Also pressed when fields are empty.
    pub skips_fields: bool,
}

impl Button {
    pub fn primary(id: &'static str, value: &'static str, label: impl Into<String>) -> Self {
        Self {
            id,
            value,
            label: label.into(),
            look: "primary",
            skips_fields: false,
        }
    }

    pub fn quiet(id: &'static str, value: &'static str, label: impl Into<String>) -> Self {
        Self {
            look: "quiet",
            skips_fields: true,
            ..Self::primary(id, value, label)
        }
    }
}

/// A question with one form, or a message with none.
#[derive(Template)]
#[template(path = "prompt.html")]
pub struct PromptPage {
    /// The frame.
    pub layout: Layout,
    /// The id of the page, such as `page-login-code`.
    pub page: &'static str,
    pub title: String,
    pub lead: Vec<String>,
    /// The application that is being signed in to.
    pub client: Option<ClientCard>,
    /// What went wrong; the fields keep what was typed.
    pub error: Option<String>,
    /// A text to be read off and typed somewhere else.
    pub shown_code: Option<String>,
    /// A drawing made here, as markup; and what it says, for typing.
    pub picture: Option<String>,
    pub shown_key: Option<String>,
    /// Texts to be kept.
    pub shown_list: Vec<String>,
    pub form: Option<Form>,
    /// Further hidden fields.
    pub hidden: Vec<(&'static str, String)>,
    pub inputs: Vec<Input>,
    pub ticks: Vec<Tick>,
    pub buttons: Vec<Button>,
    /// Something to do with an authenticator, besides or in place of the form.
    pub passkey: Option<PasskeyPrompt>,
    /// Text before the link, its words, its address.
    pub links: Vec<(String, String, String)>,
}

impl PromptPage {
    /// A page with a title and nothing on it yet.
    pub fn new(layout: Layout, page: &'static str, title: impl Into<String>) -> Self {
        Self {
            layout,
            page,
            title: title.into(),
            lead: Vec::new(),
            client: None,
            error: None,
            shown_code: None,
            picture: None,
            shown_key: None,
            shown_list: Vec::new(),
            form: None,
            hidden: Vec::new(),
            inputs: Vec::new(),
            ticks: Vec::new(),
            buttons: Vec::new(),
            passkey: None,
            links: Vec::new(),
        }
    }

    #[must_use]
    pub fn lead(mut self, sentence: impl Into<String>) -> Self {
        self.lead.push(sentence.into());
        self
    }

    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.form = Some(form);
        self
    }

    #[must_use]
    pub fn hidden(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.inputs.push(input);
        self
    }

    #[must_use]
    pub fn tick(mut self, tick: Tick) -> Self {
        self.ticks.push(tick);
        self
    }

    #[must_use]
    pub fn button(mut self, button: Button) -> Self {
        self.buttons.push(button);
        self
    }

    #[must_use]
    pub fn link(
        mut self,
        before: impl Into<String>,
        words: impl Into<String>,
        href: impl Into<String>,
    ) -> Self {
        self.links.push((before.into(), words.into(), href.into()));
        self
    }

    #[must_use]
    pub fn error(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    #[must_use]
    pub fn passkey(mut self, passkey: Option<PasskeyPrompt>) -> Self {
        self.passkey = passkey;
        self
    }

    #[must_use]
    pub fn client(mut self, client: Option<ClientCard>) -> Self {
        self.client = client;
        self
    }
}

impl Page for PromptPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn content_policy(&self) -> ContentPolicy {
        self.layout.content_policy_for(self.client.as_ref())
    }
}
