//! A form that an authenticator fills in: the options for the browser, what has to come back with the answer.
//! Shows nothing without scripts, or where the browser knows no passkeys.

use super::form::Form;

/// What the authenticator is to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ceremony {
    /// Make a passkey.
    Create,
    /// Use one, when the button is pressed.
    Get,
    /// Use one; the browser also offers those it has in the field for the name.
    Offer,
}

impl Ceremony {
    /// As the script reads it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
            Self::Offer => "offer",
        }
    }
}

/// A form with one button; `passkey-form`, `passkey-use`, `passkey-error`.
#[derive(Clone)]
pub struct PasskeyPrompt {
    /// Where the answer is posted, in the fields `state` and `credential`.
    pub form: Form,
    pub ceremony: Ceremony,
    /// For `navigator.credentials`, as JSON.
    pub options: String,
    /// Sealed; given back with the answer.
    pub state: String,
    pub label: &'static str,
}
