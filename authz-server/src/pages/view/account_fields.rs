//! The fields that make an account, with what was refused about each.
//! Never gives a password back: the field is empty on every rendering.

/// A text field: what was typed, and why it was refused.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Kept when the form is shown again.
    pub value: String,
    /// A sentence under the field.
    pub error: Option<String>,
}

impl Field {
    /// A field as it was typed, with nothing to complain about.
    pub fn kept(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            error: None,
        }
    }

    /// A field that was refused, and why.
    pub fn refused(value: impl Into<String>, error: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            error: Some(error.into()),
        }
    }
}

/// Why a password is refused and how to do better.
#[derive(Clone, Debug)]
pub struct PasswordRefusal {
    /// One sentence.
    pub reason: String,
    /// Short advice, one per line; may be empty.
    pub suggestions: Vec<String>,
}

/// What a person fills in to get an account.
#[derive(Clone, Debug)]
pub struct AccountFields {
    /// The fewest characters of a password.
    pub min_length: usize,
    /// Input `username`.
    pub username: Field,
    /// Input `email`.
    pub email: Field,
    /// Input `name`.
    pub name: Field,
    /// Set when the password was refused, input `password`.
    pub password: Option<PasswordRefusal>,
}

impl AccountFields {
    /// Nothing filled in yet.
    pub fn blank(min_length: usize) -> Self {
        Self {
            min_length,
            username: Field::default(),
            email: Field::default(),
            name: Field::default(),
            password: None,
        }
    }

    /// The refused fields in page order: the input's id and the reason.
    pub fn refusals(&self) -> Vec<(&'static str, &str)> {
        let texts = [
            ("name", &self.name),
            ("username", &self.username),
            ("email", &self.email),
        ];
        let refused = texts
            .into_iter()
            .filter_map(|(id, field)| Some((id, field.error.as_deref()?)));
        refused
            .chain(
                self.password
                    .iter()
                    .map(|refusal| ("password", refusal.reason.as_str())),
            )
            .collect()
    }
}
