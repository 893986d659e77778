//! What members are called alike because they mean the same on every surface, and parameters too.
//! Refuses to overrule a handler: it speaks where the handler's own description or example says nothing.

use serde_json::{Value, json};

use super::example::kind;

/// A name in snake case, what it means, and an example in JSON.
type Word = (&'static str, &'static str, &'static str);

const MOMENT: &str = "\"2026-11-21T12:29:10Z\"";
const SECRET: &str = "\"az_0123456789abcdefghijklmnopqrstuvwxyzABCDEF\"";
const JWT: &str = "\"eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDEifQ.c2ln\"";
const PASSWORD: &str = "\"vexing plum orbit\"";

const POLICY: &str = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"compute:Get*\"], \"Resource\": \"*\"}]}";

const MEMBERS: &[Word] = &[
    (
        "access_key_id",
        "The key's id, which requests name.",
        "\"AKIA0123456789ABCDEF\"",
    ),
    ("access_token", "A JWT (RFC 9068).", JWT),
    (
        "account_id",
        "Twelve digits that name the account.",
        "\"123456789012\"",
    ),
    ("amr", "How they signed in (RFC 8176).", "[\"pwd\"]"),
    (
        "avatar",
        "Where the picture is shown; `null` without one.",
        "\"https://id.example.com/avatars/2f6c\"",
    ),
    (
        "backup_codes",
        "Each gets in once. Shown this once.",
        "[\"k3v9-x2mq-7tzd\"]",
    ),
    ("backup_codes_left", "Backup codes that were not used yet.", "10"),
    ("code", "Six digits.", "\"123456\""),
    (
        "company",
        "The company; at most 100 characters.",
        "\"Analytical Engines\"",
    ),
    (
        "context",
        "What else is known, by key.",
        "{\"request:ip\": \"192.0.2.7\", \"iam:mfa\": true}",
    ),
    (
        "corrects",
        "What a credit note takes back from; `null` for other documents.",
        "null",
    ),
    ("created_at", "When it was made, in UTC.", MOMENT),
    (
        "current_password",
        "The password of now; at most 1024 bytes.",
        PASSWORD,
    ),
    ("data", "What was asked for.", "null"),
    ("days_until_required", "Days until a new key is required.", "15"),
    (
        "details",
        "What there is to tell besides.",
        "{\"events\": [{\"action\": \"session.started\"}]}",
    ),
    (
        "disabled_at",
        "When the account was shut, in UTC; `null` while it is open.",
        MOMENT,
    ),
    ("display_name", "The name to show.", "\"Ada Lovelace\""),
    ("document", "A policy.", POLICY),
    (
        "email",
        "An email address, at most 254 characters.",
        "\"ada@example.com\"",
    ),
    ("email_verified", "Whether the address was confirmed.", "true"),
    (
        "email_verified_at",
        "When the address was confirmed, in UTC; `null` before.",
        MOMENT,
    ),
    ("enabled", "Whether it is on.", "true"),
    ("enabled_at", "Since when it is on, in UTC.", MOMENT),
    ("expires_at", "When it ends, in UTC; `null` for never.", MOMENT),
    ("expires_in", "Seconds until it ends.", "900"),
    ("github_id", "The number of the account at GitHub.", "\"12345\""),
    (
        "id",
        "What names it, in paths too.",
        "\"usr_0123456789abcdefghjkmnpqrs\"",
    ),
    ("is_admin", "Whether they administer this server.", "false"),
    (
        "last_seen_at",
        "When it was used last, in UTC; exact to a minute or so.",
        MOMENT,
    ),
    (
        "last_used_at",
        "When it was used last, in UTC; `null` before the first time.",
        MOMENT,
    ),
    ("limit", "How much there may be.", "20"),
    ("linked_at", "When it was linked, in UTC.", MOMENT),
    (
        "message_code",
        "What was done, as a stable word for programs.",
        "\"done\"",
    ),
    ("meta", "Of which request this is the answer.", "null"),
    ("name", "Full name; at most 100 characters.", "\"Ada Lovelace\""),
    ("new_password", "The new password; at most 1024 bytes.", PASSWORD),
    ("notifications", "What to be told of.", "{\"email\": true}"),
    ("password", "The password; at most 1024 bytes.", PASSWORD),
    (
        "pending_token",
        "From an answer that asks for the second step; good for five minutes and five tries.",
        SECRET,
    ),
    ("plan", "The plan of the account.", "\"free\""),
    (
        "prefix",
        "The first characters, to tell keys apart.",
        "\"ch_live_abc\"",
    ),
    (
        "redirect_uri",
        "An address of yours, one of those that are allowed.",
        "\"https://app.example.com/back\"",
    ),
    (
        "refresh_token",
        "What the next pair is got with; good for one use.",
        SECRET,
    ),
    (
        "request_id",
        "What finds this request in the log.",
        "\"req_0123456789abcdefghjkmnpqrs\"",
    ),
    ("requested_at", "When it was asked for, in UTC.", MOMENT),
    ("role", "`user` or `admin`.", "\"user\""),
    (
        "scheduled_for",
        "When the account is erased unless that is cancelled before, in UTC.",
        "\"2026-12-05T12:29:10Z\"",
    ),
    ("scopes", "What it may do.", "[\"databases:read\"]"),
    (
        "secret_access_key",
        "What requests are signed with. Shown this one time.",
        "\"wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYxx\"",
    ),
    ("session_policy", "A policy that narrows the token.", POLICY),
    (
        "state",
        "What the visit began with; good for ten minutes.",
        SECRET,
    ),
    (
        "status",
        "What was done, as a stable word for programs.",
        "\"ok\"",
    ),
    ("token", "A JWT (RFC 9068).", JWT),
    ("token_type", "How it is sent in `Authorization`.", "\"Bearer\""),
    (
        "totp_code",
        "Six digits from the authenticator app, or a backup code.",
        "\"123456\"",
    ),
    (
        "two_factor_enabled",
        "Whether signing in takes a second step.",
        "false",
    ),
    ("updated_at", "When it was changed last, in UTC.", MOMENT),
    ("user", "Whose it is.", "null"),
    (
        "user_agent",
        "The program, as it calls itself.",
        "\"curl/7.88.1\"",
    ),
    ("user_id", "The user's id.", "\"usr_0123456789abcdefghjkmnpqrs\""),
    (
        "username",
        "A user name, which also signs in; `null` without one.",
        "\"ada\"",
    ),
    (
        "would_allow",
        "The smallest statement that would allow it; `null` where none would.",
        "{\"Effect\": \"Allow\", \"Action\": \"compute:StopServer\", \"Resource\": \"*\"}",
    ),
];

const PARAMETERS: &[Word] = &[
    ("name", "The group's name, as it is spelt.", "\"developers\""),
    ("username", "The user's name, as it is spelt.", "\"deploy.bot\""),
    (
        "id",
        "The id, as its list shows it.",
        "\"tok_0123456789abcdefghjkmnpqrs\"",
    ),
    (
        "token_id",
        "The id, as its list shows it.",
        "\"tok_0123456789abcdefghjkmnpqrs\"",
    ),
    ("github_id", "The number of the account at GitHub.", "\"12345\""),
    (
        "installation_id",
        "The number of the installation at GitHub.",
        "\"4711\"",
    ),
    ("page", "Which part, from 1.", "1"),
    (
        "limit",
        "How many entries a part has: 1 to 100, and 20 when left out.",
        "20",
    ),
];

/// Fills in what the members of a schema, and of those within it, leave unsaid.
pub(super) fn fill_schema(schema: &mut Value) {
    for part in ["allOf", "oneOf", "anyOf"] {
        let parts = schema.get_mut(part).and_then(Value::as_array_mut);
        parts.into_iter().flatten().for_each(fill_schema);
    }
    let members = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, member) in members.into_iter().flatten() {
        fill(name, member, MEMBERS);
        fill_schema(member);
    }
    if let Some(items) = schema.get_mut("items") {
        fill_schema(items);
    }
}

/// The same for a parameter, whose example stands beside its schema.
pub(super) fn fill_parameter(parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    fill(&name, parameter, PARAMETERS);
}

fn fill(name: &str, thing: &mut Value, words: &[Word]) {
    let name = snake(name);
    let word = words.iter().find(|(known, ..)| *known == name);
    if let Some((_, meaning, _)) = word.filter(|_| thing.get("description").is_none()) {
        thing["description"] = json!(meaning);
    }
    let has_example = ["example", "examples", "enum", "$ref"]
        .iter()
        .any(|said| thing.get(said).is_some());
    if has_example {
        return;
    }
    let example = word.and_then(|(.., example)| serde_json::from_str::<Value>(example).ok());
    let fits = |example: &Value| is_of_kind(example, kind(thing.get("schema").unwrap_or(thing)));
    if let Some(example) = example.filter(fits) {
        thing["example"] = example;
    } else if kind(thing) == Some("boolean") {
        thing["example"] = json!(true);
    }
}

/// A name may mean a text here and a number there: an example is given where it is of the right type.
fn is_of_kind(example: &Value, kind: Option<&str>) -> bool {
    match example {
        Value::Bool(_) => kind == Some("boolean"),
        Value::Number(_) => matches!(kind, Some("integer" | "number")),
        Value::String(_) => kind == Some("string"),
        Value::Array(_) => kind == Some("array"),
        Value::Object(_) => kind == Some("object"),
        Value::Null => false,
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_their_examples_are_json() {
        assert!(MEMBERS.is_sorted_by_key(|(name, ..)| *name));
        for (name, meaning, example) in MEMBERS.iter().chain(PARAMETERS) {
            assert!(meaning.ends_with('.'), "{name}");
            assert!(serde_json::from_str::<Value>(example).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_word_fills_what_is_missing_and_overrules_nothing() {
        let mut schema = json!({ "properties": {
            "createdAt": { "type": ["string", "null"] },
            "expires_in": { "type": "string", "description": "Mine." },
            "email": { "type": "string", "example": "bob@example.com" },
        } });
        fill_schema(&mut schema);
        let member = |name: &str| &schema["properties"][name];
        assert_eq!(member("createdAt")["example"], "2026-11-21T12:29:10Z");
        assert_eq!(
            member("expires_in"),
            &json!({ "type": "string", "description": "Mine." })
        );
        assert_eq!(member("email")["example"], "bob@example.com");
        assert!(member("email")["description"].as_str().is_some());
    }
}
