//! What a letter looks like: one text and one HTML part in the brand, subjects without secrets.
//! Loads nothing: pictures and fonts are not fetched by a mail program, and nobody learns that it was read.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use askama::Template;
use domain::mail::{Event, Letter, MailerError, Message as Content};
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use model::Timestamp;

use crate::pages::Brand;

/// Writes letters in a brand.
pub struct Letterhead {
    from: Mailbox,
    brand: Arc<Brand>,
}

/// A letter in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// One letter's words: a title, paragraphs, a code or a button, and what to do if it was not asked for.
#[derive(Template)]
#[template(path = "mail/letter.html")]
struct HtmlLetter<'a> {
    words: &'a Words,
    brand: &'a Brand,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct TextLetter<'a> {
    words: &'a Words,
    brand: &'a Brand,
}

#[derive(Default)]
pub(super) struct Words {
    pub(super) title: String,
    pub(super) paragraphs: Vec<String>,
    pub(super) code: Option<String>,
    /// Label and address.
    pub(super) button: Option<(&'static str, String)>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) if_not_you: &'static str,
}

impl Letterhead {
    /// # Errors
    /// When the sender is no address.
    pub fn new(from: &str, brand: Arc<Brand>) -> Result<Self, MailerError> {
        let from = from
            .parse()
            .map_err(|_| MailerError("mail.from is no address".to_owned()))?;
        Ok(Self { from, brand })
    }

    /// # Errors
    /// When the addressee can't be written down in a header.
    pub fn write(&self, letter: &Letter, now: Timestamp) -> Result<Message, MailerError> {
        let rendered = self.render(&letter.message)?;
        let failed = |error: &dyn std::fmt::Display| MailerError(format!("cannot write the letter: {error}"));
        let to: Mailbox = letter.to.as_str().parse().map_err(|error| failed(&error))?;
        let domain = self.from.email.domain();
        let part = |kind: ContentType, body: String| {
            // Readable in the outbox, and safe for every server: lines stay short.
            SinglePart::builder()
                .header(kind)
                .header(ContentTransferEncoding::QuotedPrintable)
                .body(body)
        };
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(rendered.subject)
            .date(UNIX_EPOCH + Duration::from_micros(u64::try_from(now.as_micros()).unwrap_or(0)))
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .header(AutoSubmitted)
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, rendered.text))
                    .singlepart(part(ContentType::TEXT_HTML, rendered.html)),
            )
            .map_err(|error| failed(&error))
    }

    /// # Errors
    /// Only when a template fails.
    pub fn render(&self, content: &Content) -> Result<Rendered, MailerError> {
        let brand = &*self.brand;
        let words = words(content, brand.name());
        let failed = |error: askama::Error| MailerError(format!("cannot write the letter: {error}"));
        let text = TextLetter { words: &words, brand }.render().map_err(failed)?;
        let html = HtmlLetter { words: &words, brand }.render().map_err(failed)?;
        Ok(Rendered {
            subject: words.title.clone(),
            text,
            html,
        })
    }
}

/// RFC 3834 §5: nobody's holiday note answers it.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn words(content: &Content, brand: &str) -> Words {
    match content {
        Content::VerifyEmail { link, code } => confirm(brand, link, code, "Confirm that this is your e-mail address, so that it can be used for signing in and for getting back into your account."),
        Content::ChangeEmail { link, code } => confirm(brand, link, code, "Somebody who is signed in to your account wants to use this e-mail address for it from now on. Confirm that it is yours."),
        Content::MagicLink { link } => Words {
            title: format!("Sign in to {brand}"),
            paragraphs: vec!["Use this link to sign in. It works once, for 15 minutes. In the browser where you asked for it, it signs you in; in any other it shows a code to type there.".to_owned()],
            button: Some(("Sign in", link.clone())),
            if_not_you: "If you did not ask for this, do nothing: nobody gets in without this mail. Never give a code it shows to anybody.",
            ..Words::default()
        },
        Content::ResetPassword { link } => Words {
            title: format!("Choose a new password for {brand}"),
            paragraphs: vec!["Use this link to choose a new password. It works once, for 30 minutes. You will be signed out everywhere.".to_owned()],
            button: Some(("Choose a new password", link.clone())),
            if_not_you: "If you did not ask for this, do nothing: your password stays as it is.",
            ..Words::default()
        },
        Content::Invited { link } => Words {
            title: format!("Your {brand} account is ready"),
            paragraphs: vec!["An account was made for you with this e-mail address. Use this link to choose its password. It works once, for 7 days; after that, ask for a new one with \"Forgot your password?\" on the sign-in page.".to_owned()],
            button: Some(("Choose a password", link.clone())),
            if_not_you: "If you know nothing of this, do nothing: without this mail nobody gets into the account.",
            ..Words::default()
        },
        Content::EmailChanged { new, link } => Words {
            title: format!("The e-mail address of your {brand} account was changed"),
            paragraphs: vec![format!("Your account now uses {new}. Mail for it no longer comes here.")],
            button: Some(("This was not me: take it back", link.clone())),
            if_not_you: "If it was not you, take the change back within 7 days. Everybody is signed out then, and you choose a new password.",
            ..Words::default()
        },
        Content::PasswordChanged { event } => notice(
            format!("Your {brand} password was changed"),
            "The password of your account was changed, and everything that was signed in elsewhere has been signed out.",
            event,
        ),
        Content::NewDevice { event } => notice(
            format!("New sign-in to your {brand} account"),
            "Somebody signed in to your account from a device that it has not seen before.",
            event,
        ),
        Content::SecondFactorChanged { what, event } => notice(format!("Two-step sign-in of your {brand} account was changed"), what, event),
        Content::ApiKeyCreated { .. } | Content::ApiKeyLeaked { .. } | Content::ApiKeyEnds { .. } => {
            super::key_letters::words(content, brand)
        }
        Content::Billing { .. } => super::billing_letters::words(content, brand),
        Content::TeamInvitation { .. } | Content::MemberJoined { .. } => super::team_letters::words(content, brand),
        Content::DeletionRequested { scheduled_for, link } => Words {
            title: format!("Your {brand} account will be deleted"),
            paragraphs: vec![format!("Everything in your account will be erased on {}. Until then you can sign in as usual, and change your mind.", day(*scheduled_for))],
            button: Some(("Keep my account", link.clone())),
            if_not_you: "If it was not you, keep the account with this link, and choose a new password at once: \"Forgot your password?\" on the sign-in page.",
            ..Words::default()
        },
        Content::AccountErased {} => Words {
            title: format!("Your {brand} account was deleted"),
            paragraphs: vec!["As you asked, your account and everything personal in it was erased. This is the last mail about it.".to_owned()],
            if_not_you: "This can't be undone. You are welcome to make a new account at any time.",
            ..Words::default()
        },
        Content::AccountExists { link } => Words {
            title: format!("You have a {brand} account already"),
            paragraphs: vec!["Somebody tried to make an account with this e-mail address. There is one already: you can sign in, or choose a new password if you have forgotten it.".to_owned()],
            button: Some(("Sign in", link.clone())),
            if_not_you: "If it was not you, do nothing: no account was made.",
            ..Words::default()
        },
    }
}

fn confirm(brand: &str, link: &str, code: &str, why: &str) -> Words {
    Words {
        title: format!("Confirm your e-mail address for {brand}"),
        paragraphs: vec![
            why.to_owned(),
            "Type this code where you were asked for it within 10 minutes, or use the link within a day:"
                .to_owned(),
        ],
        code: Some(code.to_owned()),
        button: Some(("Confirm this address", link.to_owned())),
        if_not_you: "If you did not ask for this, do nothing.",
        ..Words::default()
    }
}

pub(super) fn day(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros()).map_or_else(
        |_| at.to_string(),
        |at| at.strftime("%-d %B %Y, %H:%M UTC").to_string(),
    )
}

/// When and where it was.
pub(super) fn circumstances(event: &Event) -> Vec<(&'static str, String)> {
    let facts = [
        ("When", Some(day(event.at))),
        ("From", event.address.clone()),
        ("With", event.user_agent.clone()),
    ];
    let known = facts.into_iter().filter_map(|(name, value)| Some((name, value?)));
    known.collect()
}

fn notice(title: String, what: &str, event: &Event) -> Words {
    Words {
        title,
        paragraphs: vec![what.to_owned()],
        facts: circumstances(event),
        if_not_you: "If it was not you, choose a new password at once: \"Forgot your password?\" on the sign-in page works even when somebody else has changed it.",
        ..Words::default()
    }
}
