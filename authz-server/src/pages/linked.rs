//! `/account/linked`: the accounts at other providers that sign this person in.
//! Refuses visitors who are not signed in, and to remove the only way in.

use axum::response::Response;
use domain::federation::UnlinkError;
use domain::oauth::authorize::SignedIn;
use http::StatusCode;

use super::flow::sign_in_for;
use super::posted::Posted;
use super::refusal::{forged, see_other};
use super::respond;
use super::view::{LinkedPage, LinkedRow, ProviderButton};
use super::visitor::Visitor;
use crate::http::fault;

pub const PATH: &str = "/account/linked";

pub async fn show(visitor: Visitor) -> Response {
    answer(&visitor, StatusCode::OK, None).await
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return see_other(&sign_in_for(PATH));
    };
    if !visitor.gave_form(PATH, posted.csrf()) {
        return forged(&visitor);
    }
    let whose = (posted.text("provider"), posted.text("subject"));
    let (authority, ctx, user) = (&visitor.state.authority, &visitor.ctx, who.user.id);
    let done = match posted.text("decision") {
        "activate" => authority
            .activate_linked_account(ctx, user, whose)
            .await
            .map(|_| ()),
        "remove" => authority.unlink_account(ctx, user, whose).await,
        _ => return see_other(PATH),
    };
    match done {
        Ok(()) | Err(UnlinkError::NotFound) => see_other(PATH),
        Err(UnlinkError::OnlyWayIn) => {
            let words = "This is your only way to sign in. Choose a password or add another account first.";
            answer(&visitor, StatusCode::CONFLICT, Some(words.to_owned())).await
        }
        Err(UnlinkError::Fault(error)) => fault(&error),
    }
}

async fn answer(visitor: &Visitor, status: StatusCode, error: Option<String>) -> Response {
    let Some(who) = &visitor.signed_in else {
        return see_other(&sign_in_for(PATH));
    };
    match page(visitor, who, error).await {
        Ok(page) => respond(status, &page),
        Err(error) => fault(&error),
    }
}

async fn page(visitor: &Visitor, who: &SignedIn, error: Option<String>) -> Result<LinkedPage, domain::Fault> {
    let authority = &visitor.state.authority;
    let accounts = authority.linked_accounts(who.user.id).await?;
    let named = |id: &str| {
        let provider = authority.providers.find(id);
        provider.map_or_else(|| id.to_owned(), |provider| provider.info().name.clone())
    };
    let rows = accounts.iter().map(|account| LinkedRow {
        provider: account.provider.clone(),
        provider_name: named(&account.provider),
        subject: account.subject.clone(),
        name: account.display_name().to_owned(),
        active: account.is_active(),
        has_siblings: accounts
            .iter()
            .filter(|other| other.provider == account.provider)
            .count()
            > 1,
    });
    let adding = authority.providers.infos().map(|info| ProviderButton {
        id: info.id.clone(),
        label: format!("Add {} account", info.name),
        form: visitor.form(&format!("{PATH}/{}", info.id), ""),
        web: info.web.clone(),
    });
    Ok(LinkedPage {
        layout: visitor.layout(),
        form: visitor.form(PATH, ""),
        rows: rows.collect(),
        error,
        providers: adding.collect(),
    })
}
