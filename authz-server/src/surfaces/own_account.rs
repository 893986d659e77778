//! Why somebody's own account stays as it was, as the surfaces say it.
//! Refuses to tell whether an address is somebody else's.

use domain::people::{
    ChangeOwnAccountError, ChangeOwnEmailError, ProfileProblems, UpdateProfileError, UsernameProblem,
};

use super::Failure;

impl From<ChangeOwnAccountError> for Failure {
    fn from(error: ChangeOwnAccountError) -> Self {
        match error {
            ChangeOwnAccountError::Profile(error) => error.into(),
            ChangeOwnAccountError::Email(error) => error.into(),
        }
    }
}

impl From<UpdateProfileError> for Failure {
    fn from(error: UpdateProfileError) -> Self {
        match error {
            UpdateProfileError::Invalid(problems) => (*problems).into(),
            UpdateProfileError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ProfileProblems> for Failure {
    fn from(problems: ProfileProblems) -> Self {
        if problems.username == Some(UsernameProblem::Taken) {
            return Self::conflict("username_taken", "This user name is taken.");
        }
        let said = [
            ("name", problems.name.map(|problem| problem.to_string())),
            ("username", problems.username.map(|problem| problem.to_string())),
            (
                "given_name",
                problems.given_name.map(|problem| problem.to_string()),
            ),
            (
                "family_name",
                problems.family_name.map(|problem| problem.to_string()),
            ),
            ("company", problems.company.map(|problem| problem.to_string())),
            ("website", problems.website.map(|problem| problem.to_string())),
            ("locale", problems.locale.map(|problem| problem.to_string())),
            ("zoneinfo", problems.zoneinfo.map(|problem| problem.to_string())),
        ];
        Self::invalid_fields(
            said.into_iter()
                .filter_map(|(name, reason)| Some((name, reason?))),
        )
    }
}

impl From<ChangeOwnEmailError> for Failure {
    fn from(error: ChangeOwnEmailError) -> Self {
        match error {
            ChangeOwnEmailError::Presence(error) => error.into(),
            ChangeOwnEmailError::Malformed => Self::invalid_field("email", "is not an email address"),
            ChangeOwnEmailError::Unchanged => {
                Self::invalid_field("email", "is the one that the account has already")
            }
            ChangeOwnEmailError::TooMany { retry_after } => Self::too_many(retry_after),
            ChangeOwnEmailError::Fault(fault) => fault.into(),
        }
    }
}
