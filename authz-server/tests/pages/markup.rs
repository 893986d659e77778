//! Just enough of an HTML scanner to ask a rendered page about its tags.
//! Not a browser: it reads tags and quoted attributes as our templates write them and fails on anything else.

use std::collections::BTreeMap;

/// A start tag.
#[derive(Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
}

impl Tag {
    pub fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

/// All start tags of a page; the contents of `<script>` and `<style>` are skipped.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (tag, after) = tag(rest);
        let raw = matches!(tag.name.as_str(), "script" | "style");
        rest = if raw {
            &after[after.find(&format!("</{}>", tag.name)).unwrap()..]
        } else {
            after
        };
        tags.push(tag);
    }
    tags
}

fn tag(text: &str) -> (Tag, &str) {
    let end = text.find(|c: char| c.is_whitespace() || c == '>').unwrap();
    let mut tag = Tag {
        name: text[..end].to_owned(),
        attributes: BTreeMap::new(),
    };
    let mut rest = text[end..].trim_start();
    while !rest.starts_with(['>', '/']) {
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '=' || c == '>')
            .unwrap();
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let close = quoted.find('"').unwrap();
            value = quoted[..close].to_owned();
            rest = &quoted[close + 1..];
        }
        assert!(!rest.starts_with('='), "an attribute without quotes: {name}");
        assert!(tag.attributes.insert(name, value).is_none(), "an attribute twice");
        rest = rest.trim_start();
    }
    (tag, &rest[rest.find('>').unwrap() + 1..])
}
