//! One request: what was asked, and the members of its body.
//! Takes JSON and, as PHP clients write it, forms with brackets; refuses anything else.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method};
use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::problem::Problem;

const MOST_DEPTH: usize = 5;
const MOST_PAIRS: usize = 200;

/// A request that has been read.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn segments(&self) -> Vec<&str> {
        let parts = self.path.split('/');
        parts.filter(|part| !part.is_empty()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// User name and password (RFC 7617 §2).
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        use base64::Engine as _;
        let value = self.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, encoded) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(encoded.trim())
            .ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (user, password) = text.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    /// The members of the query.
    pub(crate) fn asked(&self) -> Result<Fields, Problem> {
        unfold(self.query.as_bytes()).map(Fields::new)
    }

    /// The members of the body; none when there is no body.
    pub(crate) fn fields(&self) -> Result<Fields, Problem> {
        if self.body.is_empty() {
            return Ok(Fields::new(Map::new()));
        }
        let media_type = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        if media_type.is_some_and(|found| found.starts_with("application/x-www-form-urlencoded")) {
            return unfold(&self.body).map(Fields::new);
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(members)) => Ok(Fields::new(members)),
            Ok(Value::Array(empty)) if empty.is_empty() => Ok(Fields::new(Map::new())),
            _ => Err(Problem::state("The request body is not valid JSON")),
        }
    }
}

/// `a[b]=c` is the member `b` of the member `a`.
fn unfold(form: &[u8]) -> Result<Map<String, Value>, Problem> {
    let mut root = Map::new();
    for (index, (name, value)) in form_urlencoded::parse(form).enumerate() {
        let path: Vec<&str> = name.split('[').map(|part| part.trim_end_matches(']')).collect();
        if index >= MOST_PAIRS || path.len() > MOST_DEPTH {
            return Err(Problem::state("The request has too many members"));
        }
        insert(&mut root, &path, value.into_owned());
    }
    Ok(root)
}

fn insert(members: &mut Map<String, Value>, path: &[&str], value: String) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        members.insert((*first).to_owned(), Value::String(value));
        return;
    }
    let inner = members.entry(*first).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        insert(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_are_members_of_members() {
        let found = unfold(b"amount=100&notes%5Bkey%5D=value&token[bank][ifsc]=X").unwrap();
        let wanted = json!({"amount": "100", "notes": {"key": "value"}, "token": {"bank": {"ifsc": "X"}}});
        assert_eq!(Value::Object(found), wanted);
    }

    #[test]
    fn deep_and_long_forms_are_refused() {
        assert!(unfold(b"a[b][c][d][e][f]=1").is_err());
        let long = "a=1&".repeat(MOST_PAIRS + 1);
        assert!(unfold(long.as_bytes()).is_err());
    }
}
