//! Where in a configuration something is, as people say it.

use figment::value::Value;

/// What an entry of a list is called behind the name of the list: its id or its name, else its number.
#[must_use]
pub fn label(entry: &Value, index: usize) -> String {
    let word = ["id", "name"]
        .iter()
        .find_map(|key| entry.find_ref(key)?.as_str());
    match word {
        Some(word) => format!(".{word}"),
        None => format!("[{index}]"),
    }
}

/// `clients.shop.grant_types[0]` for `clients.0.grant_types.0`.
pub(crate) fn key(path: &[String], whole: &Value) -> String {
    let mut at = Some(whole);
    let mut key = String::new();
    for part in path {
        let index = part.parse::<usize>().ok();
        let entry = index.and_then(|index| Some((index, at?.as_array()?.get(index)?)));
        match entry {
            Some((index, entry)) => key.push_str(&label(entry, index)),
            None => key.push_str(&format!(".{part}")),
        }
        at = match entry {
            Some((_, entry)) => Some(entry),
            None => at.and_then(|at| at.as_dict()?.get(part)),
        };
    }
    key.trim_start_matches('.').to_owned()
}

/// Takes the value at `path` out; tells whether there was one.
pub(crate) fn take_out(value: &mut Value, path: &[String]) -> bool {
    let Some((last, above)) = path.split_last() else {
        return false;
    };
    let mut at = value;
    for part in above {
        let next = match at {
            Value::Dict(_, inner) => inner.get_mut(part),
            Value::Array(_, entries) => part
                .parse::<usize>()
                .ok()
                .and_then(|index| entries.get_mut(index)),
            _ => None,
        };
        let Some(next) = next else { return false };
        at = next;
    }
    match at {
        Value::Dict(_, inner) => inner.remove(last).is_some(),
        // An entry of a list stays where it is, or its followers would get its number: the list goes as a whole.
        Value::Array(_, entries) => !std::mem::take(entries).is_empty(),
        _ => false,
    }
}
