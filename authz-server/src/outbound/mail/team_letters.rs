//! Letters about teams.
//! Refuses subjects with what strangers typed: names stand in the letter, where it is said whose words they are.

use domain::mail::Message as Content;

use super::letterhead::{Words, circumstances, day};

pub(super) fn words(content: &Content, brand: &str) -> Words {
    match content {
        Content::TeamInvitation {
            link,
            account,
            inviter,
            role,
            expires_at,
        } => Words {
            title: format!("You are invited to a team on {brand}"),
            paragraphs: vec![
                "Somebody wants to work with you. Look at the invitation, and sign in or make an account with this e-mail address to accept it.".to_owned(),
            ],
            facts: vec![
                ("Account", account.clone()),
                ("Invited by", inviter.clone()),
                ("Your role", role.clone()),
                ("Until", day(*expires_at)),
            ],
            button: Some(("Look at the invitation", link.clone())),
            if_not_you: "If you don't know who this is, do nothing: nothing happens without you.",
            ..Words::default()
        },
        Content::MemberJoined {
            account,
            member,
            role,
            event,
        } => Words {
            title: format!("Somebody joined your {brand} account"),
            paragraphs: vec!["An invitation was accepted. This person may act in your account from now on.".to_owned()],
            facts: [
                vec![
                    ("Account", account.clone()),
                    ("Who", member.clone()),
                    ("Role", role.clone()),
                ],
                circumstances(event),
            ]
            .concat(),
            if_not_you: "If you don't know this person, remove them on the page of your team.",
            ..Words::default()
        },
        _ => Words::default(),
    }
}
