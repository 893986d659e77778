//! `/account/data`: everything the server knows about somebody, to take along.

use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::{AccountQuery, Draft, owner};
use crate::http::fault;
use crate::pages::posted::Posted;
use crate::pages::refusal::forged;
use crate::pages::view::Button;
use crate::pages::view::account::{FormPart, Part, Section};
use crate::pages::visitor::Visitor;

const PATH: &str = "/account/data";
const EXPORT: &str = "/account/data/export";

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let who = match owner(&visitor, PATH) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let download = Button {
        look: "secondary",
        ..Button::primary("data-export", "export", "Download my data")
    };
    let part = FormPart::new("export", "Your data", visitor.form(EXPORT, ""))
        .lead("One file with everything that we know about you: profile, sessions, applications and history. Keep it well.")
        .button(download);
    Draft::new(Section::Data, "page-account-data")
        .done(&query.done)
        .part(Part::Form(Box::new(part)))
        .part(Part::Link("Delete this account", "/account/delete".to_owned()))
        .respond(&visitor, who, StatusCode::OK)
        .await
}

pub async fn export(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, PATH) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(EXPORT, posted.csrf()) {
        return forged(&visitor);
    }
    let authority = &visitor.state.authority;
    match authority.export_account(&visitor.ctx, &who.user).await {
        Ok(data) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"account.json\"",
                ),
                (header::CACHE_CONTROL, "no-store"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
            ];
            (StatusCode::OK, headers, format!("{data:#}\n")).into_response()
        }
        Err(error) => fault(&error),
    }
}
