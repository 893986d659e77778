//! `/account/keys/replace`: a new key in the place of an old one, confirmed, with a time for programs to be told.
//! Refuses to show the text of a key twice, and to make one without the password of whoever has one (S11).

use std::str::FromStr as _;

use axum::extract::Query;
use axum::response::Response;
use domain::api_keys::RotateKeyError;
use domain::oauth::authorize::SignedIn;
use http::StatusCode;
use model::PlainSecret;
use model::api_key::{ApiKey, ApiKeyId, KeyOverlap};

use super::email::presence_fields;
use super::keys::{self, ACTION, shown, unknown};
use super::{Draft, owner};
use crate::http::fault;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::presence::{self, not_proven};
use crate::pages::refusal::{forged, page as error_page, wait_if};
use crate::pages::view::account::{Choice, FormPart, Part, Section};
use crate::pages::view::{Button, Form};
use crate::pages::visitor::Visitor;

pub(super) const REPLACE: &str = "/account/keys/replace";
const OVERLAPS: [(&str, &str); 5] = [
    ("0h", "No time: it ends at once"),
    ("1h", "1 hour"),
    ("24h", "1 day"),
    ("3d", "3 days"),
    ("7d", "7 days"),
];

/// Which key.
#[derive(serde::Deserialize)]
pub struct Which {
    #[serde(default)]
    key: String,
}

/// Where the key is asked about.
pub(super) fn address(key: &ApiKey) -> String {
    format!("{REPLACE}?key={}", key.id)
}

pub async fn show(visitor: Visitor, Query(which): Query<Which>) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let key = match find(&visitor, who, &which.key).await {
        Ok(key) => key,
        Err(answer) => return *answer,
    };
    match form(&visitor, who, &key).await {
        Ok(form) => page(&visitor, who, form, StatusCode::OK).await,
        Err(answer) => *answer,
    }
}

async fn find(visitor: &Visitor, who: &SignedIn, id: &str) -> Result<ApiKey, Box<Response>> {
    let Ok(id) = ApiKeyId::from_str(id) else {
        return Err(Box::new(unknown(visitor)));
    };
    let authority = &visitor.state.authority;
    match authority.find_api_key(&visitor.ctx, who.user.id, id).await {
        Ok(Some(key)) if key.replaced_by.is_some() => Err(Box::new(replaced(visitor))),
        Ok(Some(key)) => Ok(key),
        Ok(None) => Err(Box::new(unknown(visitor))),
        Err(error) => Err(Box::new(fault(&error))),
    }
}

fn replaced(visitor: &Visitor) -> Response {
    let words = "Another key has taken the place of this one before.";
    error_page(visitor, StatusCode::CONFLICT, "Replaced already", words)
}

async fn form(visitor: &Visitor, who: &SignedIn, key: &ApiKey) -> Result<FormPart, Box<Response>> {
    let demand = presence::demand(visitor, who).await?;
    let target = Form {
        action: address(key),
        ..visitor.form(REPLACE, "")
    };
    let mut form = FormPart::new("replace-key", "Replace this key", target)
        .lead(format!(
            "You get a new key that may do what “{}” ({}…) may.",
            key.name, key.prefix
        ))
        .lead("The old key goes on for the time you choose, so that programs can be given the new one.");
    form.choice = Some(Choice {
        id: "overlap",
        label: "The old key goes on for",
        value: "24h".to_owned(),
        values: Choice::worded(OVERLAPS),
        is_required: true,
        ..Choice::default()
    });
    let form = presence_fields(demand, "current-password").fold(form, FormPart::input);
    Ok(form.button(Button::primary("key-replace", "replace", "Replace the key")))
}

async fn page(visitor: &Visitor, who: &SignedIn, form: FormPart, status: StatusCode) -> Response {
    Draft::new(Section::Keys, "page-account-key-replace")
        .below("Replace an API key", ("API keys", ACTION.to_owned()))
        .part(Part::Form(Box::new(form)))
        .respond(visitor, who, status)
        .await
}

pub async fn submit(visitor: Visitor, Query(which): Query<Which>, posted: Posted) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(REPLACE, posted.csrf()) {
        return forged(&visitor);
    }
    let key = match find(&visitor, who, &which.key).await {
        Ok(key) => key,
        Err(answer) => return *answer,
    };
    let form = match form(&visitor, who, &key).await {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    replace(&visitor, who, (&key, form), &posted).await
}

async fn replace(
    visitor: &Visitor,
    who: &SignedIn,
    (key, mut again): (&ApiKey, FormPart),
    posted: &Posted,
) -> Response {
    let overlap = KeyOverlap::parse(posted.text("overlap"));
    if let Some(choice) = &mut again.choice {
        posted.text("overlap").clone_into(&mut choice.value);
        choice.error = overlap.as_ref().err().map(|error| sentence(&error.to_string()));
    }
    let Ok(overlap) = overlap else {
        return page(visitor, who, again, StatusCode::BAD_REQUEST).await;
    };
    let authority = &visitor.state.authority;
    let password = PlainSecret::new(posted.text("current-password"));
    let given = presence::given(&password, posted);
    let proven = authority.prove_presence(&visitor.ctx, (&who.user, &who.session), given);
    if let Err(error) = proven.await {
        return match not_proven(&mut again, error, ("current-password", ACTION)) {
            Ok((status, time)) => wait_if(page(visitor, who, again, status).await, time),
            Err(answer) => *answer,
        };
    }
    let new = authority.rotate_api_key(&visitor.ctx, &who.user, key.id, overlap.duration());
    match new.await {
        Ok(new) => shown(visitor, &new.key, &new.text),
        Err(RotateKeyError::Unknown) => unknown(visitor),
        Err(RotateKeyError::Replaced) => replaced(visitor),
        Err(error) => refused(visitor, who, again, error).await,
    }
}

async fn refused(visitor: &Visitor, who: &SignedIn, mut form: FormPart, error: RotateKeyError) -> Response {
    form.error = Some(sentence(&error.to_string()));
    let status = match error {
        RotateKeyError::Fault(error) => return fault(&error),
        RotateKeyError::Refused(error) => match keys::status(&error) {
            Ok(status) => status,
            Err(error) => return fault(error),
        },
        RotateKeyError::Overlap | RotateKeyError::Unknown | RotateKeyError::Replaced => {
            StatusCode::BAD_REQUEST
        }
    };
    page(visitor, who, form, status).await
}
