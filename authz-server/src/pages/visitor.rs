//! Who is looking at a page: the browser, and the session behind its cookie if there is a live one.
//! Refuses to trust anything in the request but its cookies.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use domain::oauth::authorize::SignedIn;
use domain::people::trust_digest;
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use model::session::Session;
use model::user::User;
use model::{Ctx, SecretDigest};

use super::cookie::Cookie;
use super::mark::BrowserMark;
use super::view::{Form, Person};
use super::{Layout, Nonce, csrf};
use crate::app::AppState;
use crate::http::fault;

/// Where forms are posted that act for nobody yet.
const SIGNING_IN: [&str; 9] = [
    "/login/second",
    "/login/second/passkey",
    "/login/passkey",
    "/login",
    "/login/mail",
    "/login/code",
    "/login/link",
    "/register",
    "/setup",
];
const SIGNING_IN_WITH: &str = "/login/with/";

pub struct Visitor {
    pub ctx: Ctx,
    pub signed_in: Option<SignedIn>,
    pub state: AppState,
    headers: HeaderMap,
    mark: BrowserMark,
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let mut ctx = ctx(parts)?;
        let mark = BrowserMark::of(&parts.headers, state.https, ctx.random.as_ref());
        ctx.origin.device = (!mark.is_new()).then(|| mark.digest());
        ctx.origin.trust = Cookie::Trust
            .read(&parts.headers, state.https)
            .and_then(trust_digest);
        let signed_in = match Cookie::Session.read(&parts.headers, state.https) {
            Some(cookie) => state
                .authority
                .resume(&ctx, cookie)
                .await
                .map_err(|error| fault(&error))?,
            None => None,
        };
        Ok(Self {
            signed_in: signed_in.map(|(user, session)| SignedIn { user, session }),
            state: state.clone(),
            headers: parts.headers.clone(),
            mark,
            ctx,
        })
    }
}

/// The context that the frame has put into the request.
pub fn ctx(parts: &Parts) -> Result<Ctx, Response> {
    parts
        .extensions
        .get::<Ctx>()
        .cloned()
        .ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

impl Visitor {
    /// Ends the session this browser had before a new account took its place (S01).
    ///
    /// # Errors
    /// The answer to give when storage failed.
    pub async fn end_earlier_session(&self) -> Result<(), Response> {
        let Some(who) = &self.signed_in else {
            return Ok(());
        };
        let by = model::audit::Actor::User(who.user.id);
        let ended = self
            .state
            .authority
            .end_session(&self.ctx, who.session.id, by)
            .await;
        ended.map(|_| ()).map_err(|error| fault(&error))
    }

    /// The mark of this browser, as far as others may know it.
    pub fn mark_digest(&self) -> SecretDigest {
        self.mark.digest()
    }

    /// What the browser keeps in a cookie of ours.
    pub fn cookie(&self, cookie: Cookie) -> Option<&str> {
        cookie.read(&self.headers, self.state.https)
    }

    /// The live session of this browser.
    pub fn session(&self) -> Option<Session> {
        self.signed_in.as_ref().map(|who| who.session.clone())
    }

    pub fn layout(&self) -> Layout {
        let mut bytes = [0; 16];
        self.ctx.random.fill(&mut bytes);
        Layout::new(
            Arc::clone(&self.state.brand),
            Nonce::from_bytes(bytes),
            self.state.https,
        )
    }

    /// What a form is bound to besides the browser. Those that sign in work in every tab, whoever another tab has
    /// signed in meanwhile.
    fn session_text(&self, action: &str) -> String {
        let signed_in = self.signed_in.as_ref();
        signed_in
            .filter(|_| !SIGNING_IN.contains(&action) && !action.starts_with(SIGNING_IN_WITH))
            .map(|who| who.session.id.to_string())
            .unwrap_or_default()
    }

    /// A form of this visitor that is posted to `action`.
    pub fn form(&self, action: &str, flow: &str) -> Form {
        let csrf = csrf::token(
            &self.state.authority,
            self.mark.as_str(),
            &self.session_text(action),
            action,
        );
        Form {
            action: action.to_owned(),
            csrf,
            flow: flow.to_owned(),
        }
    }

    /// Whether a post to `action` with this token comes from a form of ours in this browser and session (S03).
    pub fn gave_form(&self, action: &str, token: Option<&str>) -> bool {
        let parts = [self.mark.as_str(), &self.session_text(action), action];
        !self.mark.is_new()
            && csrf::is_same_origin(&self.headers, &self.state.authority.settings.issuer)
            && token.is_some_and(|token| csrf::verify(&self.state.authority, token, parts))
    }

    /// `response`, with the browser's mark when it had none.
    pub fn mark(&self, response: Response) -> Response {
        self.mark.keep(response, self.state.https)
    }
}

/// The cookie that carries a session's secret, onto `response`.
pub fn begin_session(state: &AppState, mut response: Response, secret: &str) -> Response {
    let life = state.authority.settings.sessions.absolute.as_secs();
    append_cookie(&mut response, &Cookie::Session.set(secret, life, state.https));
    response
}

/// Makes the browser forget the session's secret.
pub fn forget_session(state: &AppState, mut response: Response) -> Response {
    append_cookie(&mut response, &Cookie::Session.clear(state.https));
    response
}

/// `Set-Cookie`, onto `response`.
pub fn append_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// The account as pages show it.
pub fn person(user: &User) -> Person {
    Person {
        name: user.profile.name.clone().unwrap_or_default(),
        username: user
            .username
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        email: Some(user.email.to_string()),
    }
}
