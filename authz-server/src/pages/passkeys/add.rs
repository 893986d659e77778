//! A new passkey: its owner shows that it is them and names it, then the browser makes it.
//! Refuses the browser's answer to a question that was not asked of this browser.

use axum::response::Response;
use domain::people::{AddPasskeyError, PasskeyAnswer, PresenceDemand};
use http::StatusCode;
use model::PlainSecret;

use super::{ADD, PASSKEYS, name_field};
use crate::http::fault;
use crate::pages::passkey::filled;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::two_step::{codes_page, to_login};
use crate::pages::view::{Button, Ceremony, PromptPage};
use crate::pages::visitor::{Visitor, begin_session};
use crate::pages::{presence, respond};

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
