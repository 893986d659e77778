//! `/setup`: the first administrator, made by whoever holds the one-time link.
//! Refuses a link that was used or replaced; the page alone consumes nothing.

use axum::extract::Query;
use axum::response::Response;
use domain::people::SetupError;
use http::StatusCode;

use super::account_form::{blank, fields, typed};
use super::posted::Posted;
use super::refusal::{forged, page as error_page, see_other};
use super::respond;
use super::view::{AccountFields, SetupPage};
use super::visitor::{Visitor, begin_session};
use crate::http::fault;

const ACTION: &str = "/setup";

#[derive(serde::Deserialize)]
pub struct SetupQuery {
    #[serde(default)]
    token: String,
}

pub async fn show(visitor: Visitor, Query(query): Query<SetupQuery>) -> Response {
    match visitor
        .state
        .authority
        .is_setup_open(&visitor.ctx, &query.token)
        .await
    {
        Ok(true) => {
            let page = page(&visitor, &query.token, blank(&visitor));
            visitor.mark(respond(StatusCode::OK, &page))
        }
        Ok(false) => gone(&visitor),
        Err(error) => fault(&error),
    }
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    let token = posted.text("flow");
    match visitor
        .state
        .authority
        .accept_setup(&visitor.ctx, token, typed(&posted))
        .await
    {
        Ok(signed_in) => match visitor.end_earlier_session().await {
            Ok(()) => begin_session(&visitor.state, see_other("/"), signed_in.cookie.expose()),
            Err(failure) => failure,
        },
        Err(SetupError::Invalid(problems)) => respond(
            StatusCode::BAD_REQUEST,
            &page(&visitor, token, fields(&visitor, &posted, &problems)),
        ),
        Err(SetupError::LinkInvalid) => gone(&visitor),
        Err(SetupError::Fault(error)) => fault(&error),
    }
}

fn gone(visitor: &Visitor) -> Response {
    let words = "This link was used already, was replaced by a newer one or has expired. \
                 While there is no administrator, each start of the server prints a new one.";
    error_page(
        visitor,
        StatusCode::GONE,
        "This link does not work any more",
        words,
    )
}

fn page(visitor: &Visitor, token: &str, fields: AccountFields) -> SetupPage {
    SetupPage {
        layout: visitor.layout(),
        form: visitor.form(ACTION, token),
        fields,
        error: None,
    }
}
