//! `/account/billing/autopay`: leave to top up by itself when the balance runs low.
//! Refuses to collect more than was allowed; the first payment, at the gateway's page, is what allows it.

use axum::extract::Query;
use axum::response::Response;
use domain::billing::{AutopayChange, AutopayError, Wanted};
use http::StatusCode;
use model::billing::mandate::TermsError;
use model::billing::{Mandate, MandateStatus, MandateTerms, Money};

use super::amount::{parse, shown, typed};
use super::checkout::What;
use super::top_up::pay;
use super::{AUTOPAY, BILLING, BillingQuery, Here, here, unavailable};
use crate::http::fault;
use crate::pages::account::Draft;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::view::account::{FormPart, Part, Section};
use crate::pages::view::{Button, Input};
use crate::pages::visitor::Visitor;

const ACT: (&str, &str) = ("billing:ManageAutopay", "autopay");

pub async fn show(visitor: Visitor, Query(query): Query<BillingQuery>) -> Response {
    let here = match here(&visitor, (AUTOPAY, &query.account), ACT).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    match form(&visitor, &here).await {
        Ok(form) => page(&visitor, &here, (form, &query.done, StatusCode::OK)).await,
        Err(answer) => *answer,
    }
}

async fn page(
    visitor: &Visitor,
    here: &Here<'_>,
    (form, done, status): (FormPart, &str, StatusCode),
) -> Response {
    let draft = Draft::new(Section::Billing, "page-account-autopay")
        .done(done)
        .lead("When the balance falls below your figure, we collect an amount from your card or account, so that nothing stops.")
        .part(Part::Form(Box::new(form)))
        .link("Back to billing", &here.address(BILLING));
    draft.respond(visitor, here.who, status).await
}

async fn living(visitor: &Visitor, here: &Here<'_>) -> Result<Option<Mandate>, Box<Response>> {
    let found = visitor.state.authority.find_autopay(here.account()).await;
    let mandate = found.map_err(|error| Box::new(fault(&error)))?.mandate;
    Ok(mandate.filter(|mandate| !mandate.status.is_final()))
}

async fn form(visitor: &Visitor, here: &Here<'_>) -> Result<FormPart, Box<Response>> {
    let mandate = living(visitor, here).await?;
    let form = FormPart::new("autopay", "Automatic top-ups", here.form(visitor, AUTOPAY));
    let Some(mandate) = mandate.filter(|mandate| mandate.status != MandateStatus::Created) else {
        return Ok(new_form(form));
    };
    let most = shown(Money::new(mandate.terms.most, mandate.currency));
    let form = form
        .lead(format!(
            "Never more than {most} at once. To allow more, turn it off and set it up anew."
        ))
        .input(amount_input(
            "threshold",
            "When the balance falls below",
            typed(mandate.terms.threshold),
        ))
        .input(amount_input("amount", "Top up by", typed(mandate.terms.amount)))
        .button(Button::primary("autopay-save", "save", "Save"));
    let secondary = |id, value, label: &str| Button {
        look: "secondary",
        skips_fields: true,
        ..Button::primary(id, value, label)
    };
    let form = match mandate.status {
        MandateStatus::Active => form.button(secondary("autopay-pause", "pause", "Pause")),
        _ => form.button(secondary("autopay-resume", "resume", "Go on")),
    };
    Ok(form.button(Button {
        look: "danger",
        skips_fields: true,
        ..Button::primary("autopay-end", "end", "Turn it off")
    }))
}

fn new_form(form: FormPart) -> FormPart {
    form.lead("A first small payment, which is credited too, tells your bank that we may. You can turn it off at any time.")
        .input(amount_input("threshold", "When the balance falls below", "100".to_owned()))
        .input(amount_input("amount", "Top up by", "500".to_owned()))
        .input(amount_input("most", "Never more at once than", "1000".to_owned()))
        .button(Button::primary("autopay-set-up", "set-up", "Set it up"))
}

fn amount_input(id: &'static str, label: &str, value: String) -> Input {
    Input {
        id,
        label: label.to_owned(),
        kind: "text",
        inputmode: "decimal",
        autocomplete: "off",
        value,
        ..Input::default()
    }
}

pub async fn submit(visitor: Visitor, Query(query): Query<BillingQuery>, posted: Posted) -> Response {
    if !visitor.gave_form(AUTOPAY, posted.csrf()) {
        return forged(&visitor);
    }
    let here = match here(&visitor, (AUTOPAY, &query.account), ACT).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    let change = |wanted| AutopayChange {
        wanted: Some(wanted),
        ..AutopayChange::default()
    };
    match posted.text("decision") {
        "set-up" => set_up(&visitor, &here, &posted).await,
        "pause" => {
            alter(
                &visitor,
                &here,
                (&posted, change(Wanted::Paused), "autopay-paused"),
            )
            .await
        }
        "resume" => {
            alter(
                &visitor,
                &here,
                (&posted, change(Wanted::Active), "autopay-resumed"),
            )
            .await
        }
        "end" => end(&visitor, &here, &posted).await,
        _ => {
            let given = AutopayChange {
                threshold: Some(parse(posted.text("threshold")).unwrap_or(-1)),
                amount: Some(parse(posted.text("amount")).unwrap_or(-1)),
                ..AutopayChange::default()
            };
            alter(&visitor, &here, (&posted, given, "autopay-saved")).await
        }
    }
}

async fn set_up(visitor: &Visitor, here: &Here<'_>, posted: &Posted) -> Response {
    let terms = MandateTerms {
        threshold: parse(posted.text("threshold")).unwrap_or(-1),
        amount: parse(posted.text("amount")).unwrap_or(-1),
        most: parse(posted.text("most")).unwrap_or(-1),
    };
    let by = (here.account(), here.permit.actor());
    match visitor
        .state
        .authority
        .set_up_autopay(&visitor.ctx, by, terms)
        .await
    {
        Ok(mandate) => {
            let first = shown(Money::new(
                visitor.state.authority.settings.billing.topup.0.max(1),
                mandate.currency,
            ));
            let lead =
                format!("A first payment of {first} tells your bank that we may collect. It is credited.");
            let subject = (What::Autopay, mandate.gateway_order.as_str());
            pay(visitor, here, subject, ("Automatic top-ups", lead)).await
        }
        Err(error) => refused(visitor, here, (posted, error)).await,
    }
}

async fn alter(
    visitor: &Visitor,
    here: &Here<'_>,
    (posted, change, done): (&Posted, AutopayChange, &str),
) -> Response {
    let by = (here.account(), here.permit.actor());
    match visitor
        .state
        .authority
        .change_autopay(&visitor.ctx, by, change)
        .await
    {
        Ok(_) => see_other(&format!("{}&done={done}", here.address(AUTOPAY))),
        Err(error) => refused(visitor, here, (posted, error)).await,
    }
}

async fn end(visitor: &Visitor, here: &Here<'_>, posted: &Posted) -> Response {
    let by = (here.account(), here.permit.actor());
    match visitor.state.authority.cancel_autopay(&visitor.ctx, by).await {
        Ok(_) | Err(AutopayError::NotFound) => see_other(&(here.address(BILLING) + "&done=autopay-off")),
        Err(error) => refused(visitor, here, (posted, error)).await,
    }
}

/// The form again, with what was typed and what is wrong with it.
async fn refused(visitor: &Visitor, here: &Here<'_>, (posted, error): (&Posted, AutopayError)) -> Response {
    let field = match &error {
        AutopayError::Unavailable(_) => return unavailable(visitor),
        AutopayError::Fault(error) => return fault(error),
        AutopayError::Terms(TermsError::Threshold) => Some("threshold"),
        AutopayError::Terms(TermsError::Amount | TermsError::AboveMost) => Some("amount"),
        AutopayError::Terms(TermsError::Most) => Some("most"),
        AutopayError::LowBalance
        | AutopayError::Exists
        | AutopayError::NotFound
        | AutopayError::NotNow(_)
        | AutopayError::Forged
        | AutopayError::NotCaptured => None,
    };
    let mut form = match form(visitor, here).await {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    for input in &mut form.inputs {
        let given = posted.text(input.id);
        if !given.is_empty() {
            input.value = given.chars().take(40).collect();
        }
    }
    let words = sentence(&error.to_string());
    match field {
        Some(field) => form.complain(field, &words),
        None => form.error = Some(words),
    }
    page(visitor, here, (form, "", StatusCode::BAD_REQUEST)).await
}
