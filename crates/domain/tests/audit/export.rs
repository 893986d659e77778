//! Exports of parts of a log, and with keys that come from elsewhere.

use domain::audit::Span;
use jose::{Algorithm, KeySet, SigningKey};
use model::audit::Reading;
use testkit::database::for_each_database;

use crate::{exported, fill, open, read};

#[tokio::test]
async fn a_part_of_a_log_verifies_and_says_where_it_begins() {
    for_each_database(async |database| {
        let world = open(database).await;
        let begun = world.now();
        fill(&world, 12).await;
        let span = Span {
            since: Some(begun.plus(std::time::Duration::from_secs(3))),
            until: Some(begun.plus(std::time::Duration::from_secs(9))),
        };
        let text = exported(&world, span).await;
        let verdict = read(&text);
        assert_eq!((verdict.entries, verdict.last), (6, 9));
        assert!(verdict.findings.is_empty(), "{:?}", verdict.findings);
        let front: String = text
            .lines()
            .filter(|line| !line.contains("\"seq\":4,"))
            .map(|line| format!("{line}\n"))
            .collect();
        let found = read(&front).findings.list;
        assert_eq!(found[0].what, "the export began with entry 4 when it was signed");
    })
    .await;
}

#[tokio::test]
async fn an_export_signed_anew_is_found_with_keys_from_elsewhere() {
    for_each_database(async |database| {
        let world = open(database).await;
        fill(&world, 4).await;
        let text = exported(&world, Span::default()).await;
        let verify = |keys: KeySet| {
            let mut reading = Reading::new(Some(keys));
            text.lines().for_each(|line| reading.line(line));
            reading.finish().findings.list.len()
        };
        let own = KeySet::from_public_jwks(world.authority.audit_keys().await.unwrap()).unwrap();
        let other = SigningKey::generate(Algorithm::Es256).unwrap().public_jwk();
        let other = KeySet::from_public_jwks([other]).unwrap();
        assert_eq!((verify(own), verify(other)), (0, 3));
    })
    .await;
}
