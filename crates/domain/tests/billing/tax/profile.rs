//! Tax profiles.

use domain::billing::{TaxProfileChange, TaxProfileError};
use model::PlainSecret;
use model::billing::tax::TaxProfile;
use testkit::database::for_each_database;

use super::{GSTIN, Shop};
use crate::world::PASSWORD;

fn some(text: &str) -> Option<Option<String>> {
    Some(Some(text.to_owned()))
}

impl Shop {
    async fn change(&self, change: TaxProfileChange) -> Result<TaxProfile, Vec<&'static str>> {
        let permit = self.permit("billing:UpdateTaxProfile").await;
        let (authority, ctx) = (&self.world.authority, self.world.ctx());
        let changed = authority.update_tax_profile(&ctx, &permit, change);
        changed.await.map_err(|error| match error {
            TaxProfileError::Invalid(problems) => problems.into_iter().map(|(member, _)| member).collect(),
            TaxProfileError::Fault(fault) => panic!("{fault}"),
        })
    }

    pub async fn name(&self, legal_name: &str, gstin: Option<&str>) {
        let change = TaxProfileChange {
            legal_name: some(legal_name),
            gstin: Some(gstin.map(str::to_owned)),
            ..TaxProfileChange::default()
        };
        self.change(change).await.unwrap();
    }
}

fn gstin(text: &str) -> TaxProfileChange {
    TaxProfileChange {
        gstin: some(text),
        ..TaxProfileChange::default()
    }
}

fn state(text: &str) -> TaxProfileChange {
    TaxProfileChange {
        state_code: some(text),
        ..TaxProfileChange::default()
    }
}

#[tokio::test]
async fn a_change_leaves_what_it_does_not_name() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.name("Umbrella Traders", None).await;
        let changed = shop.change(gstin(&GSTIN.to_lowercase())).await.unwrap();
        assert_eq!(changed.legal_name.as_deref(), Some("Umbrella Traders"));
        assert_eq!(changed.gstin.unwrap().as_str(), GSTIN);
        assert_eq!(changed.state.unwrap().to_string(), "27");
        let cleared = TaxProfileChange {
            gstin: Some(None),
            legal_name: some("  "),
            ..TaxProfileChange::default()
        };
        let cleared = shop.change(cleared).await.unwrap();
        assert_eq!((cleared.gstin, cleared.legal_name), (None, None));
        assert_eq!(cleared.state.unwrap().to_string(), "27");
        assert_eq!(shop.world.count_audit("billing.tax_profile_updated").await, 3);
    })
    .await;
}

#[tokio::test]
async fn a_gstin_and_a_state_must_agree() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.change(state("29")).await.unwrap();
        let changed = shop.change(gstin(GSTIN)).await.unwrap();
        assert_eq!(changed.state.unwrap().to_string(), "27");
        assert_eq!(shop.change(state("29")).await, Err(vec!["state_code"]));
        let both = TaxProfileChange {
            state_code: some("07"),
            ..gstin(GSTIN)
        };
        assert_eq!(shop.change(both).await, Err(vec!["state_code"]));
        let kept = shop
            .world
            .authority
            .tax_profile(&shop.permit("billing:View").await)
            .await
            .unwrap();
        assert_eq!(kept, changed);
    })
    .await;
}

/// B08
#[tokio::test]
async fn what_can_not_be_is_named_and_what_is_not_seen_is_dropped() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let wrong = TaxProfileChange {
            gstin: some("27AAPFU0939F1ZW"),
            legal_name: Some(Some("x".repeat(201))),
            address: some("a\nb\nc\nd\ne\nf\ng"),
            state_code: some("28"),
        };
        assert_eq!(
            shop.change(wrong).await,
            Err(vec!["gstin", "legal_name", "address", "state_code"])
        );
        let odd = TaxProfileChange {
            legal_name: some("=HYPERLINK(\"x\")\r\n<b>\u{202e}A\0"),
            address: some("1 Road\r\n\r\n\tTown\u{7}"),
            ..TaxProfileChange::default()
        };
        let cleaned = shop.change(odd).await.unwrap();
        assert_eq!(cleaned.legal_name.as_deref(), Some("=HYPERLINK(\"x\") <b>A"));
        assert_eq!(cleaned.address, ["1 Road", "Town"]);
    })
    .await;
}

#[tokio::test]
async fn an_erased_account_loses_its_profile_and_keeps_its_invoices() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        shop.name("Umbrella Traders", Some(GSTIN)).await;
        shop.pay("pay_1", 11_800).await;
        let (authority, ctx) = (&shop.world.authority, shop.world.ctx());
        let who = (shop.caller.user().unwrap(), shop.caller.session().unwrap());
        let exported = authority.export_account(&ctx, who.0).await.unwrap();
        assert_eq!(exported["invoicing"]["tax_profile"]["gstin"], GSTIN);
        assert_eq!(exported["invoicing"]["invoices"][0]["number"], "INV/25-26/000001");
        let password = PlainSecret::new(PASSWORD);
        let asked = authority.request_deletion(&ctx, who, &password);
        asked.await.unwrap();
        shop.world.advance(15 * 24 * 60 * 60);
        while authority.run_due_jobs().await.unwrap() > 0 {}
        let mut reader = authority.database.read().await.unwrap();
        let profile = storage::tax_profiles::find(&mut reader, &shop.account).await;
        assert_eq!(profile.unwrap(), None);
        drop(reader);
        assert_eq!(shop.documents().await[0].buyer.legal_name, "Umbrella Traders");
    })
    .await;
}
