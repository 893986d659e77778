//! What a user wants the applications of the account to look and behave like: a JSON document with a few known members.
//! Refuses known members of another kind, and documents that are large or deep; unknown members are kept as they are.

use model::audit::Actor;
use model::{Ctx, UserId};
use serde_json::{Map, Value, json};
use storage::StorageError;

use super::profile::{parse_locale, parse_zone};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

pub type Preferences = Map<String, Value>;

const LONGEST: usize = 16 * 1024;
/// Of arrays and objects in each other; the document itself is the first.
const DEEPEST: usize = 8;
const THEMES: [&str; 3] = ["light", "dark", "system"];

/// A member that can't be, and what it would have to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{member}: {reason}")]
pub struct PreferenceProblem {
    pub member: &'static str,
    pub reason: &'static str,
}

/// Why the preferences stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum PreferencesError {
    #[error(transparent)]
    Invalid(PreferenceProblem),
    #[error("preferences have at most 16 KiB")]
    TooLarge,
    #[error("preferences are at most 8 levels deep")]
    TooDeep,
    #[error("there is no such account")]
    NoAccount,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Authority {
    /// As they were saved last; empty before that.
    ///
    /// # Errors
    /// Storage.
    pub async fn preferences(&self, user: UserId) -> Result<Preferences, Fault> {
        let mut reader = self.database.read().await?;
        let found = storage::preferences::find(&mut reader, user).await?;
        Ok(found.unwrap_or_default())
    }

    /// Puts these in place of what was there; returns them as they are kept. A known member that is null is left out.
    ///
    /// # Errors
    /// See [`PreferencesError`].
    pub async fn replace_preferences(
        &self,
        ctx: &Ctx,
        user: UserId,
        document: Preferences,
    ) -> Result<Preferences, PreferencesError> {
        let document = judge(document)?;
        let (at, kept) = (ctx.clone(), document.clone());
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                if !storage::users::confirm_enabled(w, user).await? {
                    return Ok(false);
                }
                storage::preferences::put(w, user, &document, at.now).await?;
                let happened = Happened {
                    actor: Actor::User(user),
                    action: "user.preferences_changed",
                    target: Some(user.to_string()),
                    detail: json!({}),
                };
                record(w, &at, happened).await?;
                Ok(true)
            })
        });
        match work.await {
            Ok(true) => Ok(kept),
            Ok(false) => Err(PreferencesError::NoAccount),
            Err(error) => Err(PreferencesError::Fault(error.into())),
        }
    }
}

fn judge(mut document: Preferences) -> Result<Preferences, PreferencesError> {
    if !document.values().all(|value| is_shallow(value, DEEPEST - 1)) {
        return Err(PreferencesError::TooDeep);
    }
    for (member, kind) in KNOWN {
        match document.get(member) {
            None => continue,
            Some(Value::Null) => drop(document.remove(member)),
            Some(value) => {
                let normal = kind(value)
                    .map_err(|reason| PreferencesError::Invalid(PreferenceProblem { member, reason }))?;
                document.insert(member.to_owned(), normal);
            }
        }
    }
    let text = serde_json::to_string(&document).map_err(|_| PreferencesError::TooLarge)?;
    if text.len() > LONGEST {
        return Err(PreferencesError::TooLarge);
    }
    // PostgreSQL keeps no such character in a text.
    if text.contains("\\u0000") {
        return Err(PreferencesError::Invalid(PreferenceProblem {
            member: "preferences",
            reason: "the character U+0000 is not kept",
        }));
    }
    Ok(document)
}

/// What is kept of a member, or what it would have to be.
type Kind = fn(&Value) -> Result<Value, &'static str>;

const KNOWN: [(&str, Kind); 4] = [
    ("theme", theme),
    ("language", language),
    ("timezone", zone),
    ("notifications", notifications),
];

fn theme(value: &Value) -> Result<Value, &'static str> {
    let known = value.as_str().is_some_and(|theme| THEMES.contains(&theme));
    known
        .then(|| value.clone())
        .ok_or("must be light, dark or system")
}

fn language(value: &Value) -> Result<Value, &'static str> {
    let parsed = value.as_str().and_then(|text| parse_locale(text).ok().flatten());
    parsed
        .map(Value::String)
        .ok_or("must be a language tag such as en, en-GB or zh-Hant-TW")
}

fn zone(value: &Value) -> Result<Value, &'static str> {
    let parsed = value.as_str().and_then(|text| parse_zone(text).ok().flatten());
    parsed
        .map(Value::String)
        .ok_or("must be a time zone such as Europe/Berlin or UTC")
}

fn notifications(value: &Value) -> Result<Value, &'static str> {
    value
        .is_object()
        .then(|| value.clone())
        .ok_or("must be an object")
}

fn is_shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| is_shallow(item, levels - 1)),
        Value::Object(members) => levels > 0 && members.values().all(|item| is_shallow(item, levels - 1)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(document: Value) -> Result<Value, PreferencesError> {
        let Value::Object(document) = document else {
            panic!("an object")
        };
        judge(document).map(Value::Object)
    }

    #[test]
    fn known_members_are_judged_and_others_kept() {
        let given = json!({
            "theme": "dark", "language": "en-GB", "timezone": "europe/berlin", "sidebar": [1, { "open": true }],
            "notifications": { "email": false, "digest": "weekly" },
        });
        let mut kept = given.clone();
        kept["timezone"] = json!("Europe/Berlin");
        assert_eq!(judged(given).unwrap(), kept);
        assert_eq!(
            judged(json!({ "theme": null, "x": null })).unwrap(),
            json!({ "x": null })
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (document, member) in [
            (json!({ "theme": "pink" }), "theme"),
            (json!({ "theme": 1 }), "theme"),
            (json!({ "language": "" }), "language"),
            (json!({ "language": "English!" }), "language"),
            (json!({ "timezone": "Mars/Olympus" }), "timezone"),
            (json!({ "notifications": [] }), "notifications"),
            (json!({ "x": "a\u{0}b" }), "preferences"),
        ] {
            let PreferencesError::Invalid(problem) = judged(document).unwrap_err() else {
                panic!("{member}")
            };
            assert_eq!(problem.member, member);
        }
    }

    /// A04
    #[test]
    fn large_and_deep_documents_are_refused() {
        let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(judged(json!({ "x": deep(DEEPEST - 1) })).is_ok());
        let refused = judged(json!({ "x": deep(DEEPEST) }));
        assert!(matches!(refused, Err(PreferencesError::TooDeep)));
        assert!(judged(json!({ "x": "a".repeat(LONGEST - 8) })).is_ok());
        let refused = judged(json!({ "x": "a".repeat(LONGEST - 7) }));
        assert!(matches!(refused, Err(PreferencesError::TooLarge)));
    }
}
