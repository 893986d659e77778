//! What a forward-auth call asks for in its query, when no route is meant.
//! It refuses members that it does not know, and each one twice.

use crate::refusal::Refusal;
use crate::routes::Policy;
use oauth::scope::ScopeSet;
use oauth::step_up::LoginDemand;

/// The policy that the query asks for.
pub(super) fn policy(query: Option<&str>) -> Result<Policy, Refusal> {
    let mut policy = Policy::default();
    let mut has_scope = false;
    let (mut acr_values, mut max_age) = (None, None);
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "scope" if !has_scope => {
                has_scope = true;
                policy.scopes =
                    ScopeSet::parse(&value).map_err(|_| Refusal::BadCheck("the scope is not a scope"))?;
            }
            "audience" if policy.audience.is_none() => policy.audience = Some((&*value).into()),
            "acr_values" if acr_values.is_none() => acr_values = Some(value),
            "max_age" if max_age.is_none() => max_age = Some(value),
            _ => {
                return Err(Refusal::BadCheck(
                    "only scope, audience, acr_values and max_age may be asked for, once each",
                ));
            }
        }
    }
    policy.login = LoginDemand::parse(acr_values.as_deref(), max_age.as_deref())
        .map_err(|_| Refusal::BadCheck("acr_values or max_age is malformed"))?;
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_asks_for_known_things_only() {
        let asked = policy(Some("scope=a+b&audience=https%3A%2F%2Fapi")).unwrap();
        assert_eq!(asked.scopes.to_string(), "a b");
        assert_eq!(asked.audience.as_deref(), Some("https://api"));
        let asked = policy(Some("acr_values=gold+silver&max_age=300")).unwrap().login;
        assert_eq!(
            (asked.acr_values().as_deref(), asked.max_age()),
            (Some("gold silver"), Some(300))
        );
        for bad in [
            "scope=a&scope=b",
            "scope=%00",
            "anonymous=true",
            "audience=a&audience=b",
            "acr_values=",
            "acr_values=a&acr_values=b",
            "max_age=-1",
            "max_age=1&max_age=1",
        ] {
            assert!(policy(Some(bad)).is_err(), "{bad}");
        }
    }
}
