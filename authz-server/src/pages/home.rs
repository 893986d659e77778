//! `/`: who is signed in here, or how to be.

use axum::response::Response;
use http::StatusCode;

use super::respond;
use super::view::HomePage;
use super::visitor::{Visitor, person};

pub async fn show(visitor: Visitor) -> Response {
    let sign_out = visitor.form("/oauth2/logout/confirm", "");
    let may_register = visitor.state.authority.settings.registration.open;
    let page = HomePage {
        layout: visitor.layout(),
        signed_in: visitor
            .signed_in
            .as_ref()
            .map(|who| (person(&who.user), sign_out)),
        is_admin: visitor.signed_in.as_ref().is_some_and(|who| who.user.is_admin()),
        has_providers: visitor.state.authority.providers.infos().next().is_some(),
        login_href: "/login".to_owned(),
        register_href: may_register.then(|| "/register".to_owned()),
    };
    visitor.mark(respond(StatusCode::OK, &page))
}
