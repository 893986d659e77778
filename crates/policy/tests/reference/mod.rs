//! The same decisions, written as plainly as can be: no index, no compilation, one table of places per pattern.
//! Shares nothing with the crate but the words of the documents.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

pub type Known = BTreeMap<String, Vec<String>>;

pub fn decide(documents: &[Value], action: &str, resource: &str, known: &Known) -> &'static str {
    let statements = || documents.iter().flat_map(|one| list(&one["Statement"]));
    let meant = |effect: &str| {
        statements().any(|one| one["Effect"] == effect && applies(one, action, resource, known))
    };
    match (meant("Deny"), meant("Allow")) {
        (true, _) => "explicit_deny",
        (false, true) => "allow",
        (false, false) => "implicit_deny",
    }
}

fn list(value: &Value) -> Vec<&Value> {
    value
        .as_array()
        .map_or(vec![value], |items| items.iter().collect())
}

fn texts(value: &Value) -> Vec<String> {
    let text = |one: &Value| one.as_str().map_or(one.to_string(), str::to_owned);
    list(value).into_iter().map(text).collect()
}

fn applies(statement: &Value, action: &str, resource: &str, known: &Known) -> bool {
    let allow = statement["Effect"] == "Allow";
    let lower = action.to_ascii_lowercase();
    let actions = |name: &str| {
        let all = texts(&statement[name]);
        all.iter()
            .any(|one| glob(&one.to_ascii_lowercase(), &lower, &Known::new(), true) == Some(true))
    };
    let resources = |name: &str| {
        texts(&statement[name])
            .iter()
            .map(|one| glob(one, resource, known, true))
            .collect()
    };
    let action_fits = if statement["NotAction"].is_null() {
        actions("Action")
    } else {
        !actions("NotAction")
    };
    let resource_fits = if statement["NotResource"].is_null() {
        let all: Vec<Option<bool>> = resources("Resource");
        all.contains(&Some(true))
    } else {
        let all: Vec<Option<bool>> = resources("NotResource");
        !(all.contains(&Some(true)) || allow && all.contains(&None))
    };
    let operators = statement["Condition"].as_object().into_iter().flatten();
    let mut tests = operators.flat_map(|(name, keys)| {
        keys.as_object()
            .unwrap()
            .iter()
            .map(move |(key, due)| (name, key, due))
    });
    action_fits
        && resource_fits
        && tests
            .all(|(name, key, due)| holds(name, known.get(&key.to_lowercase()), &texts(due), (known, allow)))
}

pub fn holds(
    name: &str,
    found: Option<&Vec<String>>,
    due: &[String],
    (known, allow): (&Known, bool),
) -> bool {
    if name == "Null" {
        return due.iter().any(|one| (one == "true") == found.is_none());
    }
    let (all, name) = name
        .strip_prefix("ForAllValues:")
        .map_or((false, name), |rest| (true, rest));
    let (any, name) = name
        .strip_prefix("ForAnyValue:")
        .map_or((false, name), |rest| (true, rest));
    let (exists, name) = name
        .strip_suffix("IfExists")
        .map_or((false, name), |rest| (true, rest));
    let (negated, name) = if name.contains("Not") {
        (true, name.replacen("Not", "", 1))
    } else {
        (false, name.to_owned())
    };
    let Some(found) = found else {
        return exists || all || (negated && !any);
    };
    let mut each = found.iter().map(|value| {
        let hits: Vec<Option<bool>> = due.iter().map(|one| compare(&name, value, one, known)).collect();
        match (hits.contains(&Some(true)), hits.contains(&None)) {
            (true, _) => !negated,
            (false, true) => negated && !allow,
            (false, false) => negated,
        }
    });
    if all || (negated && !any) {
        each.all(|one| one)
    } else {
        each.any(|one| one)
    }
}

/// Nothing where a variable has no value.
fn compare(name: &str, value: &str, due: &str, known: &Known) -> Option<bool> {
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|_| !text.contains(['e', 'E', 'n']))
    };
    // Seconds since 1970, of which the dice have few, come before all dates they have.
    let date = |text: &str| match text.bytes().all(|one| one.is_ascii_digit()) {
        true => Some("1970".to_owned()),
        false => (text.len() == 20 && text.ends_with('Z')).then(|| text.to_owned()),
    };
    Some(match name {
        "StringEquals" => return glob(due, value, known, false),
        "StringLike" => return glob(due, value, known, true),
        "StringEqualsIgnoreCase" => return glob_folded(due, value, known),
        "ArnEquals" | "ArnLike" => return arn(due, value, known),
        "Bool" => value.eq_ignore_ascii_case(due) && ["true", "false"].contains(&due),
        "BinaryEquals" => value == due,
        "IpAddress" => within(value, due),
        _ => match name.split_at(name.find(['L', 'G', 'E']).unwrap()) {
            ("Numeric", order) => ordered(order, number(value), number(due)),
            ("Date", order) => ordered(order, date(value), date(due)),
            other => panic!("{other:?}"),
        },
    })
}

fn ordered<T: PartialOrd>(order: &str, left: Option<T>, right: Option<T>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return false;
    };
    match order {
        "Equals" => left == right,
        "LessThan" => left < right,
        "LessThanEquals" => left <= right,
        "GreaterThan" => left > right,
        _ => left >= right,
    }
}

fn within(value: &str, due: &str) -> bool {
    let (net, bits) = due.split_once('/').unwrap_or((due, "128"));
    match (value.parse(), net.parse()) {
        (Ok(IpAddr::V4(one)), Ok(IpAddr::V4(net))) => {
            let bits: u32 = bits.parse::<u32>().unwrap().min(32);
            let mask = if bits == 0 { 0 } else { u32::MAX << (32 - bits) };
            u32::from(one) & mask == u32::from(net) & mask
        }
        (Ok(IpAddr::V6(one)), Ok(IpAddr::V6(net))) => {
            let bits: u32 = bits.parse().unwrap();
            let mask = if bits == 0 { 0 } else { u128::MAX << (128 - bits) };
            u128::from(one) & mask == u128::from(net) & mask
        }
        _ => false,
    }
}

fn arn(due: &str, value: &str, known: &Known) -> Option<bool> {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let mut verdict = Some(parts.len() == 6);
    for (pattern, part) in split_outside_braces(due).iter().zip(parts) {
        match glob(pattern, part, known, true) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => verdict = None,
        }
    }
    verdict
}

fn split_outside_braces(text: &str) -> Vec<String> {
    let (mut parts, mut inside) = (vec![String::new()], false);
    for one in text.chars() {
        inside = one == '{' || (inside && one != '}');
        if one == ':' && !inside && parts.len() < 6 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(one);
        }
    }
    parts
}

fn glob_folded(pattern: &str, text: &str, known: &Known) -> Option<bool> {
    let lower = |values: &Vec<String>| values.iter().map(|one| one.to_lowercase()).collect();
    let known = known
        .iter()
        .map(|(key, values)| (key.clone(), lower(values)))
        .collect();
    glob(&pattern.to_lowercase(), &text.to_lowercase(), &known, false)
}

/// A place of a pattern: a character, any one, or any number.
enum Place {
    Char(char),
    One,
    Many,
}

fn places(pattern: &str, known: &Known, wildcards: bool) -> Option<Vec<Place>> {
    let (mut places, mut rest) = (Vec::new(), pattern);
    while let Some(one) = rest.chars().next() {
        let end = rest.find('}').filter(|_| rest.starts_with("${"));
        if let Some(end) = end {
            let inside = &rest[2..end];
            let (name, default) = inside.split_once(',').map_or((inside, None), |(name, text)| {
                (name, Some(text.trim().trim_matches('\'').to_owned()))
            });
            let value = match name {
                "*" | "?" | "$" => name.to_owned(),
                _ => known
                    .get(&name.to_lowercase())
                    .filter(|all| all.len() == 1)
                    .map(|all| all[0].clone())
                    .or(default)?,
            };
            places.extend(value.chars().map(Place::Char));
            rest = &rest[end + 1..];
            continue;
        }
        places.push(match one {
            '*' if wildcards => Place::Many,
            '?' if wildcards => Place::One,
            other => Place::Char(other),
        });
        rest = &rest[one.len_utf8()..];
    }
    Some(places)
}

pub fn glob(pattern: &str, text: &str, known: &Known, wildcards: bool) -> Option<bool> {
    let text: Vec<char> = text.chars().collect();
    // reach[i]: the places so far match the first i characters.
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for place in places(pattern, known, wildcards)? {
        let before = reach.clone();
        for at in 0..reach.len() {
            reach[at] = match place {
                Place::Many => before[at] || (at > 0 && reach[at - 1]),
                Place::One => at > 0 && before[at - 1],
                Place::Char(due) => at > 0 && before[at - 1] && text[at - 1] == due,
            };
        }
    }
    reach.pop()
}
