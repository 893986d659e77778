//! What browsers and OAuth clients reach: the pages and the token endpoint.
//! The pages are plain HTML and need no scripts.

mod access_token;
mod authorize;
mod install;
mod page;
mod request;

use axum::response::Response;

use crate::Endpoint;
use crate::call::Call;

pub(crate) use self::page::avatar;

pub(crate) fn dispatch(endpoint: Endpoint, call: &Call<'_>) -> Response {
    match endpoint {
        Endpoint::Authorize => authorize::ask(call),
        Endpoint::Decide => authorize::decide(call),
        Endpoint::AccessToken => access_token::answer(call),
        Endpoint::InstallPage => install::ask(call),
        Endpoint::Install => install::decide(call),
        _ => page::not_found(),
    }
}
