//! `/account/keys`: the API keys of whoever is signed in, new ones, their end.
//! Refuses to show the text of a key twice, and to make one without the password of whoever has one (S11).

use std::str::FromStr as _;

use axum::extract::Query;
use axum::response::Response;
use domain::Fault;
use domain::api_keys::{CreateKeyError, NewApiKey};
use domain::oauth::authorize::SignedIn;
use http::StatusCode;
use model::PlainSecret;
use model::api_key::{ApiKey, ApiKeyId, KeyKind, KeyLife, KeyName};
use model::audit::Actor;
use oauth::permission::PermissionSet;

use super::email::presence_fields;
use super::when::Clock;
use super::{AccountQuery, Draft, owner, replace_key};
use crate::http::fault;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::presence::not_proven;
use crate::pages::refusal::{forged, page as error_page, see_other, wait_if};
use crate::pages::view::account::{Choice, FormPart, Part, Row, RowAct, Rows, Section};
use crate::pages::view::{Button, Input, PromptPage};
use crate::pages::visitor::Visitor;
use crate::pages::{presence, respond};

pub(super) const ACTION: &str = "/account/keys";
const LIVES: [(&str, &str); 4] = [
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("365d", "A year"),
    ("never", "Never"),
];

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let form = match form(&visitor, who).await {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    page(&visitor, who, form, (&query.done, StatusCode::OK)).await
}

async fn page(
    visitor: &Visitor,
    who: &SignedIn,
    form: FormPart,
    (done, status): (&str, StatusCode),
) -> Response {
    let authority = &visitor.state.authority;
    let keys = authority.list_api_keys(&visitor.ctx, who.user.id, &KeyKind::ALL);
    let keys = match keys.await {
        Ok(keys) => keys,
        Err(error) => return fault(&error),
    };
    let clock = Clock::of(&who.user);
    let several = keys.len() > 1;
    let rows = keys.into_iter().map(|key| row(visitor, &key, &clock)).collect();
    let mut draft = Draft::new(Section::Keys, "page-account-keys")
        .lead("With an API key a program acts for you. Whoever has the key may do what it allows: keep it like a password. No key can change how you sign in.")
        .done(done)
        .part(Part::Rows(Rows {
            id: "keys",
            empty: "You have no API keys.",
            rows,
        }));
    if several {
        draft = draft.part(Part::Form(Box::new(all(visitor))));
    }
    draft
        .part(Part::Form(Box::new(form)))
        .respond(visitor, who, status)
        .await
}

fn row(visitor: &Visitor, key: &ApiKey, clock: &Clock) -> Row {
    let used = key.last_used_at.map_or_else(
        || "Not used yet".to_owned(),
        |at| format!("Last used {}", clock.moment(at)),
    );
    let ends = key.expiry().map_or_else(
        || "never ends".to_owned(),
        |at| format!("ends {}", clock.moment(at)),
    );
    Row {
        title: key.name.to_string(),
        figure: None,
        badge: key.replaced_by.is_some().then_some("Replaced"),
        lines: vec![
            format!("{}…", key.prefix),
            used,
            format!("Made {}, {ends}", clock.day(key.created_at)),
        ],
        items: key.permissions.to_list().into_iter().map(str::to_owned).collect(),
        act: Some(RowAct {
            form: visitor.form(ACTION, ""),
            field: ("key", key.id.to_string()),
            label: "Take away",
        }),
        link: key
            .replaced_by
            .is_none()
            .then(|| ("Replace", replace_key::address(key))),
    }
}

fn all(visitor: &Visitor) -> FormPart {
    FormPart::new("end-keys", "Take away all keys", visitor.form(ACTION, ""))
        .lead("Every program that uses one of them stops working for you at once.")
        .button(Button {
            look: "danger",
            ..Button::primary("keys-end-all", "all", "Take away all keys")
        })
}

async fn form(visitor: &Visitor, who: &SignedIn) -> Result<FormPart, Box<Response>> {
    let demand = presence::demand(visitor, who).await?;
    let text = |id, label: &str, hint: &str| Input {
        id,
        label: label.to_owned(),
        kind: "text",
        autocomplete: "off",
        hint: hint.to_owned(),
        ..Input::default()
    };
    let mut form = FormPart::new("new-key", "Make a key", visitor.form(ACTION, ""))
        .input(text("name", "Name", "So that you know it again."))
        .input(text(
            "scopes",
            "What it may do",
            "Permissions such as databases:read, separated by spaces.",
        ));
    form.choice = Some(Choice {
        id: "expires-in",
        label: "Ends after",
        value: "90d".to_owned(),
        values: Choice::worded(LIVES),
        is_required: true,
        ..Choice::default()
    });
    let form = presence_fields(demand, "current-password").fold(form, FormPart::input);
    Ok(form.button(Button::primary("key-create", "create", "Make the key")))
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    match posted.text("decision") {
        "one" => end_one(&visitor, who, posted.text("key")).await,
        "all" => end_all(&visitor, who).await,
        "create" => create(&visitor, who, &posted).await,
        _ => unknown(&visitor),
    }
}

async fn end_one(visitor: &Visitor, who: &SignedIn, id: &str) -> Response {
    let Ok(id) = ApiKeyId::from_str(id) else {
        return unknown(visitor);
    };
    let (authority, user) = (&visitor.state.authority, who.user.id);
    match authority
        .revoke_api_key(&visitor.ctx, user, id, Actor::User(user))
        .await
    {
        Ok(true) => see_other("/account/keys?done=key"),
        Ok(false) => unknown(visitor),
        Err(error) => fault(&error),
    }
}

async fn end_all(visitor: &Visitor, who: &SignedIn) -> Response {
    let (authority, user) = (&visitor.state.authority, who.user.id);
    match authority
        .revoke_api_keys(&visitor.ctx, user, Actor::User(user))
        .await
    {
        Ok(_) => see_other("/account/keys?done=keys"),
        Err(error) => fault(&error),
    }
}

pub(super) fn unknown(visitor: &Visitor) -> Response {
    let words = "There is no such key any more. It may have ended by itself.";
    error_page(visitor, StatusCode::NOT_FOUND, "No such key", words)
}

async fn create(visitor: &Visitor, who: &SignedIn, posted: &Posted) -> Response {
    let again = match form(visitor, who).await {
        Ok(form) => typed(form, posted),
        Err(answer) => return *answer,
    };
    let new = match wish(posted) {
        Ok(new) => new,
        Err(error) => return refused(visitor, who, again, error).await,
    };
    let authority = &visitor.state.authority;
    let password = PlainSecret::new(posted.text("current-password"));
    let proven = authority
        .prove_presence(
            &visitor.ctx,
            (&who.user, &who.session),
            presence::given(&password, posted),
        )
        .await;
    if let Err(error) = proven {
        let mut again = again;
        return match not_proven(&mut again, error, ("current-password", ACTION)) {
            Ok((status, time)) => wait_if(page(visitor, who, again, ("", status)).await, time),
            Err(answer) => *answer,
        };
    }
    match authority.create_api_key(&visitor.ctx, &who.user, new).await {
        Ok((key, text)) => shown(visitor, &key, &text),
        Err(error) => refused(visitor, who, again, error).await,
    }
}

fn wish(posted: &Posted) -> Result<NewApiKey, CreateKeyError> {
    let name = KeyName::parse(posted.text("name"))?;
    let permissions = PermissionSet::from_list(posted.text("scopes").split_whitespace())?;
    let mut new = NewApiKey::new(KeyKind::Api, name, permissions);
    new.life = KeyLife::parse(posted.text("expires-in"))?;
    Ok(new)
}

/// The form again with what was typed, but the password.
fn typed(mut form: FormPart, posted: &Posted) -> FormPart {
    for id in ["name", "scopes"] {
        if let Some(input) = form.input_mut(id) {
            input.value = posted.text(id).chars().take(4096).collect();
        }
    }
    if let Some(choice) = &mut form.choice {
        choice.value = posted.text("expires-in").to_owned();
    }
    form
}

async fn refused(visitor: &Visitor, who: &SignedIn, mut form: FormPart, error: CreateKeyError) -> Response {
    let words = sentence(&error.to_string());
    let status = match status(&error) {
        Ok(status) => status,
        Err(error) => return fault(error),
    };
    let field = match &error {
        CreateKeyError::Name(_) | CreateKeyError::NameTaken => "name",
        CreateKeyError::Permissions(_) | CreateKeyError::Scope(_) => "scopes",
        _ => "",
    };
    let choice = form.choice.as_mut();
    let of_life = matches!(error, CreateKeyError::Life(_) | CreateKeyError::TooLong);
    match (form.inputs.iter_mut().find(|input| input.id == field), choice) {
        (Some(input), _) => input.error = Some(words),
        (None, Some(choice)) if of_life => choice.error = Some(words),
        (None, _) => form.error = Some(words),
    }
    page(visitor, who, form, ("", status)).await
}

/// Of a page that says why there is no key.
pub(super) fn status(error: &CreateKeyError) -> Result<StatusCode, &Fault> {
    Ok(match error {
        CreateKeyError::Name(_)
        | CreateKeyError::Permissions(_)
        | CreateKeyError::Scope(_)
        | CreateKeyError::Life(_)
        | CreateKeyError::TooLong
        | CreateKeyError::Address(_)
        | CreateKeyError::Repository(_) => StatusCode::BAD_REQUEST,
        CreateKeyError::AdministratorsOnly | CreateKeyError::Exceeded(_) => StatusCode::FORBIDDEN,
        CreateKeyError::NameTaken | CreateKeyError::TooMany | CreateKeyError::NotNow => StatusCode::CONFLICT,
        CreateKeyError::Fault(error) => return Err(error),
    })
}

/// Once.
pub(super) fn shown(visitor: &Visitor, key: &ApiKey, text: &PlainSecret) -> Response {
    let mut page = PromptPage::new(visitor.layout(), "page-account-key", "Your new API key")
        .lead(format!(
            "This is the key “{}”. Copy it now: it is not shown again.",
            key.name
        ))
        .link("", "Back to your API keys", ACTION);
    page.shown_list = vec![text.expose().to_owned()];
    respond(StatusCode::CREATED, &page)
}
