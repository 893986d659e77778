//! `/account/history`: what happened to the account, newest first.

use axum::extract::Query;
use axum::response::Response;
use domain::people::HistoryCursor;
use http::StatusCode;
use storage::audit::StoredEvent;

use super::device_name::device_name;
use super::when::Clock;
use super::words::{detail, told};
use super::{AccountQuery, Draft, owner};
use crate::http::fault;
use crate::pages::view::account::{Part, Row, Rows, Section};
use crate::pages::visitor::Visitor;

const PATH: &str = "/account/history";
const PER_PAGE: u16 = 30;

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let who = match owner(&visitor, PATH) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let from = HistoryCursor::parse(&query.before);
    let authority = &visitor.state.authority;
    let (events, next) = match authority
        .account_history(&who.user, from.as_ref(), PER_PAGE)
        .await
    {
        Ok(page) => page,
        Err(error) => return fault(&error),
    };
    let clock = Clock::of(&who.user);
    let rows = events.iter().map(|event| row(event, &clock)).collect();
    let mut draft = Draft::new(Section::History, "page-account-history")
        .lead("What was done to your account, by you or by others.")
        .part(Part::Rows(Rows {
            id: "events",
            empty: "Nothing more.",
            rows,
        }));
    if from.is_some() {
        draft = draft.part(Part::Link("Newest", PATH.to_owned()));
    }
    if let Some(next) = next {
        draft = draft.part(Part::Link("Older", format!("{PATH}?before={next}")));
    }
    draft.respond(&visitor, who, StatusCode::OK).await
}

fn row(event: &StoredEvent, clock: &Clock) -> Row {
    let from = event.address.as_ref().map(|address| match &event.user_agent {
        Some(program) => format!("{} at {address}", device_name(Some(program))),
        None => format!("From {address}"),
    });
    Row {
        title: told(event),
        lines: std::iter::once(clock.moment(event.at))
            .chain(from)
            .chain(detail(event))
            .collect(),
        ..Row::default()
    }
}
