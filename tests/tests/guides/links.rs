//! Links between documents.
//! Looks at nothing outside the repository.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Document, documents, root};

/// Where the links of a document lead, without those to other sites.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let prose = text
        .lines()
        .filter(|line| !line.starts_with("    "))
        .flat_map(|line| line.split("](").skip(1));
    prose
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

/// The names that headings can be linked by.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// What is wrong with a link, if anything is.
fn broken(document: &Document, target: &str) -> Option<String> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let own = root().join(&document.path);
    let led = match path {
        "" => own,
        path => own.parent().unwrap_or(Path::new("")).join(path),
    };
    let at = document.path.display();
    if !led.exists() {
        return Some(format!("{at}: {target} is not there"));
    }
    let text = std::fs::read_to_string(&led).unwrap_or_default();
    (!anchor.is_empty() && !anchors(&text).contains(anchor))
        .then(|| format!("{at}: {target} has no such heading"))
}

#[test]
fn every_link_leads_somewhere() {
    let documents = documents();
    assert!(documents.len() > 50, "these are not all: {}", documents.len());
    let found: Vec<_> = documents
        .iter()
        .flat_map(|document| links(&document.text).filter_map(|target| broken(document, target)))
        .collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_guide_is_in_the_list_of_documents() {
    let list = std::fs::read_to_string(root().join("docs/README.md")).unwrap();
    let linked: BTreeSet<_> = links(&list).collect();
    for entry in std::fs::read_dir(root().join("docs/how-to")).unwrap() {
        let name = entry.unwrap().file_name();
        let link = format!("how-to/{}", name.to_string_lossy());
        assert!(linked.contains(&*link), "docs/README.md does not name {link}");
    }
}

#[test]
fn every_decision_has_a_number_of_its_own() {
    let decisions = std::fs::read_dir(root().join("docs/decisions")).unwrap();
    let mut numbers = BTreeSet::new();
    for entry in decisions {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let number = name.split('-').next().unwrap_or_default().to_owned();
        assert!(number.len() == 4 && numbers.insert(number), "{name}");
    }
}
