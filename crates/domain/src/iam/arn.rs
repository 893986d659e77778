//! How policies name the things of an account.
//! Refuses to name anything of another account than the one that is acted in.

use model::iam::AccountId;

/// The account's place in an ARN: `arn:authz:<service>::<account>:<resource>`.
const PLACE: usize = 4;

/// The ARN with its account filled in where that was left empty; nothing when it names another account.
pub(super) fn within(resource: &str, account: &AccountId) -> Option<String> {
    let parts: Vec<&str> = resource.splitn(PLACE + 2, ':').collect();
    match parts.as_slice() {
        [scheme, partition, service, region, "", rest] => Some(format!(
            "{scheme}:{partition}:{service}:{region}:{account}:{rest}"
        )),
        // What every account has.
        ["arn", "authz", "iam", "", "managed", _] => Some(resource.to_owned()),
        [_, _, _, _, named, _] => (*named == account.as_str()).then(|| resource.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_account_is_filled_in_and_another_one_is_nobodys() {
        let account: AccountId = "123456789012".parse().unwrap();
        let within = |resource| within(resource, &account);
        let full = "arn:authz:iam::123456789012:user/a:b";
        assert_eq!(within("arn:authz:iam:::user/a:b").as_deref(), Some(full));
        assert_eq!(within(full).as_deref(), Some(full));
        let managed = "arn:authz:iam::managed:policy/ReadOnlyAccess";
        assert_eq!(within(managed).as_deref(), Some(managed));
        for other in [
            "arn:authz:iam::000000000000:user/a",
            "arn:authz:iam::*:user/a",
            "user/a",
            "",
        ] {
            assert_eq!(within(other), None, "{other}");
        }
    }
}
