//! Why a case did not pass.
//! A missing precondition is not a failure, and never a pass.

/// What was sent, what was to come, what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The request, secrets shortened.
    pub request: String,
    /// What the document or the contract asks for.
    pub expected: String,
    /// What came, secrets shortened.
    pub got: String,
}

/// Why a case ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server did otherwise than the contract says.
    Failed(Failure),
    /// What the case needs is not there.
    NotTried(String),
}

/// What the steps of a case end with.
pub type Outcome<T = ()> = Result<T, Trouble>;

/// What an earlier case made, or the reason why this one can't be tried.
///
/// # Errors
/// `NotTried` when there is nothing.
pub fn had<'a, T>(earlier: &'a Option<T>, what: &str) -> Outcome<&'a T> {
    earlier
        .as_ref()
        .ok_or_else(|| Trouble::NotTried(format!("needs {what}")))
}

/// The same outcome as a precondition of something else: a failure becomes "not tried".
///
/// # Errors
/// `NotTried` with the reason.
pub fn given<T>(outcome: Outcome<T>, what: &str) -> Outcome<T> {
    outcome.map_err(|trouble| match trouble {
        Trouble::Failed(failure) => Trouble::NotTried(format!("needs {what}: {}", failure.got)),
        Trouble::NotTried(reason) => Trouble::NotTried(reason),
    })
}

/// A failure without a request of its own.
pub fn wrong(request: &str, expected: impl Into<String>, got: impl Into<String>) -> Trouble {
    Trouble::Failed(Failure {
        request: shorten(request),
        expected: expected.into(),
        got: shorten(&got.into()),
    })
}

/// Long words without spaces, such as tokens, cut after a few characters.
pub fn shorten(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.~+/".contains(c);
    let mut short = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if is_part(c) {
            word.push(c);
            continue;
        }
        let is_secret = word.len() > 36 && !word.contains("//") && !word.starts_with('/');
        match is_secret {
            true => short.extend(word.chars().take(10).chain(['…'])),
            false => short.push_str(&word),
        }
        word.clear();
        short.push(c);
    }
    short.pop();
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_text_is_cut_and_the_rest_stays() {
        let token = "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJlLXNpZ25hdHVyZQ";
        let text = format!("GET /v1/users/me\nAuthorization: Bearer {token}");
        assert_eq!(
            shorten(&text),
            "GET /v1/users/me\nAuthorization: Bearer eyJhbGciOi…"
        );
    }

    #[test]
    fn a_failed_precondition_is_not_a_failure_of_what_needs_it() {
        let failed: Outcome = Err(wrong("GET /", "200", "404"));
        assert_eq!(
            given(failed, "a door"),
            Err(Trouble::NotTried("needs a door: 404".to_owned()))
        );
    }
}
