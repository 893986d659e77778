//! Why a change of an account's users, groups and policies is refused, in words.

use domain::iam::{Beyond, IamError, Named};
use policy::GrammarError;
use serde_json::json;

use crate::surfaces::Failure;

impl From<IamError> for Failure {
    fn from(error: IamError) -> Self {
        match error {
            IamError::Unknown(named) => Self::not_found(unknown(named)),
            IamError::NotAttached => Self::not_found("This policy is not attached there."),
            IamError::NotInGroup => Self::not_found("The user is not in this group."),
            IamError::Name(named, error) => Self::invalid_field(member(named), error.to_string()),
            IamError::Taken(named) => Self::conflict("name_taken", taken(named)),
            IamError::TooMany { what, most } => {
                Self::conflict("limit_reached", what.rule(most)).with("most", json!(most))
            }
            IamError::Exceeded(exceeded) => exceeded.into(),
            IamError::Managed => Self::forbidden(
                "managed_policy",
                "Managed policies come with the server and stay; detach it instead.",
            ),
            IamError::InUse(holders) => Self::conflict(
                "policy_in_use",
                format!(
                    "The policy is attached to {}; add ?detach=true to detach it first.",
                    holders.join(", ")
                ),
            )
            .with("in_use_by", json!(holders)),
            IamError::Description => Self::invalid_field("description", error.to_string()),
            IamError::Grammar(error) => malformed(&error),
            IamError::Password(error) => Self::of_new_password("password", error),
            IamError::Beyond(beyond) => beyond_own_rights(&beyond),
            IamError::SessionRequired => Self::session_required(),
            IamError::Fault(fault) => fault.into(),
        }
    }
}

const fn unknown(named: Named) -> &'static str {
    match named {
        Named::User => "There is no such user.",
        Named::Group => "There is no such group.",
        Named::Policy => "There is no such policy.",
    }
}

const fn taken(named: Named) -> &'static str {
    match named {
        Named::User => "The account has a user of this name; names differ by more than case.",
        Named::Group => "The account has a group of this name; names differ by more than case.",
        Named::Policy => "There is a policy of this name; names differ by more than case.",
    }
}

/// What the name is called in a body.
const fn member(named: Named) -> &'static str {
    match named {
        Named::User => "username",
        Named::Group | Named::Policy => "name",
    }
}

fn malformed(error: &GrammarError) -> Failure {
    let failure = Failure::new(
        http::StatusCode::BAD_REQUEST,
        "malformed_policy",
        format!("The document is no policy: {error}."),
    );
    failure
        .with("path", json!(error.path))
        .with("line", json!(error.line))
        .with("column", json!(error.column))
        .with("reason", json!(error.reason))
}

fn beyond_own_rights(beyond: &Beyond) -> Failure {
    match beyond {
        Beyond::Administrator => Failure::forbidden("administrator_protected", beyond.to_string()),
        Beyond::Grants { policy, excess } => Failure::forbidden(
            "beyond_own_rights",
            format!("This would give more than you have. {excess}"),
        )
        .with("policy", json!(policy))
        .with("excess", json!(excess)),
    }
}
