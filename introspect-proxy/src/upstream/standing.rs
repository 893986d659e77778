//! How the instances of services are, in figures.
//! It refuses labels for instances: behind a name there may be many, and others tomorrow.

use super::instance::Instance;
use super::{Upstream, Upstreams};
use crate::clock::Tick;
use std::fmt::Write;

/// The words of the label `state`, in the order of [`Upstream::standing`].
const STATES: [&str; 3] = ["well", "unwell", "paused"];

impl Upstream {
    /// How many instances are well, how many are not by their health checks, and how many are left alone by the breaker.
    fn standing(&self, now: Tick) -> [usize; STATES.len()] {
        let mut counts = [0; STATES.len()];
        for instance in &self.instances() {
            counts[state(instance, now)] += 1;
        }
        counts
    }
}

fn state(instance: &Instance, now: Tick) -> usize {
    match (instance.is_well(), instance.paused_for(now)) {
        (false, _) => 1,
        (true, Some(_)) => 2,
        (true, None) => 0,
    }
}

/// The lines for a scrape.
pub fn render(upstreams: &Upstreams, now: Tick, text: &mut String) {
    if upstreams.is_empty() {
        return;
    }
    text.push_str("# TYPE proxy_upstream_instances gauge\n");
    let mut named: Vec<_> = upstreams.values().collect();
    named.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    for upstream in named {
        for (state, count) in STATES.iter().zip(upstream.standing(now)) {
            let name = escaped(&upstream.name);
            let _ = writeln!(
                text,
                "proxy_upstream_instances{{upstream=\"{name}\",state=\"{state}\"}} {count}"
            );
        }
    }
}

/// As label values are written.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
