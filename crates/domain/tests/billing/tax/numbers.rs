//! Numbers: consecutive and without a gap, whoever pays at once and whatever is undone; and that nothing written is changed.

use futures::future::join_all;
use model::Timestamp;
use model::billing::tax::FinancialYear;
use storage::StorageError;
use testkit::database::for_each_database;

use super::Shop;

/// A second before the year ends in India, and the second after.
fn at_the_years_end() -> [Timestamp; 2] {
    let midnight = 1_806_517_800; // 2027-03-31T18:30:00Z
    [midnight - 1, midnight].map(Timestamp::from_seconds)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_payments_at_once_some_undone_leave_no_gap() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let (shop, instants) = (&shop, at_the_years_end());
        let payments = (0..200_usize).map(async |number| {
            let now = instants[number % 2];
            let paid = shop
                .pay_at(now, &format!("pay_{number}"), 11_800, number % 7 == 0)
                .await;
            (now, paid.is_ok())
        });
        let paid = join_all(payments).await;
        for (instant, year) in instants.into_iter().zip(["2026-27", "2027-28"]) {
            assert_eq!(FinancialYear::of(instant).to_string(), year);
            let count = paid.iter().filter(|(now, paid)| *now == instant && *paid).count();
            assert!((80..100).contains(&count), "{count}");
            let short = &year[2..];
            let expected: Vec<_> = (1..=count)
                .map(|number| format!("INV/{short}/{number:06}"))
                .collect();
            assert_eq!(shop.year(year).await, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn documents_and_series_are_not_changed() {
    const CHANGES: [&str; 6] = [
        "UPDATE tax_documents SET number = 'INV/25-26/000009'",
        "UPDATE tax_documents SET document = '{}' WHERE kind = 'tax_invoice'",
        "DELETE FROM tax_documents",
        "UPDATE tax_series SET issued = 0",
        "UPDATE tax_series SET financial_year = '2024-25'",
        "DELETE FROM tax_series",
    ];
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.pay("pay_1", 11_800).await;
        for sql in CHANGES {
            let work = shop
                .world
                .authority
                .database
                .write::<_, StorageError, _>(move |w| Box::pin(async move { w.execute(sql, &[]).await }));
            assert!(work.await.is_err(), "{sql}");
        }
        shop.pay("pay_2", 11_800).await;
        assert_eq!(
            shop.year("2025-26").await,
            ["INV/25-26/000001", "INV/25-26/000002"]
        );
    })
    .await;
}

/// As after so many invoices.
async fn issued(shop: &Shop, series: &'static str) {
    let database = &shop.world.authority.database;
    let preset =
        database.write::<_, StorageError, _>(move |w| Box::pin(async move { w.execute(series, &[]).await }));
    assert_eq!(preset.await.unwrap(), 1);
}

#[tokio::test]
async fn the_millionth_document_of_a_year_has_a_number_and_no_payment_is_lost() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let series = "INSERT INTO tax_series VALUES ('29AAGCB7383J1Z4', 'INV', '2025-26', 999998)";
        issued(&shop, series).await;
        shop.pay("pay_0", 11_800).await;
        let (shop, now) = (&shop, shop.world.now());
        let payments = (1..=20_usize).map(async |number| {
            let undone = number % 5 == 0;
            shop.pay_at(now, &format!("pay_{number}"), 11_800, undone)
                .await
                .is_ok()
        });
        let paid = join_all(payments).await.into_iter().filter(|paid| *paid).count();
        assert_eq!(paid, 16);
        let mut expected = vec!["INV/25-26/999999".to_owned()];
        expected.extend((1..=paid).map(|number| format!("INV/25-26/A{number:05}")));
        assert_eq!(shop.year("2025-26").await, expected);
        shop.refund("pay_0", "rfnd_0", 11_800).await.unwrap();
        assert!(
            shop.year("2025-26")
                .await
                .contains(&"CRN/25-26/000001".to_owned())
        );
    })
    .await;
}
