//! Another name for a passkey, and its end.
//! Refuses to end one before its owner has shown that it is them.

use axum::extract::Query;
use axum::response::Response;
use domain::people::PresenceDemand;
use http::StatusCode;
use model::PlainSecret;
use model::passkey::Passkey;

use super::{EDIT, PASSKEYS, described, name_field, with_id};
use crate::http::fault;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::two_step::to_login;
use crate::pages::view::{Button, PromptPage};
use crate::pages::visitor::Visitor;
use crate::pages::{presence, respond};

const REMOVE: &str = "/account/security/passkeys/remove";

/// Which passkey a page is about.
#[derive(serde::Deserialize)]
pub struct Which {
    #[serde(default)]
    id: String,
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
