//! `/account/applications`: who has been let into the account.
//! Refuses to hide one: whatever has access is listed.

use axum::extract::Query;
use axum::response::Response;
use domain::people::Application;
use http::StatusCode;
use model::ClientId;

use super::when::Clock;
use super::{AccountQuery, Draft, owner};
use crate::http::fault;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, page as error_page, see_other};
use crate::pages::view::account::{Part, Row, RowAct, Rows, Section};
use crate::pages::visitor::Visitor;

const ACTION: &str = "/account/applications";

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let authority = &visitor.state.authority;
    let applications = match authority.list_applications(&visitor.ctx, &who.user).await {
        Ok(applications) => applications,
        Err(error) => return fault(&error),
    };
    let clock = Clock::of(&who.user);
    let rows = applications
        .into_iter()
        .map(|application| row(&visitor, application, &clock))
        .collect();
    Draft::new(Section::Applications, "page-account-applications")
        .lead("These applications may use your account. One whose access you take away has to ask you again.")
        .done(&query.done)
        .part(Part::Rows(Rows {
            id: "applications",
            empty: "No application has access to your account.",
            rows,
        }))
        .respond(&visitor, who, StatusCode::OK)
        .await
}

fn row(visitor: &Visitor, application: Application, clock: &Clock) -> Row {
    let used = application.last_used_at.map_or_else(
        || "Not used at the moment".to_owned(),
        |at| format!("Last used {}", clock.moment(at)),
    );
    let items = application.scopes.into_iter().map(|scope| {
        if scope.description.is_empty() {
            scope.name
        } else {
            scope.description
        }
    });
    Row {
        items: items.collect(),
        title: application.client.name,
        badge: application.offline.then_some("Also while you are away"),
        lines: vec![used, format!("Since {}", clock.day(application.since))],
        act: Some(RowAct {
            form: visitor.form(ACTION, ""),
            field: ("client", application.client.id.to_string()),
            label: "Take away",
        }),
        ..Row::default()
    }
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    let Ok(client) = posted.text("client").parse::<ClientId>() else {
        return unknown(&visitor);
    };
    let authority = &visitor.state.authority;
    match authority
        .withdraw_consent(&visitor.ctx, who.user.id, &client)
        .await
    {
        Ok(true) => see_other("/account/applications?done=application"),
        Ok(false) => unknown(&visitor),
        Err(error) => fault(&error),
    }
}

fn unknown(visitor: &Visitor) -> Response {
    let words = "This application has no access to your account.";
    error_page(visitor, StatusCode::NOT_FOUND, "No such application", words)
}
