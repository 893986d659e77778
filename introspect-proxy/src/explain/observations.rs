//! What observing routes would have refused: counted by reason, by who and by what would help.
//! It refuses to grow: each list has a fixed number of names, and there are as many routes as are configured.

use super::change::smallest;
use super::moment::rfc3339;
use super::record::Record;
use super::shape;
use super::text::plain;
use super::top::{Counted, Top};
use crate::routes::RouteTable;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

const NAMES: usize = 20;

/// Counts of every observing route, since it was first configured so.
#[derive(Default)]
pub struct Observations {
    routes: Mutex<HashMap<Box<str>, Seen>>,
}

struct Seen {
    since: u64,
    total: u64,
    codes: BTreeMap<&'static str, u64>,
    subjects: Top,
    clients: Top,
    paths: Top,
    changes: Top,
    latest: Box<str>,
}

/// What observing routes would have refused.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// Each observing route.
    pub routes: Vec<RouteReport>,
}

/// What one route would have refused.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RouteReport {
    /// Its name.
    pub route: String,
    /// When the first one was, RFC 3339.
    pub since: Option<String>,
    /// Requests that would have been refused.
    pub would_be_refused: u64,
    /// By code.
    pub codes: BTreeMap<String, u64>,
    /// Changes that would have let them pass.
    pub changes: Vec<Counted>,
    /// Whom their tokens speak for.
    pub subjects: Vec<Counted>,
    /// Their clients.
    pub clients: Vec<Counted>,
    /// Their paths, `*` for what names one thing.
    pub paths: Vec<Counted>,
    /// The latest decision.
    pub latest: Option<String>,
}

impl Observations {
    /// Counts a request that would have been refused.
    pub fn note(&self, record: &Record) {
        let change = smallest(record, None).text;
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = routes
            .entry(record.route_name().into())
            .or_insert_with(|| Seen::begin(record.at));
        seen.note(record, &change);
    }

    /// The report for the routes that observe now; what is known of others is forgotten.
    #[must_use]
    pub fn report(&self, table: &RouteTable) -> Report {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let observing = || table.routes().iter().filter(|route| route.observe);
        routes.retain(|name, _| observing().any(|route| route.name == *name));
        let report = |name: &str| {
            let told = routes.get(name).map(Seen::tell).unwrap_or_default();
            RouteReport {
                route: name.to_owned(),
                ..told
            }
        };
        Report {
            routes: observing().map(|route| report(&route.name)).collect(),
        }
    }
}

impl Seen {
    fn begin(at: u64) -> Self {
        Self {
            since: at,
            total: 0,
            codes: BTreeMap::new(),
            subjects: Top::new(NAMES),
            clients: Top::new(NAMES),
            paths: Top::new(NAMES),
            changes: Top::new(NAMES),
            latest: "".into(),
        }
    }

    fn note(&mut self, record: &Record, change: &str) {
        let facts = record.facts.as_deref();
        let subject = facts.and_then(|facts| facts.subject.as_deref());
        let client = facts.and_then(|facts| facts.client_id.as_deref());
        self.total += 1;
        *self.codes.entry(record.refusal.form().code).or_default() += 1;
        self.subjects.count(subject.unwrap_or("(nobody known)"));
        self.clients.count(client.unwrap_or("(nobody known)"));
        self.paths
            .count(&format!("{} {}", record.method, shape(&record.path)));
        self.changes.count(change);
        self.latest.clone_from(&record.id);
    }

    fn tell(&self) -> RouteReport {
        let codes = self
            .codes
            .iter()
            .map(|(code, count)| ((*code).to_owned(), *count));
        RouteReport {
            route: String::new(),
            since: Some(rfc3339(self.since)),
            would_be_refused: self.total,
            codes: codes.collect(),
            changes: self.changes.list(),
            subjects: self.subjects.list(),
            clients: self.clients.list(),
            paths: self.paths.list(),
            latest: Some(self.latest.to_string()),
        }
    }
}

impl Report {
    /// The same for a person.
    #[must_use]
    pub fn tell(&self) -> String {
        let mut text = String::new();
        for route in &self.routes {
            route.tell(&mut text);
        }
        if self.routes.is_empty() {
            text.push_str("no route observes (observe = true)\n");
        }
        plain(&text)
    }
}

impl RouteReport {
    fn tell(&self, text: &mut String) {
        let Some(since) = &self.since else {
            let _ = writeln!(text, "{}: nothing would have been refused", self.route);
            return;
        };
        let _ = writeln!(
            text,
            "{}: {} would have been refused since {since}",
            self.route, self.would_be_refused
        );
        for (code, count) in &self.codes {
            let _ = writeln!(text, "  {count:>8}  {code}");
        }
        for (title, list) in [
            ("what would let them pass", &self.changes),
            ("clients", &self.clients),
            ("subjects", &self.subjects),
            ("paths", &self.paths),
        ] {
            let _ = writeln!(text, "  {title}");
            for entry in list {
                let about = if entry.at_most_over > 0 { "≤" } else { "" };
                let _ = writeln!(text, "  {about:>1}{:>7}  {}", entry.count, entry.name);
            }
        }
        if let Some(latest) = &self.latest {
            let _ = writeln!(text, "  the latest: introspect-proxy explain {latest}");
        }
    }
}
