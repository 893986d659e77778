//! Letters: rendered from templates, then sent by SMTP or kept in the outbox.
//! Refuses to put anything from a request into a header.

mod billing_letters;
mod key_letters;
mod letterhead;
mod outbox;
mod smtp;
mod team_letters;

use std::sync::Arc;

use async_trait::async_trait;
use domain::mail::{Letter, Mailer, MailerError};
use lettre::Message;
use model::Clock;

pub use letterhead::{Letterhead, Rendered};
pub use outbox::{KeptLetter, Outbox};

use crate::config::Config;
use crate::pages::Brand;
use smtp::Smtp;

/// Writes letters and hands them to whoever carries them.
pub struct Post {
    letterhead: Letterhead,
    carrier: Carrier,
    clock: Arc<dyn Clock>,
}

enum Carrier {
    Smtp(Box<Smtp>),
    Outbox(Outbox),
}

impl Post {
    /// # Errors
    /// When the configured server or sender can't be used.
    pub fn open(config: &Config, brand: Arc<Brand>, clock: Arc<dyn Clock>) -> Result<Self, MailerError> {
        let carrier = match &config.mail.smtp {
            Some(smtp) => Carrier::Smtp(Box::new(Smtp::new(smtp)?)),
            None => Carrier::Outbox(Outbox::at(&config.server.data_dir)),
        };
        let letterhead = Letterhead::new(&config.mail.from, brand)?;
        Ok(Self {
            letterhead,
            carrier,
            clock,
        })
    }
}

#[async_trait]
impl Mailer for Post {
    async fn send(&self, letter: &Letter) -> Result<(), MailerError> {
        let now = self.clock.now();
        let message: Message = self.letterhead.write(letter, now)?;
        match &self.carrier {
            Carrier::Smtp(smtp) => smtp.send(message).await,
            Carrier::Outbox(outbox) => outbox.keep(&letter.id, now, message).await,
        }
    }
}
