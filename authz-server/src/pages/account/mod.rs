//! `/account`: what people see of their own account and do with it.
//! Refuses strangers: they sign in first and come back.

mod applications;
mod billing;
mod data;
mod delete;
pub(super) mod device_name;
mod email;
mod history;
mod keys;
mod overview;
mod picture;
mod profile;
mod replace_key;
mod sessions;
mod team;
pub(super) mod when;
mod words;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use domain::oauth::authorize::SignedIn;
use http::StatusCode;

use super::flow::{sign_in_for, sign_in_for_account};
use super::refusal::see_other;
use super::respond;
use super::view::account::{AccountFrame, AccountPage, Done, PagerPart, Part, Section};
use super::visitor::{Visitor, person};
use crate::app::AppState;
use crate::http::fault;
use when::Clock;

const KEEP: &str = "/account/keep";

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/account", get(overview::show))
        .route("/account/profile", get(profile::show).post(profile::submit))
        .route(picture::UPLOAD, post(picture::upload))
        .route(picture::REMOVAL, post(picture::remove))
        .route("/account/email", get(email::show).post(email::change_email))
        .route("/account/password", post(email::change_password))
        .route("/account/sessions", get(sessions::show).post(sessions::submit))
        .route(
            "/account/applications",
            get(applications::show).post(applications::submit),
        )
        .route("/account/keys", get(keys::show).post(keys::submit))
        .route(
            replace_key::REPLACE,
            get(replace_key::show).post(replace_key::submit),
        )
        .merge(team::router())
        .merge(billing::router())
        .route("/account/history", get(history::show))
        .route("/account/data", get(data::show))
        .route("/account/data/export", post(data::export))
        .route("/account/delete", get(delete::show).post(delete::submit))
        .route(KEEP, post(delete::keep))
        .route(
            "/account/cancel-deletion",
            get(delete::show_cancel).post(delete::cancel),
        )
}

/// What an address of the area may carry.
#[derive(Default, serde::Deserialize)]
pub struct AccountQuery {
    /// The word for what was just done.
    #[serde(default)]
    pub done: String,
    /// Where a page of the history begins.
    #[serde(default)]
    pub before: String,
    #[serde(default)]
    pub token: String,
}

/// Who is signed in, or the way to sign in and come back to `path`.
fn owner<'a>(visitor: &'a Visitor, path: &str) -> Result<&'a SignedIn, Box<Response>> {
    visitor
        .signed_in
        .as_ref()
        .ok_or_else(|| Box::new(see_other(&sign_in_for(path))))
}

/// The same for a page about an account.
fn owner_for<'a>(visitor: &'a Visitor, (path, account): (&str, &str)) -> Result<&'a SignedIn, Box<Response>> {
    let signed_in = visitor.signed_in.as_ref();
    signed_in.ok_or_else(|| Box::new(see_other(&sign_in_for_account(path, account))))
}

/// One page being put together.
pub(super) struct Draft {
    section: Section,
    page: &'static str,
    title: &'static str,
    above: Option<(&'static str, String)>,
    lead: Vec<String>,
    parts: Vec<Part>,
    done: Option<Done>,
}

impl Draft {
    pub(super) fn new(section: Section, page: &'static str) -> Self {
        Self {
            section,
            page,
            title: section.title(),
            above: None,
            lead: Vec::new(),
            parts: Vec::new(),
            done: None,
        }
    }

    /// A page with a title of its own, below another one: its words and its address.
    pub(super) fn below(mut self, title: &'static str, above: (&'static str, String)) -> Self {
        self.title = title;
        self.above = Some(above);
        self
    }

    pub(super) fn lead(mut self, sentence: impl Into<String>) -> Self {
        self.lead.push(sentence.into());
        self
    }

    pub(super) fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// A link that leads on.
    pub(super) fn link(self, words: &'static str, href: &str) -> Self {
        self.part(Part::Link(words, href.to_owned()))
    }

    /// The ways to the pages of a list before and after this one; `size`: how many of the `total` stand on one.
    pub(super) fn pages(self, address: &str, (page, size, total): (i64, i64, i64)) -> Self {
        let count = (total + size - 1) / size;
        if count <= 1 && page == 1 {
            return self;
        }
        let to = |page: i64| format!("{address}&page={page}");
        self.part(Part::Pager(PagerPart {
            words: format!("Page {page} of {count}"),
            newer: (page > 1).then(|| to((page - 1).min(count.max(1)))),
            older: (page < count).then(|| to(page + 1)),
        }))
    }

    pub(super) fn done(mut self, word: &str) -> Self {
        self.done = words::done(word);
        self
    }

    pub(super) async fn respond(self, visitor: &Visitor, who: &SignedIn, status: StatusCode) -> Response {
        let deletion = match visitor.state.authority.pending_deletion(&who.user).await {
            Ok(deletion) => deletion,
            Err(error) => return fault(&error),
        };
        let clock = Clock::of(&who.user);
        let page = AccountPage {
            layout: visitor.layout(),
            frame: AccountFrame {
                section: self.section,
                person: person(&who.user),
                done: self.done,
                deletion: deletion
                    .map(|deletion| (clock.moment(deletion.scheduled_for), visitor.form(KEEP, ""))),
            },
            page: self.page,
            title: self.title,
            above: self.above,
            lead: self.lead,
            parts: self.parts,
        };
        visitor.mark(respond(status, &page))
    }
}
