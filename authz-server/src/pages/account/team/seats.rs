//! The accounts somebody works in, the one that a page is about, and what they may do there.
//! Refuses to know an account that whoever asks is no member of.

use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use domain::teams::Seated;
use http::StatusCode;
use model::team::{Seat, TeamRole};

use super::SHOWN;
use crate::http::fault;
use crate::pages::refusal::page as error_page;
use crate::pages::visitor::Visitor;

/// The accounts of whoever is signed in, and the one that is looked at.
pub(in crate::pages::account) struct Seats {
    pub all: Vec<Seat>,
    pub total: i64,
    pub current: Seat,
}

impl Seats {
    /// The account that is named, if they work there; their own, if none is.
    pub(in crate::pages::account) async fn of(
        visitor: &Visitor,
        who: &SignedIn,
        named: &str,
    ) -> Result<Self, Box<Response>> {
        let authority = &visitor.state.authority;
        let seats = authority.list_seats(&visitor.ctx, who.user.id, (SHOWN, 0)).await;
        let (all, total) = seats.map_err(|error| Box::new(fault(&error)))?;
        let is_meant = |seat: &&Seat| match named {
            "" => seat.account.root == who.user.id,
            named => seat.account.id.to_string() == named,
        };
        match all.iter().find(is_meant).cloned() {
            Some(current) => Ok(Self { all, total, current }),
            None => Err(Box::new(unknown(visitor))),
        }
    }

    pub(in crate::pages::account) fn address(&self, path: &str) -> String {
        format!("{path}?account={}", self.current.account.id)
    }
}

/// Who may do this here, or the page that says that they may not.
pub(super) async fn seated(
    visitor: &Visitor,
    who: &SignedIn,
    (seats, action): (&Seats, &'static str),
) -> Result<Seated, Box<Response>> {
    let authority = &visitor.state.authority;
    let account = &seats.current.account.id;
    match authority.seat(&visitor.ctx, (who.user.id, account), action).await {
        Ok(Some(seated)) => Ok(seated),
        Ok(None) => {
            let words = "Your role in this account does not allow it. Ask one of its owners.";
            Err(Box::new(error_page(
                visitor,
                StatusCode::FORBIDDEN,
                "That is not yours to do",
                words,
            )))
        }
        Err(error) => Err(Box::new(fault(&error))),
    }
}

/// A role for a list to choose from, with what it may do.
pub(super) fn choosable(role: TeamRole) -> (String, String) {
    let may = match role {
        TeamRole::Owner => "everything",
        TeamRole::Admin => "everything but touch owners",
        TeamRole::Member => "use services, see the members",
        TeamRole::Billing => "look after the money, see the members",
        TeamRole::Viewer => "look",
    };
    (role.as_str().to_owned(), format!("{}: {may}", role.as_str()))
}

pub(in crate::pages::account) fn unknown(visitor: &Visitor) -> Response {
    let words = "It may have ended meanwhile, or it is not yours to see.";
    error_page(visitor, StatusCode::NOT_FOUND, "No such thing", words)
}
