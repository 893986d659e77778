//! `/account/billing/tax`: what invoices say of whom they are for.
//! Changes nothing about invoices that are written.

use axum::extract::Query;
use axum::response::Response;
use domain::billing::{TaxProfileChange, TaxProfileError};
use http::StatusCode;
use model::billing::tax::{State, TaxProfile};

use super::{BillingQuery, Here, INVOICES, TAX, here};
use crate::http::fault;
use crate::pages::account::Draft;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::view::account::{Choice, FormPart, Part, Section};
use crate::pages::view::{Button, Input};
use crate::pages::visitor::Visitor;

pub(super) const ACT: (&str, &str) = ("billing:UpdateTaxProfile", "tax-profile");
const FIELDS: [&str; 4] = ["gstin", "legal_name", "address", "state_code"];

pub async fn show(visitor: Visitor, Query(query): Query<BillingQuery>) -> Response {
    let here = match here(&visitor, (TAX, &query.account), ACT).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    match visitor.state.authority.tax_profile(&here.permit).await {
        Ok(profile) => {
            let form = form(&visitor, &here, values(&profile));
            page(&visitor, &here, (form, &query.done, StatusCode::OK)).await
        }
        Err(error) => fault(&error),
    }
}

async fn page(
    visitor: &Visitor,
    here: &Here<'_>,
    (form, done, status): (FormPart, &str, StatusCode),
) -> Response {
    let draft = Draft::new(Section::Billing, "page-account-tax")
        .below("Details on invoices", ("Invoices", here.address(INVOICES)))
        .done(done)
        .lead("They stand on the invoices to come. Those that are written stay as they are.")
        .part(Part::Form(Box::new(form)));
    draft.respond(visitor, here.who, status).await
}

fn values(profile: &TaxProfile) -> [String; 4] {
    [
        profile.gstin.map(|gstin| gstin.to_string()).unwrap_or_default(),
        profile.legal_name.clone().unwrap_or_default(),
        profile.address.join("\n"),
        profile.state.map(|state| state.to_string()).unwrap_or_default(),
    ]
}

fn form(visitor: &Visitor, here: &Here<'_>, values: [String; 4]) -> FormPart {
    let [gstin, legal_name, address, state_code] = values;
    let input = |id, label: &str, value, hint: &str| Input {
        id,
        label: label.to_owned(),
        kind: "text",
        autocomplete: "off",
        value,
        hint: hint.to_owned(),
        optional: true,
        ..Input::default()
    };
    let mut form = FormPart::new("tax", "Whom they are for", here.form(visitor, TAX))
        .input(input(
            "legal_name",
            "Name",
            legal_name,
            "As the business is registered.",
        ))
        .input(Input {
            kind: "area",
            ..input("address", "Address", address, "At most six lines.")
        })
        .input(input(
            "gstin",
            "GSTIN",
            gstin,
            "15 letters and digits, if the business is registered. The state follows from it.",
        ))
        .button(Button::primary("tax-save", "save", "Save"));
    form.choice = Some(Choice {
        id: "state_code",
        label: "State",
        value: state_code,
        values: State::all()
            .map(|state| (state.to_string(), state.name().to_owned()))
            .collect(),
        hint: "Where the business is. It decides which tax is charged.",
        ..Choice::default()
    });
    form
}

/// What is wrong, as a sentence that also stands by itself.
fn about(field: &str, words: &str) -> String {
    match field {
        "gstin" => format!("the GSTIN {words}"),
        "legal_name" => format!("the name {words}"),
        "address" => format!("the address {words}"),
        _ => words.to_owned(),
    }
}

pub async fn submit(visitor: Visitor, Query(query): Query<BillingQuery>, posted: Posted) -> Response {
    if !visitor.gave_form(TAX, posted.csrf()) {
        return forged(&visitor);
    }
    let here = match here(&visitor, (TAX, &query.account), ACT).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    let given = FIELDS.map(|field| posted.text(field).chars().take(1000).collect::<String>());
    let [gstin, legal_name, address, state_code] = given.clone().map(|text| Some(Some(text)));
    let change = TaxProfileChange {
        gstin,
        legal_name,
        address,
        state_code,
    };
    let authority = &visitor.state.authority;
    match authority
        .update_tax_profile(&visitor.ctx, &here.permit, change)
        .await
    {
        Ok(_) => see_other(&(here.address(TAX) + "&done=tax")),
        Err(TaxProfileError::Invalid(problems)) => {
            let mut form = form(&visitor, &here, given);
            for (field, words) in problems {
                form.complain(field, &sentence(&about(field, &words)));
            }
            page(&visitor, &here, (form, "", StatusCode::BAD_REQUEST)).await
        }
        Err(TaxProfileError::Fault(error)) => fault(&error),
    }
}
