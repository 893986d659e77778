//! An authority over a fresh database, at a time that stands still.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::authority::Parts;
use domain::federation::Providers;
use domain::keys::KeyRing;
use domain::mail::{Letter, Mailer, MailerError};
use domain::people::password::PasswordHasher;
use domain::people::{AccountForm, AskedIn, LogIn, LoginError, Registered, SignIn, SignedIn};
use domain::sealing::{MasterKeys, Sealer};
use domain::{Authority, Settings};
use model::passkey::{Passkey, PasskeyName};
use model::{Clock, Ctx, Origin, PasskeyId, PlainSecret, SystemRandom, Timestamp, UserId};
use storage::Database;
use storage::audit::StoredEvent;
use testkit::clock::TestClock;

pub const PASSWORD: &str = "vexing plum orbit";

pub struct World {
    pub authority: Authority,
    pub clock: TestClock,
    pub mail: Pillar,
}

/// A mailer that keeps what it is given, and can be out of order.
#[derive(Clone, Default)]
pub struct Pillar {
    letters: Arc<Mutex<Vec<Letter>>>,
    pub broken: Arc<AtomicBool>,
}

#[async_trait]
impl Mailer for Pillar {
    async fn send(&self, letter: &Letter) -> Result<(), MailerError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(MailerError("out of order".to_owned()));
        }
        self.letters.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

impl Pillar {
    /// What was sent since the last look.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.letters.lock().unwrap())
    }
}

impl World {
    pub fn new(database: Database) -> Self {
        Self::with(database, |_| ())
    }

    /// Cheap hashes and one worker, unless `change` says otherwise.
    pub fn with(database: Database, change: impl FnOnce(&mut Settings)) -> Self {
        Self::under(database, &MasterKeys::generate(&SystemRandom), change)
    }

    /// The same under these master keys.
    pub fn under(database: Database, master_keys: &MasterKeys, change: impl FnOnce(&mut Settings)) -> Self {
        Self::knowing(Providers::default(), (database, master_keys), change)
    }

    /// The same with other providers to sign in with.
    pub fn knowing(
        providers: Providers,
        (database, master_keys): (Database, &MasterKeys),
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = Settings::default();
        settings.passwords.memory_kib = 64;
        settings.passwords.passes = 1;
        change(&mut settings);
        let mail = Pillar::default();
        let clock = TestClock::default();
        let random = SystemRandom::shared();
        let authority = Authority::new(Parts {
            database,
            hasher: PasswordHasher::new(&settings.passwords).unwrap(),
            settings,
            sealer: Sealer::new(master_keys).unwrap(),
            keys: KeyRing::default(),
            mailer: Arc::new(mail.clone()),
            providers,
            payments: domain::billing::Payments::default(),
            clock: Arc::new(clock.clone()),
            random,
        });
        Self {
            authority,
            clock,
            mail,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub fn ctx(&self) -> Ctx {
        self.ctx_from("192.0.2.1")
    }

    pub fn ctx_from(&self, address: &str) -> Ctx {
        Ctx {
            now: self.now(),
            random: SystemRandom::shared(),
            origin: Origin {
                address: address.parse().ok(),
                ..Origin::default()
            },
        }
    }

    pub async fn register(&self, username: &str) -> SignedIn {
        let form = form(username, &format!("{username}@example.org"));
        let registered = self
            .authority
            .register(&self.ctx(), form, AskedIn::default())
            .await;
        match registered.unwrap() {
            Registered::SignedIn(signed_in) => *signed_in,
            Registered::ConfirmEmail(_) => panic!("not signed in"),
        }
    }

    pub async fn log_in(&self, identifier: &str, password: &str) -> Result<SignedIn, LoginError> {
        self.log_in_from("192.0.2.1", identifier, password).await
    }

    pub async fn log_in_from(
        &self,
        address: &str,
        identifier: &str,
        password: &str,
    ) -> Result<SignedIn, LoginError> {
        let command = attempt(identifier, password);
        match self.authority.log_in(&self.ctx_from(address), command).await? {
            SignIn::Done(signed_in) => Ok(*signed_in),
            SignIn::SecondFactor(_) => panic!("a second factor is asked for"),
        }
    }

    pub async fn is_signed_in(&self, cookie: &PlainSecret) -> bool {
        let resumed = self.authority.resume(&self.ctx(), cookie.expose()).await.unwrap();
        resumed.is_some()
    }

    /// A row that no authenticator has made.
    pub async fn plant_passkey(&self, user: UserId, credential: &[u8]) {
        let passkey = Passkey {
            id: PasskeyId::random(&SystemRandom),
            user_id: user,
            credential_id: credential.to_vec(),
            name: PasskeyName::tidy("planted"),
            data: "{}".to_owned(),
            created_at: self.now(),
            last_used_at: None,
        };
        let work = self
            .authority
            .database
            .write::<_, storage::StorageError, _>(move |w| {
                Box::pin(async move { storage::passkeys::insert(w, &passkey).await })
            });
        assert!(work.await.unwrap());
    }

    /// Does what was asked for, and what that asks for.
    pub async fn work_off(&self) -> Vec<Letter> {
        while self.authority.run_due_jobs().await.unwrap() > 0 {}
        self.mail.take()
    }

    /// Newest first.
    pub async fn audit(&self) -> Vec<StoredEvent> {
        let mut reader = self.authority.database.read().await.unwrap();
        storage::audit::list_recent(&mut reader, 1000).await.unwrap()
    }

    pub async fn count_audit(&self, action: &str) -> usize {
        let events = self.audit().await;
        events.iter().filter(|event| event.action == action).count()
    }

    pub async fn count_users(&self) -> u64 {
        let query = domain::people::UserQuery::default();
        let by = model::audit::Actor::Operator;
        self.authority.list_users(&query, &by).await.unwrap().total
    }

    pub fn hashes(&self) -> u64 {
        self.authority.hasher.figures().done
    }
}

pub fn form(username: &str, email: &str) -> AccountForm {
    AccountForm {
        username: username.to_owned(),
        email: email.to_owned(),
        name: "Ada".to_owned(),
        company: String::new(),
        password: PlainSecret::new(PASSWORD),
    }
}

pub fn attempt(identifier: &str, password: &str) -> LogIn {
    LogIn {
        identifier: identifier.to_owned(),
        password: PlainSecret::new(password),
        current: None,
        asked_in: AskedIn::default(),
    }
}
