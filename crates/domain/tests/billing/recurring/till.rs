//! An account with people, a wallet and a gateway in memory.

use std::sync::Arc;

use domain::Authority;
use domain::authority::Parts;
use domain::billing::gateway::{Event, Payment, PaymentStatus, Subscription, SubscriptionStatus};
use domain::billing::{
    Autopay, AutopayChange, AutopayError, BillingNews, Draft, EventTaken, Payments, Posted, TakeEventError,
};
use domain::federation::Providers;
use domain::keys::KeyRing;
use domain::mail::{Letter, Message};
use domain::people::password::PasswordHasher;
use domain::sealing::{MasterKeys, Sealer};
use model::audit::Actor;
use model::billing::{
    Currency, LedgerAccount, Mandate, MandateTerms, Money, MovementKind, Plan, PlanPeriod, Plans, Prices,
    Transfer,
};
use model::iam::AccountId;
use model::user::User;
use model::{SystemRandom, Timestamp};
use storage::{Database, StorageError};
use testkit::clock::TestClock;

use super::double::{Double, event};
use crate::world::{PASSWORD, Pillar, World};

pub const TERMS: MandateTerms = MandateTerms {
    threshold: 1_000,
    amount: 5_000,
    most: 10_000,
};

pub struct Till {
    pub world: World,
    pub gateway: Double,
    pub ada: User,
    pub account: AccountId,
    database: Database,
    keys: MasterKeys,
}

impl Till {
    pub async fn open(database: Database) -> Self {
        Self::with(database, |_| ()).await
    }

    pub async fn with(database: Database, change: impl FnOnce(&mut domain::Settings)) -> Self {
        let gateway = Double::default();
        let keys = MasterKeys::generate(&SystemRandom);
        let (clock, mail) = (TestClock::default(), Pillar::default());
        let authority = authority((database.clone(), &keys), (&clock, &mail), &gateway, change);
        let world = World {
            authority,
            clock,
            mail,
        };
        let ada = person(&world, "ada").await;
        let account = world.authority.account_number(&world.ctx(), ada.id).await;
        let account = account.unwrap();
        Self {
            world,
            gateway,
            ada,
            account,
            database,
            keys,
        }
    }

    /// Another replica on the same database, with the same gateway.
    pub fn replica(&self) -> Authority {
        let parts = (self.database.clone(), &self.keys);
        authority(
            parts,
            (&self.world.clock, &self.world.mail),
            &self.gateway,
            |_| (),
        )
    }

    pub fn authority(&self) -> &Authority {
        &self.world.authority
    }

    pub fn by(&self) -> (&AccountId, Actor) {
        (&self.account, Actor::User(self.ada.id))
    }

    pub async fn set_up(&self, terms: MandateTerms) -> Result<Mandate, AutopayError> {
        let ctx = self.world.ctx();
        self.authority().set_up_autopay(&ctx, self.by(), terms).await
    }

    /// A mandate whose first payment was made.
    pub async fn active(&self) -> Mandate {
        let mandate = self.set_up(TERMS).await.unwrap();
        let order = mandate.gateway_order;
        let payment = self.gateway.pay(&order, PaymentStatus::Captured, Some("token_1"));
        let signature = format!("{order}|{}", payment.id);
        let told = (payment.id.as_str(), signature.as_str());
        let ctx = self.world.ctx();
        let active = self.authority().activate_autopay(&ctx, &self.account, told).await;
        self.work_off().await;
        active.unwrap()
    }

    pub async fn change(&self, change: AutopayChange) -> Result<Autopay, AutopayError> {
        let ctx = self.world.ctx();
        self.authority().change_autopay(&ctx, self.by(), change).await
    }

    pub async fn autopay(&self) -> Autopay {
        self.authority().find_autopay(&self.account).await.unwrap()
    }

    pub async fn status(&self) -> &'static str {
        let mandate = self.autopay().await.mandate;
        mandate.map_or("none", |mandate| mandate.status.as_str())
    }

    pub async fn balance(&self) -> i64 {
        let mut reader = self.database.read().await.unwrap();
        let wallet = storage::ledger::find_wallet(&mut reader, &self.account).await;
        wallet.unwrap().map_or(0, |wallet| wallet.balance)
    }

    /// Gives, or uses up.
    pub async fn add(&self, minor: i64) {
        let wallet = LedgerAccount::Wallet(self.account.clone());
        let (debit, credit) = match minor > 0 {
            true => (LedgerAccount::Adjustments, wallet),
            false => (wallet, LedgerAccount::UsageRevenue),
        };
        let reference = model::JobId::random(&SystemRandom);
        let draft = Draft {
            account: self.account.clone(),
            kind: MovementKind::Adjustment,
            reference: format!("test:{reference}"),
            transfers: vec![Transfer {
                debit,
                credit,
                minor: minor.abs(),
            }],
            description: "Test".to_owned(),
            floor: None,
        };
        let (authority, ctx) = (self.authority().clone(), self.world.ctx());
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { authority.post(w, &ctx, draft).await })
        });
        assert!(matches!(work.await.unwrap(), Posted::New { .. }));
    }

    /// Does the jobs; the letters about money that this sends.
    pub async fn work_off(&self) -> Vec<BillingNews> {
        let letters = self.world.work_off().await;
        letters
            .into_iter()
            .filter_map(news)
            .map(|(_, news)| news)
            .collect()
    }

    /// The same with their addressees.
    pub async fn letters(&self) -> Vec<(String, BillingNews)> {
        let letters = self.world.work_off().await;
        letters.into_iter().filter_map(news).collect()
    }

    pub async fn look_after(&self) -> usize {
        let ctx = self.world.ctx();
        self.authority().look_after_recurring(&ctx).await.unwrap()
    }

    /// A genuine message.
    pub async fn tell(&self, event: Event) -> EventTaken {
        self.tell_to(self.authority(), event).await.unwrap()
    }

    pub async fn tell_to(&self, authority: &Authority, event: Event) -> Result<EventTaken, TakeEventError> {
        let raw = self.gateway.message(event);
        let ctx = self.world.ctx();
        authority.take_event(&ctx, &raw, "genuine", "").await
    }

    /// That a payment of an order of ours has become so.
    pub async fn tell_payment(&self, payment: Payment) {
        let told = Event {
            payment: Some(payment),
            ..event("payment", self.world.now())
        };
        self.tell(told).await;
    }

    /// A message about the subscription as the gateway has it, after this change.
    pub fn subscription_event(
        &self,
        (id, status): (&str, SubscriptionStatus),
        change: impl FnOnce(&mut Subscription),
    ) -> Event {
        let mut books = self.gateway.books();
        let found = books.subscriptions.get_mut(id).unwrap();
        found.status = status;
        change(found);
        Event {
            subscription: Some(found.clone()),
            ..event("subscription", self.world.now())
        }
    }
}

/// A payment that a subscription has made.
pub fn period_payment(id: &str, minor: i64) -> Payment {
    Payment {
        id: id.to_owned(),
        order: Some(format!("order_of_{id}")),
        invoice: Some("inv_1".to_owned()),
        amount: Money::new(minor, Currency::INR),
        refunded: 0,
        status: PaymentStatus::Captured,
        token: None,
        customer: None,
        failure: None,
    }
}

fn news(letter: Letter) -> Option<(String, BillingNews)> {
    let to = letter.to.to_string();
    match letter.message {
        Message::Billing { news, .. } => Some((to, news)),
        _ => None,
    }
}

/// Somebody with a confirmed address.
pub async fn person(world: &World, name: &str) -> User {
    let user = world.register(name).await.user;
    let (id, email, now) = (user.id, user.email.clone(), world.now());
    let work = world.authority.database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { storage::users::verify_email(w, id, &email, now).await })
    });
    assert!(work.await.unwrap());
    world.log_in(name, PASSWORD).await.unwrap().user
}

fn authority(
    (database, keys): (Database, &MasterKeys),
    (clock, mail): (&TestClock, &Pillar),
    gateway: &Double,
    change: impl FnOnce(&mut domain::Settings),
) -> Authority {
    let mut settings = domain::Settings::default();
    settings.passwords.memory_kib = 64;
    settings.passwords.passes = 1;
    settings.billing.plans = plans();
    change(&mut settings);
    Authority::new(Parts {
        database,
        hasher: PasswordHasher::new(&settings.passwords).unwrap(),
        settings,
        sealer: Sealer::new(keys).unwrap(),
        keys: KeyRing::default(),
        mailer: Arc::new(mail.clone()),
        providers: Providers::default(),
        payments: Payments(Some(Arc::new(gateway.clone()))),
        clock: Arc::new(clock.clone()),
        random: SystemRandom::shared(),
    })
}

fn plans() -> Plans {
    let free = Plan::built_in("free", Currency::INR, &Prices::default());
    let paid = |id: &str, minor| Plan {
        id: id.to_owned(),
        name: id.to_uppercase(),
        amount: Money::new(minor, Currency::INR),
        period: PlanPeriod::Monthly,
        seats: 1,
        features: Vec::new(),
    };
    Plans::new(free, vec![paid("pro", 49_900), paid("team", 99_900)])
}

pub fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}
