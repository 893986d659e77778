//! Texts with `{name}` for a named segment of the path, `{host}` and `{method}`.
//! They refuse values that need an escape, or that a separator of an ARN could hide in.

use crate::pattern::PathPattern;
use http::Method;
use std::fmt;

const HOST: &str = "host";
const METHOD: &str = "method";

/// A compiled template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Host,
    Method,
    Segment(Box<str>),
}

/// The parts of a request.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The pattern of the route.
    pub pattern: &'a PathPattern,
    /// Lower-case host name without port.
    pub host: &'a str,
    /// Normalised path.
    pub path: &'a str,
    /// The method.
    pub method: &'a Method,
}

impl Template {
    /// Reads a template for requests that this pattern takes.
    ///
    /// # Errors
    /// A sentence for the person who wrote it.
    pub fn parse(text: &str, pattern: &PathPattern) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').ok_or("`{` without its `}`")?;
            if !before.is_empty() {
                parts.push(Part::Text(before.into()));
            }
            parts.push(match name {
                HOST => Part::Host,
                METHOD => Part::Method,
                _ if pattern.names(name) => Part::Segment(name.into()),
                _ => {
                    return Err(format!(
                        "`{{{name}}}` is neither {{host}} nor {{method}} nor a segment of match.path, as in /orders/{{{name}}}"
                    ));
                }
            });
            rest = after;
        }
        if rest.contains('}') {
            return Err("`}` without its `{`".to_owned());
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        Ok(Self(parts))
    }

    /// The text for a request; nothing when a part of it is ambiguous.
    #[must_use]
    pub fn fill(&self, source: Source<'_>) -> Option<String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(fixed) => text.push_str(fixed),
                Part::Host => text.push_str(plain(source.host)?),
                // RFC 9110 §9.3.2: HEAD needs the rights of GET.
                Part::Method if source.method == Method::HEAD => text.push_str("GET"),
                Part::Method => text.push_str(source.method.as_str()),
                Part::Segment(name) => {
                    text.push_str(plain(source.pattern.segment_named(name, source.path)?)?);
                }
            }
        }
        Some(text)
    }
}

/// Letters, digits and what separates nothing: neither `:` nor `/`, nor wildcards, nor escapes.
fn plain(value: &str) -> Option<&str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@+=,".contains(&byte);
    (!value.is_empty() && value.bytes().all(fits)).then_some(value)
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(fixed) => f.write_str(fixed),
            Part::Host => write!(f, "{{{HOST}}}"),
            Part::Method => write!(f, "{{{METHOD}}}"),
            Part::Segment(name) => write!(f, "{{{name}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(template: &str, pattern: &str, path: &str) -> Option<String> {
        let pattern = PathPattern::parse(pattern).unwrap();
        let template = Template::parse(template, &pattern).unwrap();
        template.fill(Source {
            pattern: &pattern,
            host: "api.example.com",
            path,
            method: &Method::HEAD,
        })
    }

    #[test]
    fn a_template_is_filled_from_path_host_and_method() {
        let filled = fill(
            "arn:x:orders::{shop}:{host}/{id}/{method}",
            "/{shop}/*/{id}/**",
            "/7/a/9/rest",
        );
        assert_eq!(filled.as_deref(), Some("arn:x:orders::7:api.example.com/9/GET"));
    }

    /// A separator in a segment could move it to another part of the ARN, and an escape has two readings.
    #[test]
    fn a_segment_with_separators_wildcards_or_escapes_fills_nothing() {
        for path in ["/a:b", "/a%20b", "/*", "/a*", "/$x", "/(x)", "/a!b", "/%C3%A4"] {
            assert_eq!(fill("arn:x:y:::{id}", "/{id}", path), None, "{path}");
        }
        assert_eq!(
            fill("{id}", "/{id}", "/a-b_c.d~e@f+g=h,i").as_deref(),
            Some("a-b_c.d~e@f+g=h,i")
        );
    }

    #[test]
    fn a_template_of_nothing_known_is_refused() {
        let pattern = PathPattern::parse("/{id}").unwrap();
        for bad in ["{other}", "{", "}", "{id", "a}b", "{}"] {
            assert!(Template::parse(bad, &pattern).is_err(), "{bad}");
        }
    }
}
