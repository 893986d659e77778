//! `/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0) and the sign-out of our own pages.
//! Refuses to end a session on another site's word: without a hint of this session the user is asked (O36).

use axum::extract::RawQuery;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::oauth::logout::LogoutPlan;
use http::StatusCode;
use model::audit::Actor;
use oauth::error::OAuthError;
use oauth::logout::LogoutRequest;
use oauth::params::{ParamLimits, Params};
use oauth::redirect_uri::append_query;
use serde::{Deserialize, Serialize};
use url::Url;

use super::authorize_response as answer;
use crate::http::fault;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::respond;
use crate::pages::view::{LoggedOutPage, LogoutPage};
use crate::pages::visitor::{Visitor, forget_session, person};

const CONFIRM: &str = "/oauth2/logout/confirm";
const PURPOSE: &str = "logout";

/// A verified return address on its way through the confirmation page.
#[derive(Serialize, Deserialize)]
struct Return {
    uri: String,
    state: Option<String>,
}

pub async fn by_get(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    match Params::parse(query.unwrap_or_default().as_bytes(), &ParamLimits::default()) {
        Ok(params) => log_out(&visitor, &params).await,
        Err(error) => answer::page(&visitor, &error.into()),
    }
}

pub async fn by_post(visitor: Visitor, posted: Posted) -> Response {
    log_out(&visitor, &posted.0).await
}

async fn log_out(visitor: &Visitor, params: &Params) -> Response {
    let request = match LogoutRequest::from_params(params) {
        Ok(request) => request,
        Err(error) => return answer::page(visitor, &error),
    };
    let session = visitor.signed_in.as_ref().map(|who| &who.session);
    let plan = match visitor
        .state
        .authority
        .plan_logout(&visitor.ctx, &request, session)
        .await
    {
        Ok(plan) => plan,
        Err(error) => return fault(&error),
    };
    if plan.bad_redirect {
        let words = "The post_logout_redirect_uri is not registered for this client, or the id_token_hint is missing or not valid";
        return answer::page(visitor, &OAuthError::invalid_request(words));
    }
    let back = plan.redirect.clone().map(|(uri, state)| Return { uri, state });
    if plan.confirm {
        ask(visitor, &plan, back)
    } else {
        finish(visitor, back).await
    }
}

fn ask(visitor: &Visitor, plan: &LogoutPlan, back: Option<Return>) -> Response {
    let Some(who) = &visitor.signed_in else {
        return logged_out(visitor);
    };
    let page = LogoutPage {
        layout: visitor.layout(),
        form: visitor.form(
            CONFIRM,
            &back
                .as_ref()
                .and_then(|back| seal(visitor, back))
                .unwrap_or_default(),
        ),
        account: person(&who.user),
        client_name: plan.client.as_ref().map(|client| client.name.clone()),
        post_logout_redirect_uri: back.and_then(|back| Url::parse(&back.uri).ok()),
    };
    visitor.mark(respond(StatusCode::OK, &page))
}

/// The answer to the confirmation page, and the sign-out button of our pages.
pub async fn confirm(visitor: Visitor, posted: Posted) -> Response {
    if !visitor.gave_form(CONFIRM, posted.csrf()) {
        return forged(&visitor);
    }
    if posted.text("decision") == "cancel" {
        return see_other("/");
    }
    let back = posted.0.get("flow").and_then(|sealed| open(&visitor, sealed));
    finish(&visitor, back).await
}

async fn finish(visitor: &Visitor, back: Option<Return>) -> Response {
    if let Some(who) = &visitor.signed_in {
        let by = Actor::User(who.user.id);
        if let Err(error) = visitor
            .state
            .authority
            .end_session(&visitor.ctx, who.session.id, by)
            .await
        {
            return fault(&error);
        }
    }
    let response = match back {
        Some(Return {
            uri,
            state: Some(state),
        }) => see_other(&append_query(&uri, &[("state", &state)])),
        Some(Return { uri, state: None }) => see_other(&uri),
        None => logged_out(visitor),
    };
    forget_session(&visitor.state, response)
}

fn logged_out(visitor: &Visitor) -> Response {
    respond(
        StatusCode::OK,
        &LoggedOutPage {
            layout: visitor.layout(),
            login_href: "/login".to_owned(),
        },
    )
}

fn seal(visitor: &Visitor, back: &Return) -> Option<String> {
    let plain = serde_json::to_vec(back).ok()?;
    let sealed = visitor
        .state
        .authority
        .sealer
        .seal(PURPOSE, &plain, visitor.ctx.random.as_ref())
        .ok()?;
    Some(URL_SAFE_NO_PAD.encode(sealed))
}

fn open(visitor: &Visitor, text: &str) -> Option<Return> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let plain = visitor.state.authority.sealer.open(PURPOSE, &sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
