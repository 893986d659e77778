//! Everything the sandbox remembers, behind one lock, and the time it is there.
//! Never waits: events to send are handed over, not sent.

mod book;
mod customer;
mod due;
mod invoice;
mod link;
mod order;
mod payment;
mod plan;
mod recurring;
mod refund;
mod subscription;
mod token;

use serde_json::{Value, json};
use url::Url;

pub(crate) use self::book::Books;
pub(crate) use self::order::OrderStatus;
pub(crate) use self::payment::{Attempt, Method, PaymentStatus};
pub(crate) use self::token::{TokenStatus, read_status as read_token_status};

use crate::fault::Faults;
use crate::outcome::Outcome;
use crate::post::Post;
use crate::settings::{Behaviour, Settings};
use crate::verdict::Verdicts;

/// The secrets of the merchant.
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) webhook: String,
}

/// The memory.
pub(crate) struct World {
    /// Unix seconds; set by [`World::turn`].
    pub(crate) now: i64,
    pub(crate) keys: Keys,
    pub(crate) webhook_url: Option<Url>,
    pub(crate) behaviour: Behaviour,
    pub(crate) books: Books,
    pub(crate) post: Post,
    pub(crate) faults: Faults,
    pub(crate) verdicts: Verdicts,
    /// The address in links to people; no slash at the end.
    pub(crate) base: String,
}

impl World {
    pub(crate) fn new(settings: Settings, base: String) -> Self {
        Self {
            now: 0,
            keys: Keys {
                id: settings.key_id,
                secret: settings.key_secret,
                webhook: settings.webhook_secret,
            },
            webhook_url: settings.webhook_url,
            behaviour: settings.behaviour,
            books: Books::new(settings.seed),
            post: Post::new(settings.seed),
            faults: Faults::default(),
            verdicts: Verdicts::default(),
            base,
        }
    }

    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.books.dice.id(prefix)
    }

    /// Tells the merchant what happened, with the things as they are now.
    pub(crate) fn emit(&mut self, name: &str, things: &[(&str, Value)]) {
        let payload: serde_json::Map<String, Value> = things
            .iter()
            .map(|(kind, entity)| ((*kind).to_owned(), json!({"entity": entity})))
            .collect();
        let body = json!({
            "entity": "event",
            "account_id": self.books.account,
            "event": name,
            "contains": things.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            "payload": payload,
            "created_at": self.now,
        });
        let rules = self.webhook_url.as_ref().map(|_| &self.behaviour.webhooks);
        self.post
            .accept(name, body.to_string(), &self.keys.webhook, rules);
    }

    /// What the next collection comes to.
    fn verdict(&mut self, subject: &str) -> Outcome {
        self.verdicts.take(subject)
    }
}

#[cfg(test)]
pub(crate) mod ground {
    //! A world for the tests of the rules, with a clock that stands.

    use super::*;
    use crate::fields::Fields;

    pub(crate) const NOW: i64 = 1_750_000_000;

    pub(crate) fn world() -> World {
        let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let mut settings = Settings::new(listen, "rzp_test_key", "secret");
        settings.seed = Some(1);
        let mut world = World::new(settings, "http://sandbox.test".to_owned());
        world.turn(NOW * 1_000);
        world
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "reads better with json! in the call"
    )]
    pub(crate) fn fields(value: Value) -> Fields {
        Fields::new(value.as_object().unwrap().clone())
    }

    impl World {
        /// Lets time pass.
        pub(crate) fn after(&mut self, seconds: i64) {
            self.turn((self.now + seconds) * 1_000);
        }

        /// The names of the events so far, oldest first.
        pub(crate) fn told(&self) -> Vec<String> {
            self.post.events().map(|event| event.name.clone()).collect()
        }
    }
}
