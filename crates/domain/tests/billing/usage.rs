//! Reports of use: what they cost, what they refuse, and what follows from the last unit, on SQLite and PostgreSQL.

use std::io::Write as _;

use domain::Authority;
use domain::billing::{Purpose, Received};
use domain::licences::{MOST_QUANTITY, ReportError, Reporter, Taken, UsageReport, Wrong};
use futures::future::join_all;
use model::billing::{Currency, Feature, Money, Plan, Plans, Price, Prices, Reason};
use model::iam::AccountId;
use storage::Database;
use testkit::database::for_each_database;

use super::world::World;

pub fn feature(name: &str, limit: Option<u64>, included: Option<u64>) -> Feature {
    Feature {
        name: name.to_owned(),
        limit,
        included,
    }
}

/// A free plan with 100 calls and no more, and one with 1000 messages and the rest for 7 paise a hundred.
pub struct Town {
    pub world: World,
    pub account: AccountId,
}

impl Town {
    pub async fn open(database: Database) -> Self {
        let world = World::with(database, |settings| {
            let prices = Prices(vec![Price {
                metric: "messages".to_owned(),
                minor: 7,
                per: 100,
                hsn: None,
            }]);
            let free = Plan {
                features: vec![
                    feature("calls", Some(100), None),
                    feature("messages", None, Some(1000)),
                    feature("api_keys", Some(1), None),
                    feature("seats", Some(2), None),
                ],
                ..Plan::built_in("free", Currency::INR, &Prices::default())
            };
            let pro = Plan {
                id: "pro".to_owned(),
                features: vec![feature("calls", None, None), feature("seats", None, None)],
                ..free.clone()
            };
            settings.billing.plans = Plans::new(free, vec![pro]);
            settings.billing.prices = prices;
        });
        let ada = world.register("ada").await;
        let account = world.authority.account_number(&world.ctx(), ada.user.id).await;
        let account = account.unwrap();
        Self { world, account }
    }

    pub fn authority(&self) -> &Authority {
        &self.world.authority
    }

    pub fn report(&self, metric: &str, quantity: i64, key: &str) -> UsageReport {
        UsageReport {
            account: self.account.to_string(),
            metric: metric.to_owned(),
            quantity,
            key: key.to_owned(),
        }
    }

    pub async fn tell(&self, reports: &[UsageReport]) -> Result<Taken, ReportError> {
        let everybody = Reporter::operator("test");
        let ctx = self.world.ctx();
        self.authority().report_usage(&ctx, &everybody, reports).await
    }

    /// A payment for the wallet, in minor units.
    pub async fn pay(&self, minor: i64) {
        let received = Received {
            account: self.account.clone(),
            payment: format!("pay_{minor}"),
            amount: Money::new(minor, Currency::INR),
            purpose: Purpose::Topup,
        };
        let (authority, ctx) = (self.authority().clone(), self.world.ctx());
        let work = self
            .authority()
            .database
            .write::<_, storage::StorageError, _>(move |w| {
                Box::pin(async move { authority.receive(w, &ctx, &received).await })
            });
        work.await.unwrap();
    }

    pub async fn balance(&self) -> i64 {
        let mut reader = self.authority().database.read().await.unwrap();
        let wallet = storage::ledger::find_wallet(&mut reader, &self.account)
            .await
            .unwrap();
        wallet.map_or(0, |wallet| wallet.balance)
    }

    /// How often the log says that the account's facts have changed.
    pub async fn words_about_account(&self) -> usize {
        let mut reader = self.authority().database.read().await.unwrap();
        let events = storage::revocations::list_after(&mut reader, 0, 10_000)
            .await
            .unwrap();
        let about = |id: &str| id == self.account.as_str();
        events.iter().filter(|event| about(&event.id)).count()
    }

    pub async fn entitlement(&self, feature: &str) -> model::billing::Entitlement {
        let ctx = self.world.ctx();
        let found = self.authority().entitlement(&ctx, &self.account, feature).await;
        found.unwrap()
    }
}

fn wrong(error: ReportError) -> Vec<(usize, Wrong)> {
    match error {
        ReportError::Refused(refused) => refused.into_iter().map(|one| (one.index, one.wrong)).collect(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_is_beyond_the_plan_is_debited_and_no_fraction_is_lost() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        for (key, quantity) in [("a", 999), ("b", 51), ("c", 49), ("d", 1), ("e", 50), ("f", 350)] {
            let taken = town
                .tell(&[town.report("messages", quantity, key)])
                .await
                .unwrap();
            assert_eq!((taken.written, taken.known), (1, 0));
        }
        // 500 beyond 1000: five hundreds at 7 paise, whatever the parts were.
        assert_eq!(town.balance().await, -35);
        let span = None;
        let used = town
            .authority()
            .usage(&town.world.ctx(), &town.account, span)
            .await
            .unwrap();
        let messages = used.iter().find(|one| one.metric == "messages").unwrap();
        assert_eq!((messages.used, messages.charged), (1500, 35));
        assert_eq!(
            town.entitlement("messages").await.reason,
            Some(Reason::WalletEmpty)
        );
    })
    .await;
}

/// B06, at the meter: what may still begin is what the wallet lasts for, and the last unit of it counts.
#[tokio::test]
async fn what_the_wallet_lasts_for_is_what_remains() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        let remaining = async || {
            let said = town.entitlement("messages").await;
            (said.granted, said.remaining())
        };
        assert_eq!(remaining().await, (true, Some(1000)));
        town.pay(20).await;
        // Seven paise for each hundred: at the 286th, 20 paise are spent.
        assert_eq!(remaining().await, (true, Some(1000 + 286)));
        town.tell(&[town.report("messages", 1285, "a")]).await.unwrap();
        assert_eq!(remaining().await, (true, Some(1)));
        town.tell(&[town.report("messages", 1, "b")]).await.unwrap();
        assert_eq!((town.balance().await, remaining().await), (0, (false, Some(0))));
    })
    .await;
}

#[tokio::test]
async fn a_report_counts_once_and_its_key_is_of_no_other() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        let report = town.report("calls", 10, "one");
        town.tell(&[report.clone(), report.clone()]).await.unwrap();
        let again = town
            .tell(&[report.clone(), town.report("calls", 5, "two")])
            .await
            .unwrap();
        assert_eq!((again.written, again.known), (1, 1));
        assert_eq!(again.counters[0].used, 15);
        let other = town
            .tell(&[town.report("calls", 1, "three"), town.report("calls", 11, "one")])
            .await;
        assert_eq!(wrong(other.unwrap_err()), [(1, Wrong::Conflict)]);
        // Nothing of the batch was taken: its other key is free.
        assert_eq!(town.entitlement("calls").await.used, 15);
        let third = town.tell(&[town.report("calls", 2, "three")]).await.unwrap();
        assert_eq!(third.counters[0].used, 17);
    })
    .await;
}

#[tokio::test]
async fn each_wrong_report_is_named_and_nothing_is_taken() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        let stranger = UsageReport {
            account: "000000000001".to_owned(),
            ..town.report("calls", 1, "d")
        };
        let batch = [
            town.report("calls", 1, "a"),
            town.report("calls", 0, "b"),
            town.report("calls", MOST_QUANTITY + 1, "b"),
            town.report("nothing", 1, "c"),
            stranger,
            town.report("calls", 1, "with blank"),
            town.report("calls", -1, "e"),
        ];
        let refused = wrong(town.tell(&batch).await.unwrap_err());
        let expected = [
            (1, Wrong::Quantity),
            (2, Wrong::Quantity),
            (3, Wrong::Metric),
            (4, Wrong::Account),
            (5, Wrong::Key),
            (6, Wrong::Quantity),
        ];
        assert_eq!(refused, expected);
        assert!(matches!(town.tell(&[]).await, Err(ReportError::Size)));
        let many = vec![town.report("calls", 1, "x"); 501];
        assert!(matches!(town.tell(&many).await, Err(ReportError::Size)));
        assert_eq!(town.entitlement("calls").await.used, 0);
    })
    .await;
}

/// 50 at once, of which one is the last unit: all count, and the log says once that it is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_unit_is_noticed_once_among_many_reports() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        town.tell(&[town.report("calls", 75, "most")]).await.unwrap();
        let before = town.words_about_account().await;
        let keys: Vec<String> = (0..50).map(|n| format!("key-{n}")).collect();
        let told = keys
            .iter()
            .map(async |key| town.tell(&[town.report("calls", 1, key)]).await);
        for taken in join_all(told).await {
            assert_eq!(taken.unwrap().written, 1);
        }
        let entitlement = town.entitlement("calls").await;
        assert_eq!((entitlement.used, entitlement.granted), (125, false));
        assert_eq!(entitlement.reason, Some(Reason::LimitReached));
        assert_eq!(town.words_about_account().await, before + 1);
        town.world.advance(40 * 86_400);
        assert!(town.entitlement("calls").await.granted, "in the next month");
    })
    .await;
}

/// The same report by 50 at once counts once; batches in opposite orders do not wait for each other for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn repetitions_and_crossing_batches_race_to_one_count() {
    for_each_database(async |database| {
        let town = Town::open(database).await;
        let forth: Vec<UsageReport> = (0..20)
            .map(|n| {
                town.report(
                    if n % 2 == 0 { "messages" } else { "calls" },
                    200,
                    &format!("k{n}"),
                )
            })
            .collect();
        let back: Vec<UsageReport> = forth.iter().rev().cloned().collect();
        let told = (0..50).map(async |n| town.tell(if n % 2 == 0 { &forth } else { &back }).await);
        let written: usize = join_all(told)
            .await
            .into_iter()
            .map(|taken| taken.unwrap().written)
            .sum();
        assert_eq!(written, 20);
        assert_eq!(town.entitlement("messages").await.used, 2000);
        assert_eq!(town.balance().await, -70);
    })
    .await;
}

/// One hot account, told of by eight at once in batches of 50: nothing is lost, and how long it took is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_reports_of_one_account_by_many_are_all_counted() {
    for_each_database(async |database| {
        let dialect = database.dialect();
        let town = Town::open(database).await;
        let begun = std::time::Instant::now();
        let proxies = (0..8).map(async |proxy: usize| {
            for batch in 0..25 {
                let key = |n| format!("{proxy}-{batch}-{n}");
                let reports: Vec<UsageReport> =
                    (0..50).map(|n| town.report("messages", 1, &key(n))).collect();
                town.tell(&reports).await.unwrap();
            }
        });
        join_all(proxies).await;
        let took = begun.elapsed();
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "usage: 10000 reports in 200 batches took {took:?} on {dialect:?}"
        )
        .unwrap();
        assert_eq!(town.entitlement("messages").await.used, 10_000);
        assert_eq!(town.balance().await, -630);
    })
    .await;
}
