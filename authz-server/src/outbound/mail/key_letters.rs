//! Letters about API keys.
//! Refuses the text of a key: it is told by its name and its first characters.

use domain::mail::Message as Content;

use super::letterhead::{Words, circumstances, day};

pub(super) fn words(content: &Content, brand: &str) -> Words {
    match content {
        Content::ApiKeyCreated { name, prefix, event } => Words {
            title: format!("New API key for your {brand} account"),
            paragraphs: vec!["An API key was made for your account. Whoever has it may do what it allows.".to_owned()],
            facts: [key(name, prefix), circumstances(event)].concat(),
            if_not_you: "If it was not you, take the key away on the page of your API keys, and choose a new password at once.",
            ..Words::default()
        },
        Content::ApiKeyLeaked { name, prefix, source, event } => Words {
            title: format!("An API key of your {brand} account was found in public"),
            paragraphs: vec!["This key was found where everybody can read it. It does not work any more. Make a new one, and keep it out of what you publish.".to_owned()],
            facts: [key(name, prefix), vec![("Found at", source.clone())], circumstances(event)].concat(),
            if_not_you: "Look at the history of your account for anything that was not you.",
            ..Words::default()
        },
        Content::ApiKeyEnds { name, prefix, ends_at } => Words {
            title: format!("An API key of your {brand} account ends soon"),
            paragraphs: vec!["After this moment the key does not work any more. If something still uses it, make another key in time.".to_owned()],
            facts: [key(name, prefix), vec![("Ends", day(*ends_at))]].concat(),
            if_not_you: "If nothing uses the key any more, do nothing.",
            ..Words::default()
        },
        _ => Words::default(),
    }
}

fn key(name: &str, prefix: &str) -> Vec<(&'static str, String)> {
    vec![("Key", name.to_owned()), ("Begins with", format!("{prefix}…"))]
}
