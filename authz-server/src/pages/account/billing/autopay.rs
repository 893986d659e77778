//! `/account/billing/autopay`: leave to top up by itself when the balance runs low.
//! Refuses to collect more than was allowed; the first payment, at the gateway's page, is what allows it.

use axum::extract::Query;
use axum::response::Response;
use domain::billing::{AutopayChange, AutopayError, Wanted};
use http::StatusCode;
use model::billing::mandate::TermsError;
use model::billing::{Mandate, MandateStatus, MandateTerms, Money};

use super::autopay_forms::{new_form, standing_form, told};
use super::checkout::What;
use super::top_up::{nothing_to_pay_with, pay};
use super::{AUTOPAY, BILLING, BillingQuery, Here, here, unavailable};
use crate::http::fault;
use crate::pages::account::Draft;
use crate::pages::account_form::sentence;
use crate::pages::amount::{parse, shown};
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::view::account::{Fact, FormPart, Part, Section};
use crate::pages::visitor::Visitor;

pub(super) const ACT: (&str, &str) = ("billing:ManageAutopay", "autopay");

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

/// The mandate there is, and what can be done with it.
struct Shown {
    state: Option<Fact>,
    form: FormPart,
}

async fn page(
    visitor: &Visitor,
    here: &Here<'_>,
    (shown, done, status): (Shown, &str, StatusCode),
) -> Response {
    let mut draft = Draft::new(Section::Billing, "page-account-autopay")
        .below("Automatic top-ups", here.above())
        .done(done)
        .lead(format!(
            "When the balance of {} falls below your figure, an amount is collected from your card or bank account, so that nothing stops.",
            here.seats.current.account.title
        ));
    if let Some(state) = shown.state {
        draft = draft.part(Part::Facts(vec![state]));
    }
    draft = draft.part(match visitor.state.authority.checkout() {
        Ok(_) => Part::Form(Box::new(shown.form)),
        Err(_) => nothing_to_pay_with(),
    });
    draft.respond(visitor, here.who, status).await
}

async fn living(visitor: &Visitor, here: &Here<'_>) -> Result<Option<Mandate>, Box<Response>> {
    let found = visitor.state.authority.find_autopay(here.account()).await;
    let mandate = found.map_err(|error| Box::new(fault(&error)))?.mandate;
    Ok(mandate.filter(|mandate| !mandate.status.is_final()))
}

async fn form(visitor: &Visitor, here: &Here<'_>) -> Result<Shown, Box<Response>> {
    let mandate = living(visitor, here).await?;
    let state = mandate.as_ref().map(|mandate| Fact {
        name: "State",
        value: told(mandate.status).to_owned(),
        ..Fact::default()
    });
    let stands = mandate.filter(|mandate| mandate.status != MandateStatus::Created);
    let form = match stands {
        Some(mandate) => standing_form(here.form(visitor, AUTOPAY), &mandate),
        None => new_form(FormPart::new(
            "autopay",
            "Set them up",
            here.form(visitor, AUTOPAY),
        )),
    };
    Ok(Shown { state, form })
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
            let most = shown(Money::new(mandate.terms.most, mandate.currency));
            let lead = format!(
                "A first payment of {first} tells your bank that more may be collected, up to {most} at once. It is credited. The payment service asks you for it on its own page and leads you back here."
            );
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
    let mut shown = match form(visitor, here).await {
        Ok(shown) => shown,
        Err(answer) => return *answer,
    };
    let form = &mut shown.form;
    for input in &mut form.inputs {
        let given = posted.text(input.id);
        if !given.is_empty() {
            input.value = given.chars().take(40).collect();
        }
    }
    let words = why(visitor, &error);
    match field {
        Some(field) => form.complain(field, &words),
        None => form.error = Some(words),
    }
    page(visitor, here, (shown, "", StatusCode::BAD_REQUEST)).await
}

fn why(visitor: &Visitor, error: &AutopayError) -> String {
    let billing = &visitor.state.authority.settings.billing;
    let money = |minor| shown(Money::new(minor, billing.currency));
    let (least, most) = billing.topup;
    match error {
        AutopayError::Terms(TermsError::Threshold) => {
            "Write the amount in figures, such as 100 or 99.50.".to_owned()
        }
        AutopayError::Terms(TermsError::Amount | TermsError::Most) => {
            format!("Write an amount from {} to {}.", money(least.max(1)), money(most))
        }
        AutopayError::Terms(TermsError::AboveMost) => {
            "This is more than may be collected at once.".to_owned()
        }
        AutopayError::NotNow(_) => "It has changed meanwhile. Look again at what it is now.".to_owned(),
        other => sentence(&other.to_string()),
    }
}
