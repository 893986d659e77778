//! Values come back as they went in, or are refused.

use storage::{Database, Query, Row, StorageError, Value};
use testkit::database::for_each_database;

use crate::probe;

async fn store(db: &Database, key: &'static str, number: i64, digest: Vec<u8>) {
    const SQL: &str = "INSERT INTO probe (key, number, note, digest, later) VALUES ($1, $2, $3, $4, $5)";
    let later = (number != 0).then_some(number);
    db.write::<_, StorageError, _>(move |w| {
        Box::pin(async move {
            let note = (number != 0).then_some(key);
            let digest = (number != 0).then_some(digest.as_slice());
            w.execute(
                SQL,
                &[
                    key.into(),
                    number.into(),
                    note.into(),
                    digest.into(),
                    later.into(),
                ],
            )
            .await
        })
    })
    .await
    .unwrap();
}

async fn row(db: &Database, key: &str) -> Row {
    probe::find(&mut db.read().await.unwrap(), key)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn extremes_and_nulls_survive() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        for (key, number, digest) in [
            ("", i64::MIN, vec![]),
            ("ключ 🔑 ' \" $1", i64::MAX, vec![0, 255, 0]),
            ("nulls", 0, vec![]),
        ] {
            store(&db, key, number, digest.clone()).await;
            let row = row(&db, key).await;
            let present = number != 0;
            assert_eq!(row.text("key").unwrap(), key);
            assert_eq!(row.int("number").unwrap(), number);
            assert_eq!(row.opt_text("note").unwrap().as_deref(), present.then_some(key));
            assert_eq!(row.opt_bytes("digest").unwrap(), present.then_some(digest));
            assert_eq!(row.opt_int("later").unwrap(), present.then_some(number));
        }
    })
    .await;
}

#[tokio::test]
async fn other_types_and_unexpected_nulls_are_corrupt() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        store(&db, "a", 0, vec![]).await;
        let row = row(&db, "a").await;
        assert!(matches!(
            row.int("key"),
            Err(StorageError::Corrupt { column: "key", .. })
        ));
        assert!(matches!(
            row.text("number"),
            Err(StorageError::Corrupt { column: "number", .. })
        ));
        assert!(matches!(
            row.bytes("key"),
            Err(StorageError::Corrupt { column: "key", .. })
        ));
        assert!(matches!(
            row.text("note"),
            Err(StorageError::Corrupt { column: "note", .. })
        ));
        assert!(matches!(
            row.int("later"),
            Err(StorageError::Corrupt { column: "later", .. })
        ));
        assert!(matches!(row.int("absent"), Err(StorageError::Database(_))));
    })
    .await;
}

#[tokio::test]
async fn hostile_text_is_data() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        let mut reader = db.read().await.unwrap();
        let hostile = "'; DROP TABLE probe; --";
        let sql = "SELECT CAST($1 AS TEXT) AS same";
        let row = reader.fetch_one(sql, &[Value::Text(hostile)]).await.unwrap();
        assert_eq!(row.text("same").unwrap(), hostile);
        assert!(probe::find(&mut reader, "a").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_name_that_two_tables_have_is_read_from_the_one_that_is_due() {
    const SQL: &str = "SELECT a.key, a.number, b.key, b.number FROM probe AS a JOIN probe AS b ON b.number = a.later WHERE a.key = $1";
    for_each_database(|db| async move {
        probe::create(&db).await;
        store(&db, "one", 1, vec![]).await;
        store(&db, "two", 2, vec![]).await;
        db.write::<_, StorageError, _>(|w| {
            Box::pin(async move {
                w.execute("UPDATE probe SET later = 2 WHERE key = 'one'", &[])
                    .await
            })
        })
        .await
        .unwrap();
        let mut reader = db.read().await.unwrap();
        let row = reader.fetch_one(SQL, &["one".into()]).await.unwrap();
        assert_eq!(
            (row.text("key").unwrap(), row.int("number").unwrap()),
            ("one".to_owned(), 1)
        );
        let row = row.after(2);
        assert_eq!(
            (row.text("key").unwrap(), row.int("number").unwrap()),
            ("two".to_owned(), 2)
        );
        assert!(matches!(row.after(2).text("key"), Err(StorageError::Database(_))));
    })
    .await;
}
