//! The answer to an authorization request on its way to the client: by redirect or by a form that submits itself.
//! Refuses to carry anything but what the standards name, and always says who answers (RFC 9207).

use axum::response::Response;
use domain::oauth::authorize::{AuthorizeError, Destination, IssueCodeError, IssuedCode};
use http::StatusCode;
use oauth::authorization_response::AuthorizationResponse;
use oauth::error::OAuthError;
use oauth::redirect_uri::append_query;
use oauth::response::ResponseMode;

use crate::http::fault;
use crate::pages::refusal::see_other;
use crate::pages::view::{ErrorPage, FormPostPage};
use crate::pages::visitor::Visitor;
use crate::pages::{WebLink, respond};

fn code(visitor: &Visitor, destination: &Destination, code: IssuedCode) -> Response {
    answer(visitor, destination, Ok(code.0.into_text()))
}

/// The code, or why there is none.
pub fn issued(
    visitor: &Visitor,
    destination: &Destination,
    issued: Result<IssuedCode, IssueCodeError>,
) -> Response {
    match issued {
        Ok(issued) => code(visitor, destination, issued),
        Err(IssueCodeError::AlreadyAnswered) => {
            let words = "This sign-in is finished already. Please start again at the application";
            page(visitor, &OAuthError::invalid_request(words))
        }
        Err(IssueCodeError::Fault(error)) => fault(&error),
    }
}

pub fn error(visitor: &Visitor, destination: &Destination, error: OAuthError) -> Response {
    answer(visitor, destination, Err(error))
}

pub fn refusal(visitor: &Visitor, refusal: AuthorizeError) -> Response {
    match refusal {
        AuthorizeError::Page(error) => page(visitor, &error),
        AuthorizeError::Redirect(destination, reason) => error(visitor, &destination, reason),
        AuthorizeError::Fault(error) => fault(&error),
    }
}

fn answer(
    visitor: &Visitor,
    destination: &Destination,
    outcome: Result<oauth::secret::SecretText, OAuthError>,
) -> Response {
    let iss = visitor.state.authority.settings.issuer.clone();
    let response = AuthorizationResponse {
        outcome,
        state: destination.state.clone(),
        iss,
    };
    let pairs = response.pairs();
    match (
        destination.response_mode,
        WebLink::parse(&destination.redirect_uri),
    ) {
        (ResponseMode::FormPost, Some(redirect_uri)) => {
            let parameters = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let page = FormPostPage {
                layout: visitor.layout(),
                redirect_uri,
                parameters: parameters.collect(),
            };
            respond(StatusCode::OK, &page)
        }
        (ResponseMode::FormPost, None) => page(
            visitor,
            &OAuthError::invalid_request("This redirect_uri can't receive a form"),
        ),
        (ResponseMode::Query, _) => see_other(&append_query(&destination.redirect_uri, &pairs)),
    }
}

/// An error that must not be redirected (O04): shown on our own origin with its code.
pub fn page(visitor: &Visitor, error: &OAuthError) -> Response {
    let page = ErrorPage {
        layout: visitor.layout(),
        title: "This request can't be completed".to_owned(),
        message: "The application that sent you here made a request that this server can't accept."
            .to_owned(),
        code: Some(error.code().as_str().to_owned()),
        description: Some(error.description().to_owned()),
        request_id: visitor.ctx.origin.request_id.clone().unwrap_or_default(),
    };
    respond(StatusCode::BAD_REQUEST, &page)
}
