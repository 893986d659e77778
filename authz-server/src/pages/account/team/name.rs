//! Naming an account on the team page.

use axum::extract::Query;
use axum::response::Response;
use domain::teams::RenameError;
use http::StatusCode;
use model::team::AccountName;

use super::seats::{Seats, seated, unknown};
use super::{Forms, NAME, TEAM, TeamQuery, form, page};
use crate::http::fault;
use crate::pages::account::owner;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::view::account::FormPart;
use crate::pages::view::{Button, Input};
use crate::pages::visitor::Visitor;

pub(super) fn name_form(visitor: &Visitor, seats: &Seats) -> FormPart {
    let account = &seats.current.account;
    FormPart::new(
        "account-naming",
        "Name of the account",
        form(visitor, seats, NAME),
    )
    .lead("Shown to those who are invited. Without one, the account is called after its root user.")
    .input(Input {
        id: "account-name",
        label: "Name".to_owned(),
        kind: "text",
        value: account.name.clone().unwrap_or_default(),
        autocomplete: "off",
        optional: true,
        ..Input::default()
    })
    .button(Button {
        look: "secondary",
        ..Button::primary("account-name-submit", "save", "Save")
    })
}

pub async fn rename(visitor: Visitor, Query(query): Query<TeamQuery>, posted: Posted) -> Response {
    let who = match owner(&visitor, TEAM) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(NAME, posted.csrf()) {
        return forged(&visitor);
    }
    let seats = match Seats::of(&visitor, who, &query.account).await {
        Ok(seats) => seats,
        Err(answer) => return *answer,
    };
    let seat = match seated(&visitor, who, (&seats, "account:Update")).await {
        Ok(seat) => seat,
        Err(answer) => return *answer,
    };
    let typed = posted.text("account-name").trim();
    let name = match typed.is_empty() {
        true => Ok(None),
        false => typed.parse::<AccountName>().map(Some),
    };
    let name = match name {
        Ok(name) => name,
        Err(error) => {
            let mut form = name_form(&visitor, &seats);
            if let Some(input) = form.input_mut("account-name") {
                input.value = typed.chars().take(200).collect();
            }
            form.complain("account-name", &sentence(&error.to_string()));
            let forms = Forms {
                invite: None,
                name: Some(form),
            };
            return page(&visitor, who, &seats, (forms, "", StatusCode::BAD_REQUEST)).await;
        }
    };
    let authority = &visitor.state.authority;
    match authority.rename_account(&visitor.ctx, &seat, name).await {
        Ok(_) => see_other(&(seats.address(TEAM) + "&done=account-name")),
        Err(RenameError::NotFound) => unknown(&visitor),
        Err(RenameError::Fault(error)) => fault(&error),
    }
}
