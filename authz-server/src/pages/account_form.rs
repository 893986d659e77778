//! The fields that make an account, between what is typed and what the domain says about it.
//! Refuses to give a password back.

use domain::people::password::PasswordProblem;
use domain::people::{AccountForm, AccountProblems};
use model::PlainSecret;

use super::posted::Posted;
use super::view::{AccountFields, Field, PasswordRefusal};
use super::visitor::Visitor;

pub fn typed(posted: &Posted) -> AccountForm {
    AccountForm {
        username: posted.text("username").to_owned(),
        email: posted.text("email").to_owned(),
        name: posted.text("name").to_owned(),
        company: String::new(),
        password: PlainSecret::new(posted.text("password")),
    }
}

/// Nothing typed yet.
pub fn blank(visitor: &Visitor) -> AccountFields {
    AccountFields::blank(min_length(visitor))
}

fn min_length(visitor: &Visitor) -> usize {
    visitor.state.authority.settings.passwords.min_length
}

/// The form again: what was typed, and what is wrong with it.
pub fn fields(visitor: &Visitor, posted: &Posted, problems: &AccountProblems) -> AccountFields {
    let field = |name: &str, problem: Option<String>| match problem {
        Some(problem) => Field::refused(posted.text(name), sentence(&problem)),
        None => Field::kept(posted.text(name)),
    };
    AccountFields {
        min_length: min_length(visitor),
        username: field("username", problems.username.map(|problem| problem.to_string())),
        email: field("email", problems.email.map(|problem| problem.to_string())),
        name: field("name", problems.name.map(|problem| problem.to_string())),
        password: problems.password.as_ref().map(refusal),
    }
}

/// Why a password is refused, for the page.
pub fn refusal(problem: &PasswordProblem) -> PasswordRefusal {
    match problem {
        PasswordProblem::Guessable { warning, suggestions } => PasswordRefusal {
            reason: warning.clone().unwrap_or_else(|| sentence(&problem.to_string())),
            suggestions: suggestions.clone(),
        },
        PasswordProblem::TooShort { .. } | PasswordProblem::TooLong => PasswordRefusal {
            reason: sentence(&problem.to_string()),
            suggestions: Vec::new(),
        },
    }
}

/// With a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .map(|letter| letter.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
