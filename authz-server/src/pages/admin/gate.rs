//! Who gets into the console.
//! Refuses whoever is signed in and no administrator with a page that says nothing is there (T07).

use axum::extract::FromRequestParts;
use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use http::StatusCode;
use http::request::Parts;
use model::audit::Actor;

use super::Section;
use crate::app::AppState;
use crate::pages::account::when::Clock;
use crate::pages::flow::sign_in_for;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, page as error_page, see_other};
use crate::pages::visitor::Visitor;

/// A visitor who administers the server at this moment.
pub struct Administrator {
    pub visitor: Visitor,
    pub who: SignedIn,
}

impl FromRequestParts<AppState> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let Some(who) = visitor.signed_in.clone() else {
            return Err(see_other(&sign_in_for(Section::of(parts.uri.path()).path())));
        };
        match who.user.is_admin() {
            true => Ok(Self { visitor, who }),
            false => Err(not_found(&visitor)),
        }
    }
}

impl Administrator {
    pub fn actor(&self) -> Actor {
        Actor::User(self.who.user.id)
    }

    pub fn clock(&self) -> Clock {
        Clock::of(&self.who.user)
    }

    /// S03: a form of ours, in this browser and session, for this path.
    pub fn gave(&self, path: &str, posted: &Posted) -> Result<(), Box<Response>> {
        match self.visitor.gave_form(path, posted.csrf()) {
            true => Ok(()),
            false => Err(Box::new(forged(&self.visitor))),
        }
    }
}

/// What strangers to the console see, and administrators where there is nothing.
pub fn not_found(visitor: &Visitor) -> Response {
    let words = "There is no such page, or what it was about is gone.";
    error_page(visitor, StatusCode::NOT_FOUND, "Nothing here", words)
}

/// What was asked for does not go.
pub fn conflict(admin: &Administrator, words: &str) -> Response {
    error_page(&admin.visitor, StatusCode::CONFLICT, "That did not work", words)
}
