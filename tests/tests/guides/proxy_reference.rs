//! The reference of the proxy's configuration has every key that the program knows, and no other.
//! The program itself is asked: it lists the keys of a section where it meets one that it does not know.

use std::collections::BTreeSet;
use std::process::Command;

use tests::program::find;

const REFERENCE: &str = include_str!("../../../docs/reference/proxy.md");

/// Near to no key, so that none is proposed in its place.
const STRANGE: &str = "q0";

/// A heading, and where in a file its keys would stand.
const SECTIONS: [(&str, &str); 24] = [
    ("## `[authorization_server]`", "[authorization_server]\nKEY"),
    ("## `[[listeners]]`", "[[listeners]]\nKEY"),
    (
        "### `tls` of a listener",
        "[[listeners]]\nname = \"a\"\nlisten = \"127.0.0.1:0\"\n[listeners.tls]\nKEY",
    ),
    ("## `[[upstreams]]`", "[[upstreams]]\nKEY"),
    (
        "### `timeouts` of an upstream",
        "[[upstreams]]\n[upstreams.timeouts]\nKEY",
    ),
    (
        "### `health_check` of an upstream",
        "[[upstreams]]\n[upstreams.health_check]\nKEY",
    ),
    (
        "### `breaker` of an upstream",
        "[[upstreams]]\n[upstreams.breaker]\nKEY",
    ),
    ("## `[[routes]]`", "[[routes]]\nKEY"),
    ("### `match` of a route", "[[routes]]\n[routes.match]\nKEY"),
    ("### `require` of a route", "[[routes]]\n[routes.require]\nKEY"),
    (
        "### An entry of `rate_limit`",
        "[[routes]]\n[[routes.rate_limit]]\nKEY",
    ),
    ("## `[cache]`", "[cache]\nKEY"),
    ("## `[revocations]`", "[revocations]\nKEY"),
    ("## `[limits]`", "[limits]\nKEY"),
    ("## `[shared_limits]`", "[shared_limits]\nKEY"),
    ("## `[dpop]`", "[dpop]\nKEY"),
    ("## `[runtime]`", "[runtime]\nKEY"),
    ("## `[admin]`", "[admin]\nKEY"),
    ("## `[check]`", "[check]\nKEY"),
    ("## `[decisions]`", "[decisions]\nKEY"),
    ("## `[usage]`", "[usage]\nKEY"),
    ("## `[log]`", "[log]\nKEY"),
    ("## `[traces]`", "[traces]\nKEY"),
    ("", "KEY"),
];

/// What the program names in place of a key that it does not know.
fn known(place: &str) -> BTreeSet<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), place.replace("KEY", &format!("{STRANGE} = 1"))).unwrap();
    let mut command = Command::new(find("introspect-proxy").unwrap());
    let checked = command
        .arg("--config")
        .arg(file.path())
        .arg("check")
        .output()
        .unwrap();
    let said = String::from_utf8(checked.stderr).unwrap();
    let line = said.lines().find(|line| line.contains(STRANGE));
    let (_, keys) = line
        .and_then(|line| line.split_once("is not a setting; there are "))
        .unwrap_or_else(|| panic!("{place}: {said}"));
    keys.split(", ").map(str::to_owned).collect()
}

/// The keys of the table below a heading.
fn told(heading: &str) -> BTreeSet<String> {
    let mut below = REFERENCE.lines().skip_while(|line| *line != heading);
    assert_eq!(below.next(), Some(heading));
    let rows = below.take_while(|line| !line.starts_with('#'));
    let keys = rows.filter_map(|row| row.strip_prefix("| `")?.split_once("` |"));
    keys.map(|(key, _)| key.to_owned()).collect()
}

#[test]
fn every_key_of_the_proxy_is_in_its_reference() {
    for (heading, place) in SECTIONS {
        let mut known = known(place);
        if heading.is_empty() {
            let sections = SECTIONS
                .iter()
                .filter_map(|(heading, _)| heading.strip_prefix("## `["));
            let named = sections.map(|rest| rest.trim_matches(['[', ']', '`']).to_owned());
            assert_eq!(known, named.collect());
            continue;
        }
        // The other name of `replicas`.
        known.remove("proxies");
        assert_eq!(told(heading), known, "{heading}");
    }
}
