//! A form of the console: fields of every kind, each with what was refused about it.
//! Never gives a password back: its field is empty on every rendering.

use crate::pages::view::{Button, Form, Input};

/// A form with its heading.
pub struct Block {
    /// The id of its heading.
    pub id: &'static str,
    pub heading: String,
    pub lead: Vec<String>,
    pub error: Option<String>,
    pub form: Form,
    pub fields: Vec<Field>,
    pub buttons: Vec<Button>,
    /// Where to go instead.
    pub back: Option<String>,
}

/// One field of a form.
#[derive(Clone)]
pub enum Field {
    Text(Input),
    /// Several lines.
    Area(Input),
    Options(Options),
    Ticks(Ticks),
}

/// Of these values one is chosen.
#[derive(Clone)]
pub struct Options {
    pub id: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub values: Vec<(&'static str, &'static str)>,
    pub value: String,
    pub error: Option<String>,
}

/// Boxes that belong together.
#[derive(Clone)]
pub struct Ticks {
    pub id: &'static str,
    pub label: &'static str,
    pub lines: Vec<TickLine>,
    pub error: Option<String>,
}

/// One box: id and name, its words, and whether it is ticked.
#[derive(Clone)]
pub struct TickLine {
    pub id: &'static str,
    pub words: &'static str,
    pub checked: bool,
}

impl Field {
    pub fn id(&self) -> &'static str {
        match self {
            Self::Text(input) | Self::Area(input) => input.id,
            Self::Options(options) => options.id,
            Self::Ticks(ticks) => ticks.id,
        }
    }

    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Text(input) | Self::Area(input) => input.error.as_deref(),
            Self::Options(options) => options.error.as_deref(),
            Self::Ticks(ticks) => ticks.error.as_deref(),
        }
    }

    fn complain(&mut self, words: &str) {
        let error = match self {
            Self::Text(input) | Self::Area(input) => &mut input.error,
            Self::Options(options) => &mut options.error,
            Self::Ticks(ticks) => &mut ticks.error,
        };
        match error {
            Some(before) => {
                before.push(' ');
                before.push_str(words);
            }
            None => *error = Some(words.to_owned()),
        }
    }
}

impl Block {
    pub fn new(id: &'static str, heading: impl Into<String>, form: Form) -> Self {
        Self {
            id,
            heading: heading.into(),
            lead: Vec::new(),
            error: None,
            form,
            fields: Vec::new(),
            buttons: Vec::new(),
            back: None,
        }
    }

    #[must_use]
    pub fn lead(mut self, sentence: impl Into<String>) -> Self {
        self.lead.push(sentence.into());
        self
    }

    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    #[must_use]
    pub fn button(mut self, button: Button) -> Self {
        self.buttons.push(button);
        self
    }

    /// Says at this field what is wrong with it, or above the form when it has no such field.
    pub fn complain(&mut self, id: &str, words: &str) {
        match self.fields.iter_mut().find(|field| field.id() == id) {
            Some(field) => field.complain(words),
            None => self.error = Some(words.to_owned()),
        }
    }

    /// Whether something in it was refused.
    pub fn is_refused(&self) -> bool {
        self.error.is_some() || self.refused_fields() > 0
    }

    /// How many fields were refused.
    pub fn refused_fields(&self) -> usize {
        self.fields.iter().filter(|field| field.error().is_some()).count()
    }
}
