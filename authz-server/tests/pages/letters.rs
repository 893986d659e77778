//! Every letter there is, in both of its parts.

use std::sync::Arc;

use authz_server::outbound::mail::Letterhead;
use authz_server::pages::Brand;
use domain::billing::BillingNews;
use domain::mail::{Event, Message};
use model::Timestamp;
use model::billing::{Currency, Money};

const LINK: &str = "https://login.example.com/reset-password?token=az_ml_0123456789";

fn event() -> Event {
    Event {
        at: Timestamp::from_seconds(1_795_264_149),
        address: Some("192.0.2.7".to_owned()),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned()),
    }
}

/// One of each kind; a new kind does not compile until it has a sample.
fn samples() -> Vec<(&'static str, Message)> {
    let link = || LINK.to_owned();
    let key = || ("Production Key".to_owned(), "ch_live_abc".to_owned());
    let ends_at = Timestamp::from_seconds(1_796_264_149);
    let all = vec![
        Message::VerifyEmail {
            link: link(),
            code: "123456".to_owned(),
        },
        Message::ChangeEmail {
            link: link(),
            code: "123456".to_owned(),
        },
        Message::MagicLink { link: link() },
        Message::ResetPassword { link: link() },
        Message::Invited { link: link() },
        Message::EmailChanged {
            new: "new@example.org".parse().unwrap(),
            link: link(),
        },
        Message::PasswordChanged { event: event() },
        Message::NewDevice { event: event() },
        Message::AccountExists { link: link() },
        Message::DeletionRequested {
            scheduled_for: ends_at,
            link: link(),
        },
        Message::AccountErased {},
        Message::SecondFactorChanged {
            what: "The authenticator app was removed.".to_owned(),
            event: event(),
        },
        Message::ApiKeyCreated {
            name: key().0,
            prefix: key().1,
            event: event(),
        },
        Message::ApiKeyLeaked {
            name: key().0,
            prefix: key().1,
            source: "https://github.com/ada/notes/blob/main/run.sh".to_owned(),
            event: event(),
        },
        Message::TeamInvitation {
            link: link(),
            account: "Acme <b>Inc</b>".to_owned(),
            inviter: "Ada \"the\" <script>".to_owned(),
            role: "member".to_owned(),
            expires_at: ends_at,
        },
        Message::MemberJoined {
            account: "Acme".to_owned(),
            member: "Grace".to_owned(),
            role: "member".to_owned(),
            event: event(),
        },
        Message::ApiKeyEnds {
            name: key().0,
            prefix: key().1,
            ends_at,
        },
    ];
    let all = all.into_iter().chain(billing_samples());
    all.map(|message| (name(&message), message)).collect()
}

fn billing_samples() -> impl Iterator<Item = Message> {
    let amount = Money::new(50_000, Currency::INR);
    let at = Timestamp::from_seconds(1_796_264_149);
    let reason = || "The bank <b>declined</b> the payment".to_owned();
    let plan = || "Pro".to_owned();
    let all = [
        BillingNews::LowBalance {
            balance: Money::new(-250, Currency::INR),
            limit: Money::new(10_000, Currency::INR),
        },
        BillingNews::CollectionAhead { amount, at },
        BillingNews::CollectionFailed {
            amount,
            reason: reason(),
            next_at: at,
        },
        BillingNews::AutopayPaused {
            amount,
            reason: reason(),
        },
        BillingNews::AutopayStopped {
            status: "cancelled".to_owned(),
        },
        BillingNews::SubscriptionPending {
            plan: plan(),
            until: Some(at),
        },
        BillingNews::SubscriptionHalted { plan: plan() },
        BillingNews::SubscriptionEnded {
            plan: plan(),
            until: None,
        },
    ];
    all.into_iter().map(|news| Message::Billing {
        account: "Acme".to_owned(),
        link: LINK.to_owned(),
        news,
    })
}

fn name(message: &Message) -> &'static str {
    match message {
        Message::VerifyEmail { .. } => "verify-email",
        Message::ChangeEmail { .. } => "change-email",
        Message::MagicLink { .. } => "magic-link",
        Message::ResetPassword { .. } => "reset-password",
        Message::Invited { .. } => "invited",
        Message::EmailChanged { .. } => "email-changed",
        Message::PasswordChanged { .. } => "password-changed",
        Message::NewDevice { .. } => "new-device",
        Message::AccountExists { .. } => "account-exists",
        Message::DeletionRequested { .. } => "deletion-requested",
        Message::AccountErased {} => "account-erased",
        Message::SecondFactorChanged { .. } => "second-factor-changed",
        Message::ApiKeyCreated { .. } => "api-key-created",
        Message::ApiKeyLeaked { .. } => "api-key-leaked",
        Message::ApiKeyEnds { .. } => "api-key-ends",
        Message::TeamInvitation { .. } => "team-invitation",
        Message::MemberJoined { .. } => "member-joined",
        Message::Billing { news, .. } => match news {
            BillingNews::LowBalance { .. } => "low-balance",
            BillingNews::CollectionAhead { .. } => "collection-ahead",
            BillingNews::CollectionFailed { .. } => "collection-failed",
            BillingNews::AutopayPaused { .. } => "autopay-paused",
            BillingNews::AutopayStopped { .. } => "autopay-stopped",
            BillingNews::SubscriptionPending { .. } => "subscription-pending",
            BillingNews::SubscriptionHalted { .. } => "subscription-halted",
            BillingNews::SubscriptionEnded { .. } => "subscription-ended",
        },
    }
}

/// The pages are kept, so that somebody can look at them.
#[test]
fn every_letter_says_the_same_in_both_parts_and_loads_nothing() {
    let letterhead = Letterhead::new(
        "login@example.com",
        Arc::new(Brand::new("Lighthouse", None, None).unwrap()),
    )
    .unwrap();
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("letters");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, message) in samples() {
        let letter = letterhead.render(&message).unwrap();
        assert!(
            letter.subject.contains("Lighthouse") && !letter.subject.contains("az_ml_"),
            "{name}"
        );
        let has_link = serde_json::to_string(&message).unwrap().contains(LINK);
        for part in [&letter.text, &letter.html] {
            assert_eq!(part.contains(LINK), has_link, "{name}");
            assert!(part.contains(&letter.subject), "{name}");
        }
        for loaded in ["<img", "<link", "<script", "url(", "@import"] {
            assert!(!letter.html.contains(loaded), "{name}: {loaded}");
        }
        std::fs::write(folder.join(format!("{name}.html")), &letter.html).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), &letter.text).unwrap();
    }
}
