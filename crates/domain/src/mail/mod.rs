//! Letters to people: what is said to whom, and the port through which it leaves.
//! Refuses to know looks and servers: templates and SMTP are the adapter's.

use async_trait::async_trait;
use model::email::Email;
use model::user::User;
use model::{Ctx, JobId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::billing::BillingNews;

/// A letter on its way.
#[derive(Clone, Serialize, Deserialize)]
pub struct Letter {
    /// The same when it is sent again after a doubtful failure.
    pub id: JobId,
    pub to: Email,
    /// Whose account it is about, if there is one.
    #[serde(default)]
    pub user: Option<UserId>,
    pub message: Message,
}

impl Letter {
    /// To the address that the user has.
    pub(crate) fn to_user(ctx: &Ctx, user: &User, message: Message) -> Self {
        Self {
            id: JobId::random(ctx.random.as_ref()),
            to: user.email.clone(),
            user: Some(user.id),
            message,
        }
    }
}

/// What it says. Links are secrets and made from the configured issuer only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    VerifyEmail {
        link: String,
        code: String,
    },
    ChangeEmail {
        link: String,
        code: String,
    },
    MagicLink {
        link: String,
    },
    ResetPassword {
        link: String,
    },
    /// An account was made for the reader, who chooses its password.
    Invited {
        link: String,
    },
    /// To the old address; the link takes the change back.
    EmailChanged {
        new: Email,
        link: String,
    },
    PasswordChanged {
        event: Event,
    },
    NewDevice {
        event: Event,
    },
    /// Somebody tried to make an account with an address that has one.
    AccountExists {
        link: String,
    },
    /// The account will be erased; the link cancels that.
    DeletionRequested {
        scheduled_for: Timestamp,
        link: String,
    },
    /// It was.
    AccountErased {},
    SecondFactorChanged {
        what: String,
        event: Event,
    },
    ApiKeyCreated {
        name: String,
        prefix: String,
        event: Event,
    },
    /// It was found in a public place, and ended.
    ApiKeyLeaked {
        name: String,
        prefix: String,
        /// Where, as the finder says.
        source: String,
        event: Event,
    },
    ApiKeyEnds {
        name: String,
        prefix: String,
        ends_at: Timestamp,
    },
    /// Somebody asks the reader into an account. Names are what strangers typed, made fit to be shown.
    TeamInvitation {
        link: String,
        account: String,
        inviter: String,
        role: String,
        expires_at: Timestamp,
    },
    /// About an account's money; the link leads to its bills.
    Billing {
        account: String,
        link: String,
        news: BillingNews,
    },
    /// To the account's root user.
    MemberJoined {
        account: String,
        member: String,
        role: String,
        event: Event,
    },
}

/// When and where something happened, as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    pub at: Timestamp,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

impl Event {
    pub(crate) fn of(ctx: &Ctx) -> Self {
        Self {
            at: ctx.now,
            address: ctx.origin.address.map(|address| address.to_string()),
            user_agent: ctx.origin.user_agent.clone(),
        }
    }
}

/// Why a letter did not leave. Carries no content of it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MailerError(pub String);

/// Takes letters for delivery; returning is the promise that it is on its way.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// # Errors
    /// When it should be tried again.
    async fn send(&self, letter: &Letter) -> Result<(), MailerError>;
}
