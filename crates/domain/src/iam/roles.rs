//! What people who work in an account may do, by their role in it: policies like any other, so that one evaluator decides.
//! Refuses to know owners: they may do everything within the account, which is no policy's to say.

use std::sync::LazyLock;

use model::team::TeamRole;
use policy::Document;

/// The role, what explanations call it, and what it may do.
const ROLES: [(TeamRole, &str, &str); 4] = [
    (
        TeamRole::Admin,
        "role admin",
        r#"{"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}"#,
    ),
    (
        TeamRole::Member,
        "role member",
        r#"{"Version": "2012-10-17", "Statement": [
            {"Sid": "Services", "Effect": "Allow", "NotAction": ["account:*", "audit:*", "billing:*", "iam:*", "team:*"], "Resource": "*"},
            {"Sid": "Colleagues", "Effect": "Allow", "Action": "team:ListMembers", "Resource": "*"}]}"#,
    ),
    (
        TeamRole::Billing,
        "role billing",
        r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Billing", "Effect": "Allow", "Action": ["billing:*", "team:ListMembers"], "Resource": "*"}]}"#,
    ),
    (
        TeamRole::Viewer,
        "role viewer",
        r#"{"Version": "2012-10-17", "Statement": [
            {"Sid": "Look", "Effect": "Allow", "Action": ["*:Describe*", "*:Get*", "*:List*", "*:Read*"], "Resource": "*"},
            {"Sid": "Invited", "Effect": "Deny", "Action": "team:ListInvites", "Resource": "*"}]}"#,
    ),
];

static DOCUMENTS: LazyLock<Vec<Option<Document>>> = LazyLock::new(|| {
    let parse = |(_, _, text): &(TeamRole, &str, &str)| Document::parse(text).ok();
    ROLES.iter().map(parse).collect()
});

/// What the role may do, and what explanations call that.
pub(super) fn document(role: TeamRole) -> Option<(&'static str, &'static Document)> {
    let place = ROLES.iter().position(|(known, ..)| *known == role)?;
    let (_, name, _) = ROLES[place];
    DOCUMENTS[place].as_ref().map(|document| (name, document))
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::{Context, Request, Source, evaluate};

    fn may(role: TeamRole, action: &str) -> bool {
        let (name, document) = document(role).unwrap();
        let request = Request {
            action,
            resource: "arn:authz:x::123456789012:y",
            context: &Context::new(),
        };
        evaluate(&[Source::new(name, document)], request)
            .decision
            .is_allowed()
    }

    #[test]
    fn roles_do_what_their_names_say() {
        for (action, allowed) in [
            ("team:Invite", "admin"),
            ("iam:CreateUser", "admin"),
            ("compute:Start", "admin member"),
            ("billing:TopUp", "admin billing"),
            ("team:ListMembers", "admin member billing viewer"),
            ("team:ListInvites", "admin"),
            ("audit:List", "admin viewer"),
            ("audit:Export", "admin"),
            ("compute:GetServer", "admin member viewer"),
        ] {
            for (role, name, _) in ROLES {
                let expected = allowed.split(' ').any(|one| one == role.as_str());
                assert_eq!(may(role, action), expected, "{name} {action}");
            }
        }
    }
}
