//! `/admin`: the administrators' console.
//! Refuses everybody else as if it did not exist (T07); the domain asks again at every change.

mod account_log;
mod accounts;
mod audit;
mod client;
mod client_deed;
mod client_form;
mod client_new;
mod clients;
mod confirm;
mod gate;
mod keys;
mod overview;
mod proxies;
mod registry;
mod sessions;
mod signing_keys;
mod user;
mod user_deed;
mod users;
mod words;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use domain::people::AdministrationError;
use http::StatusCode;

use super::respond;
use super::view::admin::{AdminPage, Block, Cell, Fact, Part, Section};
use super::visitor::person;
use crate::app::AppState;
use crate::http::fault;
use gate::Administrator;

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/admin", get(overview::show))
        .route("/admin/users", get(users::show))
        .route("/admin/users/{id}", get(user::show))
        .route(
            "/admin/users/{id}/{deed}",
            get(user_deed::show).post(user_deed::submit),
        )
        .route("/admin/sessions", get(sessions::show))
        .route(
            "/admin/sessions/{id}/end",
            get(sessions::show_end).post(sessions::end),
        )
        .route("/admin/keys", get(keys::show))
        .route(
            "/admin/keys/{id}/revoke",
            get(keys::show_revoke).post(keys::revoke),
        )
        .merge(server_wide())
}

/// What is about the server and not about somebody.
fn server_wide() -> Router<AppState> {
    Router::new()
        .route("/admin/clients", get(clients::show))
        .route(client_new::PATH, get(client_new::show).post(client_new::submit))
        .route("/admin/clients/{id}", get(client::show))
        .route(
            "/admin/clients/{id}/{deed}",
            get(client_deed::show).post(client_deed::submit),
        )
        .route("/admin/scopes", get(registry::show))
        .route("/admin/signing-keys", get(signing_keys::show))
        .route(
            signing_keys::ROTATE,
            get(signing_keys::show_rotate).post(signing_keys::rotate),
        )
        .route(
            "/admin/signing-keys/{kid}/remove",
            get(signing_keys::show_remove).post(signing_keys::remove),
        )
        .route("/admin/accounts", get(accounts::show))
        .route("/admin/accounts/{number}", get(accounts::show_one))
        .route("/admin/accounts/{number}/log", get(account_log::show))
        .route(
            "/admin/iam-users/{id}/{deed}",
            get(accounts::show_switch).post(accounts::switch),
        )
        .route("/admin/audit", get(audit::show))
        .route("/admin/audit/{id}", get(audit::show_one))
        .route("/admin/proxies", get(proxies::show))
}

/// What an address of the console may carry.
#[derive(Default, serde::Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    pub state: String,
    #[serde(default)]
    pub page: String,
    /// The word for what was just done.
    #[serde(default)]
    pub done: String,
}

impl ListQuery {
    /// What is searched for, as far as anything can be found by it.
    pub fn q(&self) -> String {
        self.q.trim().chars().take(200).collect()
    }

    /// T06: anything that is no page is the first one.
    pub fn page(&self) -> u64 {
        self.page.parse().unwrap_or(1).clamp(1, 1_000_000)
    }
}

/// One page being put together.
pub(super) struct Draft {
    section: Section,
    page: &'static str,
    title: String,
    badges: Vec<&'static str>,
    above: Option<(&'static str, String)>,
    lead: Vec<String>,
    parts: Vec<Part>,
    done: Option<&'static str>,
}

impl Draft {
    pub fn new(section: Section, page: &'static str) -> Self {
        Self {
            section,
            page,
            title: section.title().to_owned(),
            badges: Vec::new(),
            above: None,
            lead: Vec::new(),
            parts: Vec::new(),
            done: None,
        }
    }

    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    pub fn badges(mut self, badges: Vec<&'static str>) -> Self {
        self.badges = badges;
        self
    }

    /// A link to the page above.
    pub fn above(mut self, words: &'static str, href: impl Into<String>) -> Self {
        self.above = Some((words, href.into()));
        self
    }

    pub fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    pub fn heading(self, id: &'static str, words: impl Into<String>) -> Self {
        self.part(Part::Heading(id, words.into()))
    }

    pub fn form(self, block: Block) -> Self {
        self.part(Part::Form(Box::new(block)))
    }

    pub fn done(mut self, word: &str) -> Self {
        self.done = words::done(word);
        self
    }

    pub fn respond(self, admin: &Administrator, status: StatusCode) -> Response {
        let page = AdminPage {
            layout: admin.visitor.layout(),
            section: self.section,
            person: person(&admin.who.user),
            page: self.page,
            title: self.title,
            badges: self.badges,
            above: self.above,
            done: self.done,
            lead: self.lead,
            parts: self.parts,
        };
        admin.visitor.mark(respond(status, &page))
    }
}

pub(super) fn fact(name: &'static str, value: Cell) -> Fact {
    Fact { name, value }
}

/// The page that says why nothing was done.
pub(super) fn refused(admin: &Administrator, error: AdministrationError) -> Response {
    match error {
        AdministrationError::Oneself => gate::conflict(
            admin,
            "Administrators do not do this to themselves. Ask another one.",
        ),
        AdministrationError::OnlyAdministrator => gate::conflict(
            admin,
            "Nobody else administers this server. Make somebody else administrator first.",
        ),
        AdministrationError::Invalid(_) => gate::conflict(admin, "The account has problems."),
        AdministrationError::NotAdministrator | AdministrationError::UnknownUser => {
            gate::not_found(&admin.visitor)
        }
        AdministrationError::Fault(error) => fault(&error),
    }
}

/// A text of somebody inside a sentence of ours: marks of direction in it end with it (UAX #9 §2.4).
pub(super) fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}
