//! `/account/security/passkeys`: the passkeys of whoever is signed in, new ones, other names, an end.
//! Refuses to make or remove one before its owner has shown that it is them.

use axum::extract::Query;
use axum::response::Response;
use domain::people::{AddPasskeyError, PasskeyAnswer, PresenceDemand};
use http::StatusCode;
use model::passkey::{MOST_PASSKEYS, Passkey};
use model::{PasskeyId, PlainSecret, Timestamp};

use super::passkey::filled;
use super::posted::Posted;
use super::refusal::{forged, see_other};
use super::two_step::{codes_page, to_login};
use super::view::{Button, Ceremony, Input, PromptPage};
use super::visitor::{Visitor, begin_session};
use super::{presence, respond};
use crate::http::fault;

/// The list; every other page leads back to it.
pub const PASSKEYS: &str = "/account/security/passkeys";
const ADD: &str = "/account/security/passkeys/add";
const EDIT: &str = "/account/security/passkeys/edit";
const REMOVE: &str = "/account/security/passkeys/remove";

/// Which passkey a page is about.
#[derive(serde::Deserialize)]
pub struct Which {
    #[serde(default)]
    id: String,
}

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

/// Asks for the password and a name.
pub async fn show_add(visitor: Visitor) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    let demand = match presence::demand(&visitor, who).await {
        Ok(demand) if demand.sign_in => return to_login(),
        Ok(demand) => demand,
        Err(answer) => return *answer,
    };
    match visitor.state.authority.list_passkeys(who.user.id).await {
        Ok(known) => {
            let name = match known.len() {
                0 => "Passkey".to_owned(),
                others => format!("Passkey {}", others + 1),
            };
            visitor.mark(respond(StatusCode::OK, &add_page(&visitor, &name, demand)))
        }
        Err(error) => fault(&error),
    }
}

fn add_page(visitor: &Visitor, name: &str, demand: PresenceDemand) -> PromptPage {
    let page = PromptPage::new(visitor.layout(), "page-passkey-add", "Add a passkey")
        .form(visitor.form(ADD, ""))
        .input(name_field(name))
        .button(Button::primary("passkey-begin", "begin", "Go on"))
        .link("", "Not now", PASSKEYS);
    presence::fields(demand).into_iter().fold(page, PromptPage::input)
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

pub async fn add(visitor: Visitor, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    if !visitor.gave_form(ADD, posted.csrf()) {
        return forged(&visitor);
    }
    if !posted.text("state").is_empty() {
        return finish(&visitor, &posted).await;
    }
    let demand = match presence::demand(&visitor, who).await {
        Ok(demand) => demand,
        Err(answer) => return *answer,
    };
    let (password, name) = (
        PlainSecret::new(posted.text("current-password")),
        posted.text("name"),
    );
    let given = presence::given(&password, &posted);
    let session = (&who.user, &who.session);
    let begun = visitor
        .state
        .authority
        .begin_passkey(&visitor.ctx, session, &visitor.mark_digest(), (given, name))
        .await;
    match begun {
        Ok(ceremony) => {
            let label = (Ceremony::Create, "Create the passkey");
            let page = PromptPage::new(visitor.layout(), "page-passkey-create", "Create the passkey")
                .lead("Your browser asks you where to keep it and how to unlock it.")
                .passkey(Some(filled(&visitor, (ADD, ""), label, ceremony)))
                .link("", "Not now", PASSKEYS);
            respond(StatusCode::OK, &page)
        }
        Err(error) => refused(add_page(&visitor, name, demand), error),
    }
}

async fn finish(visitor: &Visitor, posted: &Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    let browser = visitor.mark_digest();
    let answer = PasskeyAnswer {
        state: posted.text("state"),
        credential: posted.text("credential"),
        browser: &browser,
    };
    let session = (&who.user, &who.session);
    match visitor
        .state
        .authority
        .add_passkey(&visitor.ctx, session, answer)
        .await
    {
        Ok(added) => {
            let page = match &added.codes {
                Some(codes) => codes_page(visitor, codes),
                None => see_other(PASSKEYS),
            };
            begin_session(&visitor.state, page, added.signed_in.cookie.expose())
        }
        Err(error) => match presence::demand(visitor, who).await {
            Ok(demand) => refused(add_page(visitor, "Passkey", demand), error),
            Err(answer) => *answer,
        },
    }
}

fn refused(page: PromptPage, error: AddPasskeyError) -> Response {
    let words = match error {
        AddPasskeyError::Fault(error) => return fault(&error),
        AddPasskeyError::Presence(error) => return presence::refused(page, error),
        AddPasskeyError::Refused => "This did not work, or it took too long. Please try again.",
        AddPasskeyError::Known => "This passkey is in use already.",
        AddPasskeyError::TooMany => "You have as many passkeys as you can have. Remove one first.",
        AddPasskeyError::Unavailable => "At this address passkeys can't be used.",
    };
    respond(StatusCode::BAD_REQUEST, &page.error(Some(words.to_owned())))
}

/// The passkey of whoever is signed in that is meant.
async fn find(visitor: &Visitor, id: &str) -> Result<Passkey, Response> {
    let Some(who) = &visitor.signed_in else {
        return Err(to_login());
    };
    let known = visitor.state.authority.list_passkeys(who.user.id).await;
    let known = known.map_err(|error| fault(&error))?;
    let found = known.into_iter().find(|passkey| passkey.id.to_string() == id);
    found.ok_or_else(|| see_other(PASSKEYS))
}

pub async fn show_edit(visitor: Visitor, Query(which): Query<Which>) -> Response {
    let passkey = match find(&visitor, &which.id).await {
        Ok(passkey) => passkey,
        Err(response) => return response,
    };
    let page = PromptPage::new(visitor.layout(), "page-passkey-edit", "Rename this passkey")
        .lead(described(&passkey))
        .form(visitor.form(EDIT, ""))
        .hidden("id", passkey.id.to_string())
        .input(name_field(passkey.name.as_str()))
        .button(Button::primary("passkey-rename", "rename", "Save the name"))
        .link("", "Remove this passkey", with_id(REMOVE, passkey.id))
        .link("", "Keep it as it is", PASSKEYS);
    visitor.mark(respond(StatusCode::OK, &page))
}

pub async fn rename(visitor: Visitor, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    if !visitor.gave_form(EDIT, posted.csrf()) {
        return forged(&visitor);
    }
    let passkey = match find(&visitor, posted.text("id")).await {
        Ok(passkey) => passkey,
        Err(response) => return response,
    };
    let authority = &visitor.state.authority;
    let which = (who.user.id, passkey.id);
    match authority
        .rename_passkey(&visitor.ctx, which, posted.text("name"))
        .await
    {
        Ok(_) => see_other(PASSKEYS),
        Err(error) => fault(&error),
    }
}

pub async fn show_remove(visitor: Visitor, Query(which): Query<Which>) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    let passkey = match find(&visitor, &which.id).await {
        Ok(passkey) => passkey,
        Err(response) => return response,
    };
    match presence::demand(&visitor, who).await {
        Ok(demand) if demand.sign_in => to_login(),
        Ok(demand) => visitor.mark(respond(StatusCode::OK, &remove_page(&visitor, &passkey, demand))),
        Err(answer) => *answer,
    }
}

fn remove_page(visitor: &Visitor, passkey: &Passkey, demand: PresenceDemand) -> PromptPage {
    let mut button = Button::primary("passkey-remove", "remove", "Remove it");
    button.look = "danger";
    let page = PromptPage::new(visitor.layout(), "page-passkey-remove", "Remove this passkey?")
        .lead(described(passkey))
        .lead("It does not sign you in any more. If it is your last second step, you are signed out everywhere else, and your backup codes are thrown away.")
        .form(visitor.form(REMOVE, ""))
        .hidden("id", passkey.id.to_string())
        .button(button)
        .link("", "Keep it", PASSKEYS);
    presence::fields(demand).into_iter().fold(page, PromptPage::input)
}

pub async fn remove(visitor: Visitor, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    if !visitor.gave_form(REMOVE, posted.csrf()) {
        return forged(&visitor);
    }
    let passkey = match find(&visitor, posted.text("id")).await {
        Ok(passkey) => passkey,
        Err(response) => return response,
    };
    let demand = match presence::demand(&visitor, who).await {
        Ok(demand) => demand,
        Err(answer) => return *answer,
    };
    let password = PlainSecret::new(posted.text("current-password"));
    let given = presence::given(&password, &posted);
    let authority = &visitor.state.authority;
    let session = (&who.user, &who.session);
    match authority
        .remove_passkey(&visitor.ctx, session, (passkey.id, given))
        .await
    {
        Ok(_) => see_other(PASSKEYS),
        Err(error) => presence::refused(remove_page(&visitor, &passkey, demand), error),
    }
}
