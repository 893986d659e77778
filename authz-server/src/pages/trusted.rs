//! `/account/security/trusted`: the browsers that are spared the second step, and how to end that.
//! Refuses those of others as if they did not exist (S08).

use axum::response::Response;
use domain::Fault;
use domain::oauth::authorize::SignedIn;
use http::StatusCode;
use model::TrustedDeviceId;
use model::trusted_device::TrustedDevice;

use super::account::Draft;
use super::account::device_name::device_name;
use super::account::when::Clock;
use super::posted::Posted;
use super::refusal::{forged, page as error_page, see_other};
use super::two_step::to_login;
use super::view::Button;
use super::view::account::{FormPart, Part, Row, RowAct, Rows};
use super::visitor::Visitor;
use crate::http::fault;

const ACTION: &str = "/account/security/trusted";

/// `page` with the list; without any such browser there is nothing to tell.
pub fn listed(visitor: &Visitor, who: &SignedIn, trusted: &[TrustedDevice], page: Draft) -> Draft {
    if trusted.is_empty() {
        return page;
    }
    let clock = Clock::of(&who.user);
    let rows = trusted
        .iter()
        .map(|device| row(visitor, device, &clock))
        .collect();
    page.part(Part::Heading("trusted-browsers", "Trusted browsers"))
        .part(Part::Rows(Rows {
            id: "trusted",
            empty: "",
            rows,
        }))
        .part(Part::Form(Box::new(all(visitor))))
}

fn row(visitor: &Visitor, device: &TrustedDevice, clock: &Clock) -> Row {
    let is_this = device.browser == visitor.mark_digest();
    let from = device.address.as_deref().unwrap_or("an unknown address");
    Row {
        title: device_name(device.user_agent.as_deref()),
        badge: is_this.then_some("This browser"),
        lines: vec![
            format!("From {from}, last used {}", clock.moment(device.last_used_at)),
            format!("Trusted until {}", clock.day(device.expires_at)),
        ],
        act: Some(RowAct {
            form: visitor.form(ACTION, ""),
            field: ("trusted", device.id.to_string()),
            label: "Ask again",
        }),
        ..Row::default()
    }
}

fn all(visitor: &Visitor) -> FormPart {
    FormPart::new("trust-nowhere", "Ask everywhere again", visitor.form(ACTION, ""))
        .lead("Each of these browsers signs in without the second step. After this none does.")
        .button(Button {
            look: "secondary",
            ..Button::primary("trusted-revoke-all", "all", "Trust none of them")
        })
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    let done = match posted.text("decision") {
        "one" => one(&visitor, who, posted.text("trusted")).await,
        "all" => everyone(&visitor, who).await,
        _ => return unknown(&visitor),
    };
    done.unwrap_or_else(|error| fault(&error))
}

async fn one(visitor: &Visitor, who: &SignedIn, id: &str) -> Result<Response, Fault> {
    let Ok(id) = id.parse::<TrustedDeviceId>() else {
        return Ok(unknown(visitor));
    };
    let authority = &visitor.state.authority;
    let revoked = authority
        .revoke_trusted_device(&visitor.ctx, (who.user.id, id))
        .await?;
    Ok(match revoked {
        true => see_other("/account/security?done=trusted"),
        false => unknown(visitor),
    })
}

async fn everyone(visitor: &Visitor, who: &SignedIn) -> Result<Response, Fault> {
    let authority = &visitor.state.authority;
    authority
        .revoke_trusted_devices(&visitor.ctx, who.user.id)
        .await?;
    Ok(see_other("/account/security?done=trusted-all"))
}

fn unknown(visitor: &Visitor) -> Response {
    let words = "This browser is not trusted any more. It may have ended by itself.";
    error_page(visitor, StatusCode::NOT_FOUND, "No such browser", words)
}
