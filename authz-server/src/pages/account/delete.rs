//! `/account/delete`, `/account/keep`, `/account/cancel-deletion`: leaving, and staying after all.
//! Refuses to do anything when a link is only looked at (L17).

use axum::extract::Query;
use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use domain::people::RequestDeletionError;
use http::StatusCode;
use model::PlainSecret;

use super::email::presence_fields;
use super::when::Clock;
use super::{AccountQuery, Draft, KEEP, owner};
use crate::http::fault;
use crate::pages::posted::Posted;
use crate::pages::presence::not_proven;
use crate::pages::refusal::{forged, see_other, wait_if};
use crate::pages::view::account::{FormPart, Part, Section};
use crate::pages::view::{Button, PromptPage};
use crate::pages::visitor::Visitor;
use crate::pages::{presence, respond};

const DELETE: &str = "/account/delete";
const CANCEL: &str = "/account/cancel-deletion";

pub async fn show(visitor: Visitor) -> Response {
    let who = match owner(&visitor, DELETE) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    match visitor.state.authority.pending_deletion(&who.user).await {
        Ok(None) => {
            let form = match form(&visitor, who).await {
                Ok(form) => form,
                Err(answer) => return *answer,
            };
            draft(form).respond(&visitor, who, StatusCode::OK).await
        }
        Ok(Some(_)) => see_other(Section::Data.path()),
        Err(error) => fault(&error),
    }
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, DELETE) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(DELETE, posted.csrf()) {
        return forged(&visitor);
    }
    let password = PlainSecret::new(posted.text("current-password"));
    let authority = &visitor.state.authority;
    let asked = authority
        .request_deletion(
            &visitor.ctx,
            (&who.user, &who.session),
            presence::given(&password, &posted),
        )
        .await;
    let Err(error) = asked else {
        return see_other("/account/data?done=delete");
    };
    let mut form = match form(&visitor, who).await {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    match error {
        RequestDeletionError::Presence(error) => {
            match not_proven(&mut form, error, ("current-password", DELETE)) {
                Ok((status, time)) => wait_if(draft(form).respond(&visitor, who, status).await, time),
                Err(answer) => *answer,
            }
        }
        RequestDeletionError::OnlyAdministrator => {
            form.error = Some(
                "You are the only administrator of this server. Make somebody else administrator first."
                    .to_owned(),
            );
            draft(form).respond(&visitor, who, StatusCode::CONFLICT).await
        }
        RequestDeletionError::Fault(error) => fault(&error),
    }
}

fn draft(form: FormPart) -> Draft {
    Draft::new(Section::Data, "page-account-delete")
        .below("Delete this account", ("Data", Section::Data.path().to_owned()))
        .part(Part::Form(Box::new(form)))
}

async fn form(visitor: &Visitor, who: &SignedIn) -> Result<FormPart, Box<Response>> {
    let demand = presence::demand(visitor, who).await?;
    let authority = &visitor.state.authority;
    let until = visitor.ctx.now.plus(authority.settings.deletion_grace);
    let form = FormPart::new("delete", "What happens then", visitor.form(DELETE, ""))
        .lead(format!(
            "Your account goes on until {}. Up to then you can change your mind, here or by a link that we send you.",
            Clock::of(&who.user).moment(until)
        ))
        .lead("After that everything personal in it is erased: profile, address, sessions, the access of applications. You can't sign in any more. This can't be undone, and nobody can get it back for you.");
    let form = presence_fields(demand, "current-password").fold(form, FormPart::input);
    Ok(form.button(Button {
        look: "danger",
        ..Button::primary("delete-submit", "delete", "Delete my account")
    }))
}

/// By its owner, from any page of the area.
pub async fn keep(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, Section::Overview.path()) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(KEEP, posted.csrf()) {
        return forged(&visitor);
    }
    let authority = &visitor.state.authority;
    match authority.cancel_deletion(&visitor.ctx, &who.user).await {
        Ok(_) => see_other("/account?done=keep"),
        Err(error) => fault(&error),
    }
}

pub async fn show_cancel(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    match visitor.state.authority.look_at_deletion(&query.token).await {
        Ok(Some((deletion, user))) => {
            let page = PromptPage::new(visitor.layout(), "page-cancel-deletion", "Keep your account?")
                .lead(format!(
                    "The account “{}” is to be erased on {}.",
                    user.display_name(),
                    Clock::of(&user).moment(deletion.scheduled_for)
                ))
                .form(visitor.form(CANCEL, ""))
                .hidden("token", query.token)
                .button(Button::primary("cancel-deletion-submit", "keep", "Keep it"));
            visitor.mark(respond(StatusCode::OK, &page))
        }
        Ok(None) => visitor.mark(nothing_to_cancel(&visitor)),
        Err(error) => fault(&error),
    }
}

pub async fn cancel(visitor: Visitor, posted: Posted) -> Response {
    if !visitor.gave_form(CANCEL, posted.csrf()) {
        return forged(&visitor);
    }
    let authority = &visitor.state.authority;
    match authority
        .cancel_deletion_by_link(&visitor.ctx, posted.text("token"))
        .await
    {
        Ok(true) => {
            let page = PromptPage::new(visitor.layout(), "page-deletion-cancelled", "Your account stays")
                .lead("If it was not you who asked to delete it, choose a new password now.")
                .link("", "Your account", "/account");
            respond(StatusCode::OK, &page)
        }
        Ok(false) => nothing_to_cancel(&visitor),
        Err(error) => fault(&error),
    }
}

fn nothing_to_cancel(visitor: &Visitor) -> Response {
    let page = PromptPage::new(
        visitor.layout(),
        "page-link-dead",
        "This link does not work any more",
    )
    .lead("The account is not to be deleted, or it was deleted already.")
    .link("", "Your account", "/account");
    respond(StatusCode::GONE, &page)
}
