//! Path patterns of routes: literal segments, `*` or `{name}` for one segment, a final `**` for any rest, also none.
//! They refuse to match anything but a normalised path.

use crate::path;

/// A compiled path pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    segments: Vec<Segment>,
    open_end: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(Box<str>),
    /// With the name that templates call it by, when it has one.
    Any(Option<Box<str>>),
}

/// What templates fill in from elsewhere.
const RESERVED: [&str; 2] = ["host", "method"];

impl Segment {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Any(name) => name.as_deref(),
            Self::Literal(_) => None,
        }
    }
}

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence for the person who wrote it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rest = text
            .strip_prefix('/')
            .ok_or_else(|| format!("pattern `{text}` must begin with /"))?;
        let (body, open_end) = match rest.strip_suffix("**") {
            Some(body) if body.is_empty() || body.ends_with('/') => (body.trim_end_matches('/'), true),
            Some(_) => return Err(format!("pattern `{text}`: ** stands for whole segments")),
            None => (rest, false),
        };
        if rest.contains("//") {
            return Err(format!("pattern `{text}` has an empty segment"));
        }
        if body.is_empty() && open_end {
            return Ok(Self {
                segments: Vec::new(),
                open_end,
            });
        }
        let segments = body
            .split('/')
            .map(|segment| Self::segment(text, segment))
            .collect::<Result<Vec<_>, _>>()?;
        let pattern = Self { segments, open_end };
        let mut names: Vec<&str> = pattern.segments.iter().filter_map(Segment::name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(format!("pattern `{text}` has a name twice"));
        }
        Ok(pattern)
    }

    fn segment(pattern: &str, segment: &str) -> Result<Segment, String> {
        if segment == "*" {
            return Ok(Segment::Any(None));
        }
        if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            return match !name.is_empty() && name.bytes().all(fits) && !RESERVED.contains(&name) {
                true => Ok(Segment::Any(Some(name.into()))),
                false => Err(format!(
                    "pattern `{pattern}`: a name has lower-case letters, digits and `_`, and is neither host nor method"
                )),
            };
        }
        if segment == "**" {
            return Err(format!("pattern `{pattern}`: ** may only be its last segment"));
        }
        if segment.contains('*') {
            return Err(format!("pattern `{pattern}`: * stands for a whole segment"));
        }
        let normal = path::normalize(&format!("/{segment}")).map(std::borrow::Cow::into_owned);
        match normal {
            Ok(normal) if normal[1..] == *segment => Ok(Segment::Literal(segment.into())),
            Ok(normal) => Err(format!(
                "pattern `{pattern}`: write `{segment}` as `{}`",
                &normal[1..]
            )),
            Err(reason) => Err(format!("pattern `{pattern}`: {reason}")),
        }
    }

    /// Whether everything it takes begins with this path, whole segments each; the empty path is above all.
    #[must_use]
    pub fn is_below(&self, path: &str) -> bool {
        let mut segments = self.segments.iter();
        let parts = path
            .strip_prefix('/')
            .into_iter()
            .flat_map(|rest| rest.split('/'));
        let mut parts = parts.filter(|part| !part.is_empty());
        parts.all(|part| matches!(segments.next(), Some(Segment::Literal(literal)) if **literal == *part))
    }

    /// Whether a normalised path is taken. `/a/**` takes `/a`, `/a/` and `/a/b/c`; `/a` takes only `/a`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let mut parts = path.strip_prefix('/').unwrap_or(path).split('/');
        for segment in &self.segments {
            let Some(part) = parts.next() else { return false };
            let fits = match segment {
                Segment::Literal(literal) => **literal == *part,
                Segment::Any(_) => !part.is_empty(),
            };
            if !fits {
                return false;
            }
        }
        self.open_end || parts.next().is_none()
    }

    /// Whether one of its segments has this name.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.segments.iter().any(|segment| segment.name() == Some(name))
    }

    /// The segment of this name in a normalised path that it takes.
    #[must_use]
    pub fn segment_named<'p>(&self, name: &str, path: &'p str) -> Option<&'p str> {
        let at = self
            .segments
            .iter()
            .position(|segment| segment.name() == Some(name))?;
        path.strip_prefix('/')?.split('/').nth(at)
    }

    /// Whether it takes every path that another pattern takes.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let long_enough = if self.open_end {
            other.segments.len() >= self.segments.len()
        } else {
            !other.open_end && other.segments.len() == self.segments.len()
        };
        let mut pairs = self.segments.iter().zip(&other.segments);
        long_enough
            && pairs.all(|(own, theirs)| match (own, theirs) {
                (Segment::Any(_), Segment::Literal(text)) => !text.is_empty(),
                (Segment::Any(_), Segment::Any(_)) => true,
                (own, theirs) => own == theirs,
            })
    }
}

impl std::fmt::Display for PathPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Any(None) => f.write_str("/*")?,
                Segment::Any(Some(name)) => write!(f, "/{{{name}}}")?,
            }
        }
        if self.open_end { f.write_str("/**") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        PathPattern::parse(pattern).unwrap().matches(path)
    }

    #[test]
    fn open_end_takes_the_prefix_itself_and_everything_below() {
        for path in ["/orders", "/orders/", "/orders/1", "/orders/1/items"] {
            assert!(matches("/orders/**", path), "{path}");
        }
        for path in ["/", "/order", "/ordersx", "/ORDERS", "/x/orders"] {
            assert!(!matches("/orders/**", path), "{path}");
        }
        assert!(matches("/**", "/") && matches("/**", "/a/b"));
    }

    #[test]
    fn star_takes_exactly_one_segment() {
        assert!(matches("/users/*/keys", "/users/7/keys"));
        for path in ["/users//keys", "/users/7/8/keys", "/users/keys", "/users/7/keys/"] {
            assert!(!matches("/users/*/keys", path), "{path}");
        }
    }

    /// X11
    #[test]
    fn a_longer_path_that_contains_the_public_one_is_another_path() {
        for path in ["/public/x", "/x/public", "/publicity", "/public/"] {
            assert!(!matches("/public", path), "{path}");
        }
    }

    #[test]
    fn a_pattern_is_below_the_paths_it_begins_with() {
        let below = |pattern: &str, path: &str| PathPattern::parse(pattern).unwrap().is_below(path);
        for (pattern, path) in [
            ("/mcp", "/mcp"),
            ("/mcp/**", "/mcp"),
            ("/a/mcp/*", "/a"),
            ("/**", ""),
            ("/**", "/"),
        ] {
            assert!(below(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [("/mcpx", "/mcp"), ("/**", "/mcp"), ("/*", "/mcp"), ("/a", "/a/b")] {
            assert!(!below(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_pattern_covers_what_takes_no_other_path() {
        let covers = |one: &str, other: &str| {
            PathPattern::parse(one)
                .unwrap()
                .covers(&PathPattern::parse(other).unwrap())
        };
        for (one, other) in [
            ("/**", "/a/*/b"),
            ("/a/**", "/a"),
            ("/a/**", "/a/b/**"),
            ("/a/*", "/a/b"),
            ("/*/b", "/*/b"),
        ] {
            assert!(covers(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("/a", "/a/**"),
            ("/a/b", "/a/*"),
            ("/a/*", "/a/"),
            ("/a/*", "/a/*/c"),
            ("/a/b/**", "/a/**"),
        ] {
            assert!(!covers(one, other), "{one} {other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_written_pattern_reads_as_itself_and_covering_is_no_guess(
            one in "(/(a|b|\\*)){1,3}(/\\*\\*)?", other in "(/(a|b|\\*)){1,3}(/\\*\\*)?", path in "(/(a|b|c)){1,4}"
        ) {
            let (one, other) = (PathPattern::parse(&one).unwrap(), PathPattern::parse(&other).unwrap());
            proptest::prop_assert_eq!(PathPattern::parse(&one.to_string()).unwrap(), one.clone());
            if one.covers(&other) && other.matches(&path) {
                proptest::prop_assert!(one.matches(&path), "{} {} {}", one, other, path);
            }
        }
    }

    #[test]
    fn unclear_patterns_are_refused() {
        for bad in [
            "orders", "/a*", "/a**", "/**/b", "/a/../b", "/%61", "/a//b", "/a;b",
        ] {
            assert!(PathPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
