//! A form on a page of the account area: a heading, sentences, fields, buttons, and what was refused.
//! Gives no password back: such a field is empty on every rendering.

use super::form::Form;
use super::prompt::{Button, Input};

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
    /// Whether it stands before the other fields.
    pub is_choice_first: bool,
    pub buttons: Vec<Button>,
}

/// A field with given values; none of them may be chosen, too, unless one has to be.
#[derive(Default)]
pub struct Choice {
    pub id: &'static str,
    pub label: &'static str,
    pub value: String,
    /// Each with its words.
    pub values: Vec<(String, String)>,
    /// One of them has to be chosen.
    pub is_required: bool,
    pub hint: &'static str,
    pub error: Option<String>,
}

impl Choice {
    /// Values that are their own words.
    pub fn plain<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Vec<(String, String)> {
        let pair = |value: T| {
            let value = value.into();
            (value.clone(), value)
        };
        values.into_iter().map(pair).collect()
    }

    /// Values, each with words of its own.
    pub fn worded<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
        let pair = |(value, words): (&str, &str)| (value.to_owned(), words.to_owned());
        values.into_iter().map(pair).collect()
    }
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
            is_choice_first: false,
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
        let choice = self.choice.as_mut().filter(|choice| choice.id == id);
        if let Some(choice) = choice {
            choice.error = Some(words.to_owned());
        } else if let Some(input) = self.input_mut(id) {
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
