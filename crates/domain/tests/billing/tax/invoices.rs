//! Invoices, and that they say what the books say.

use domain::billing::Posted;
use model::billing::LedgerAccount;
use model::billing::tax::{DocumentKind, Split, TaxDocument, split};
use testkit::database::for_each_database;

use super::{GSTIN, Shop, seller};

fn sum(shop: &[TaxDocument], part: impl Fn(&Split) -> i64) -> i64 {
    let sign = |kind| if kind == DocumentKind::CreditNote { -1 } else { 1 };
    shop.iter()
        .map(|document| sign(document.kind) * part(&document.parts))
        .sum()
}

/// B07: whatever is paid from wherever and given back in whatever steps, the books have what the documents say.
#[tokio::test]
async fn invoices_are_what_the_books_say() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let mut seed = 0x5eed_u64;
        let mut next = |below: i64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(seed >> 33).unwrap() % below
        };
        for number in 0..60 {
            shop.be_in(["29", "27", "07", "04", "96"][usize::try_from(next(5)).unwrap()])
                .await;
            let (payment, minor) = (format!("pay_{number}"), 1 + next(5_000_000));
            assert!(matches!(shop.pay(&payment, minor).await, Posted::New { .. }));
            let mut left = minor;
            for step in 0..next(4) {
                let part = 1 + next(left);
                shop.refund(&payment, &format!("rfnd_{number}_{step}"), part)
                    .await
                    .unwrap();
                left -= part;
                if left == 0 {
                    break;
                }
            }
        }
        let documents = shop.documents().await;
        assert!(
            documents
                .iter()
                .any(|document| document.kind == DocumentKind::CreditNote)
        );
        assert_eq!(
            shop.booked(&LedgerAccount::Cgst).await,
            sum(&documents, |parts| parts.cgst)
        );
        assert_eq!(
            shop.booked(&LedgerAccount::Sgst).await,
            sum(&documents, |parts| parts.sgst)
        );
        assert_eq!(
            shop.booked(&LedgerAccount::Igst).await,
            sum(&documents, |parts| parts.igst)
        );
        assert_eq!(
            shop.booked(&LedgerAccount::TaxContained).await,
            -sum(&documents, Split::tax)
        );
        assert_eq!(
            shop.booked(&LedgerAccount::Gateway).await,
            -sum(&documents, Split::total)
        );
        for document in &documents {
            let lines: i64 = document.lines.iter().map(|line| line.parts.total()).sum();
            assert_eq!(lines, document.total());
        }
    })
    .await;
}

#[tokio::test]
async fn the_buyers_state_decides_which_tax_it_is() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.pay("pay_home", 50_000).await;
        shop.be_in("27").await;
        shop.pay("pay_away", 50_000).await;
        let documents = shop.documents().await;
        let rate = seller().rate;
        assert_eq!(documents[0].parts, split(50_000, rate, true));
        assert_eq!(documents[1].parts, split(50_000, rate, false));
        assert_eq!(documents[0].place_of_supply.to_string(), "29");
        assert_eq!(
            (documents[0].buyer.state, documents[0].buyer.legal_name.as_str()),
            (None, "Ada")
        );
        assert_eq!(documents[1].place_of_supply.name(), "Maharashtra");
    })
    .await;
}

#[tokio::test]
async fn what_is_written_stays_when_the_profile_changes() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.name("Umbrella Traders", Some(GSTIN)).await;
        shop.pay("pay_1", 11_800).await;
        shop.name("Raincoat Traders", None).await;
        shop.pay("pay_2", 11_800).await;
        let buyers: Vec<_> = shop
            .documents()
            .await
            .into_iter()
            .map(|document| document.buyer)
            .collect();
        assert_eq!(buyers[0].legal_name, "Umbrella Traders");
        assert_eq!(
            buyers[0].gstin.map(|gstin| gstin.to_string()).as_deref(),
            Some(GSTIN)
        );
        assert_eq!(
            (buyers[1].legal_name.as_str(), buyers[1].gstin),
            ("Raincoat Traders", None)
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_payment_again_brings_no_second_invoice() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.pay("pay_1", 11_800).await;
        assert_eq!(shop.pay("pay_1", 11_800).await, Posted::Already);
        assert_eq!(shop.year("2025-26").await, ["INV/25-26/000001"]);
    })
    .await;
}

#[tokio::test]
async fn without_a_registration_there_is_a_bill_and_no_tax() {
    for_each_database(async |database| {
        let mut unregistered = seller();
        unregistered.party.gstin = None;
        let shop = Shop::of(database, Some(unregistered)).await;
        shop.pay("pay_1", 11_800).await;
        let documents = shop.documents().await;
        assert_eq!(documents[0].kind, DocumentKind::BillOfSupply);
        assert_eq!(
            (documents[0].parts.taxable, documents[0].rate.percent()),
            (11_800, 0)
        );
        assert_eq!(shop.booked(&LedgerAccount::TaxContained).await, 0);
    })
    .await;
}

#[tokio::test]
async fn without_a_seller_there_is_no_document_and_no_tax() {
    for_each_database(async |database| {
        let shop = Shop::of(database, None).await;
        assert!(matches!(
            shop.pay("pay_1", 11_800).await,
            Posted::New { after: 11_800, .. }
        ));
        assert!(shop.documents().await.is_empty());
        shop.refund("pay_1", "rfnd_1", 11_800).await.unwrap();
        assert!(shop.documents().await.is_empty());
        assert_eq!(shop.booked(&LedgerAccount::Igst).await, 0);
    })
    .await;
}
