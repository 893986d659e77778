//! Credit notes.

use domain::billing::Posted;
use model::billing::LedgerAccount;
use model::billing::tax::DocumentKind;
use testkit::database::for_each_database;

use super::Shop;

/// B07: what is given back in many steps takes all of the tax back, and no step more than its part.
#[tokio::test]
async fn a_payment_given_back_in_steps_leaves_no_tax() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.pay("pay_1", 99_999).await;
        for (number, part) in [1, 2, 33_333, 7, 50_000, 16_656].into_iter().enumerate() {
            let posted = shop
                .refund("pay_1", &format!("rfnd_{number}"), part)
                .await
                .unwrap();
            assert!(matches!(posted, Posted::New { .. }));
        }
        for tax in [
            LedgerAccount::Cgst,
            LedgerAccount::Sgst,
            LedgerAccount::TaxContained,
        ] {
            assert_eq!(shop.booked(&tax).await, 0, "{tax}");
        }
        let documents = shop.documents().await;
        let notes = || {
            documents
                .iter()
                .filter(|document| document.kind == DocumentKind::CreditNote)
        };
        let mut numbers: Vec<&str> = notes().map(|note| note.number.as_str()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers.first(), Some(&"CRN/25-26/000001"));
        assert_eq!(numbers.last(), Some(&"CRN/25-26/000006"));
        let invoice = documents
            .iter()
            .find(|one| one.kind == DocumentKind::TaxInvoice)
            .unwrap();
        assert!(notes().all(|note| note.corrects.as_ref().unwrap().number == invoice.number));
    })
    .await;
}

#[tokio::test]
async fn the_same_refund_again_brings_no_second_note() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.pay("pay_1", 11_800).await;
        shop.refund("pay_1", "rfnd_1", 5_900).await.unwrap();
        assert_eq!(
            shop.refund("pay_1", "rfnd_1", 5_900).await.unwrap(),
            Posted::Already
        );
        assert_eq!(shop.documents().await.len(), 2);
        assert_eq!(shop.booked(&LedgerAccount::Cgst).await, 450);
    })
    .await;
}

#[tokio::test]
async fn more_than_was_invoiced_is_not_given_back() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.pay("pay_1", 11_800).await;
        shop.refund("pay_1", "rfnd_1", 11_000).await.unwrap();
        assert!(shop.refund("pay_1", "rfnd_2", 801).await.is_err());
        shop.refund("pay_1", "rfnd_3", 800).await.unwrap();
        // The one that failed has used no number.
        assert_eq!(
            shop.year("2025-26").await,
            ["CRN/25-26/000001", "CRN/25-26/000002", "INV/25-26/000001"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_note_is_for_the_state_that_the_invoice_was_for() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.be_in("27").await;
        shop.pay("pay_1", 11_800).await;
        shop.be_in("29").await;
        shop.refund("pay_1", "rfnd_1", 11_800).await.unwrap();
        assert_eq!(shop.booked(&LedgerAccount::Igst).await, 0);
        assert_eq!(shop.booked(&LedgerAccount::Cgst).await, 0);
        let note = shop.documents().await.pop().unwrap();
        assert_eq!(note.place_of_supply.to_string(), "27");
    })
    .await;
}
