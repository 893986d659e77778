//! Keys that were found in public.

use domain::api_keys::FoundKey;
use domain::mail::Message;
use model::PlainSecret;
use model::api_key::KeyKind;
use testkit::database::for_each_database;

use super::Keys;

/// The owner is told once; another report of the same key is true, too.
#[tokio::test]
async fn a_leaked_key_ends_and_its_owner_hears_of_it() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        for kind in [KeyKind::Token, KeyKind::Api] {
            let (_, text) = keys.key(kind, &["a:b"]).await;
            while world.authority.run_due_jobs().await.unwrap() > 0 {}
            world.mail.take();
            assert!(keys.is_live(&text).await);
            let found = FoundKey {
                text: text.clone(),
                source: "https://forge.example/x\r\ny".to_owned(),
            };
            for _ in 0..2 {
                assert!(
                    world
                        .authority
                        .report_leaked_key(&world.ctx(), &found)
                        .await
                        .unwrap()
                );
                assert!(!keys.is_live(&text).await);
            }
            while world.authority.run_due_jobs().await.unwrap() > 0 {}
            let letters = world.mail.take();
            assert_eq!(letters.len(), 1);
            let Message::ApiKeyLeaked { source, .. } = &letters[0].message else {
                panic!("another letter")
            };
            assert_eq!(source, "https://forge.example/xy");
        }
        let other = FoundKey {
            text: PlainSecret::new("ch_live_nonsense"),
            source: String::new(),
        };
        assert!(
            !world
                .authority
                .report_leaked_key(&world.ctx(), &other)
                .await
                .unwrap()
        );
    })
    .await;
}
