//! `/account/security/passkeys`: the passkeys of whoever is signed in, new ones, other names, an end.
//! Refuses to make or remove one before its owner has shown that it is them.

mod add;
mod change;

use axum::response::Response;
use http::StatusCode;
use model::passkey::{MOST_PASSKEYS, Passkey};
use model::{PasskeyId, Timestamp};

pub use add::{add, show_add};
pub use change::{remove, rename, show_edit, show_remove};

use super::respond;
use super::two_step::to_login;
use super::view::{Input, PromptPage};
use super::visitor::Visitor;
use crate::http::fault;

/// The list; every other page leads back to it.
pub const PASSKEYS: &str = "/account/security/passkeys";
const ADD: &str = "/account/security/passkeys/add";
const EDIT: &str = "/account/security/passkeys/edit";

pub async fn show(visitor: Visitor) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    match visitor.state.authority.list_passkeys(who.user.id).await {
        Ok(known) => visitor.mark(respond(StatusCode::OK, &list(&visitor, &known))),
        Err(error) => fault(&error),
    }
}

fn list(visitor: &Visitor, known: &[Passkey]) -> PromptPage {
    let mut page = PromptPage::new(visitor.layout(), "page-passkeys", "Your passkeys");
    page = match known.is_empty() {
        true => page.lead("You have none yet. A passkey is kept by your phone, computer or security key, and signs you in with a finger, a face or a PIN: nothing to remember, nothing to be stolen."),
        false => page.lead("Each of these signs you in, alone or after your password."),
    };
    for passkey in known {
        let href = with_id(EDIT, passkey.id);
        page = page.link(described(passkey), "Rename or remove", href);
    }
    match visitor.state.authority.knows_passkeys() && known.len() < MOST_PASSKEYS {
        true => page.link("", "Add a passkey", ADD),
        false if known.is_empty() => {
            page.lead("At this address passkeys can't be used: browsers want a site with a name.")
        }
        false => page,
    }
    .link("", "Back to two-step sign-in", "/account/security")
}

fn with_id(path: &str, id: PasskeyId) -> String {
    format!("{path}?id={id}")
}

fn described(passkey: &Passkey) -> String {
    let used = passkey
        .last_used_at
        .map_or("not used yet".to_owned(), |at| format!("last used {}", day(at)));
    format!("“{}”, added {}, {used}.", passkey.name, day(passkey.created_at))
}

fn day(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros())
        .map(|at| at.strftime("%-d %B %Y").to_string())
        .unwrap_or_default()
}

fn name_field(name: &str) -> Input {
    Input {
        id: "name",
        label: "Name".to_owned(),
        kind: "text",
        value: name.to_owned(),
        autocomplete: "off",
        hint: "So that you know it again, such as the device that keeps it.".to_owned(),
        ..Input::default()
    }
}
