//! Backup codes: shown once, and new ones in place of the old.
//! Refuses new ones without a code.

use axum::response::Response;
use http::StatusCode;

use super::{CODES, SECURITY, refused, to_login};
use crate::pages::posted::Posted;
use crate::pages::refusal::forged;
use crate::pages::respond;
use crate::pages::second_factor::factor_code;
use crate::pages::view::{Button, PromptPage};
use crate::pages::visitor::Visitor;

/// Backup codes, this once.
pub fn codes_page(visitor: &Visitor, codes: &[String]) -> Response {
    let mut page = PromptPage::new(visitor.layout(), "page-backup-codes", "Keep these backup codes")
        .lead("Each gets you in once when you do not have your phone. Print them or put them into your password manager: they are not shown again.")
        .link("", "I have kept them", SECURITY);
    page.shown_list = codes.to_vec();
    respond(StatusCode::OK, &page)
}

pub async fn show_codes(visitor: Visitor) -> Response {
    if visitor.signed_in.is_none() {
        return to_login();
    }
    visitor.mark(respond(StatusCode::OK, &renew_page(&visitor)))
}

fn renew_page(visitor: &Visitor) -> PromptPage {
    PromptPage::new(
        visitor.layout(),
        "page-backup-codes-renew",
        "Make new backup codes?",
    )
    .lead("Those you have now stop working.")
    .form(visitor.form(CODES, ""))
    .input(factor_code())
    .button(Button::primary("backup-codes-renew", "renew", "Make new codes"))
    .link("", "Keep those I have", SECURITY)
}

pub async fn renew_codes(visitor: Visitor, posted: Posted) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    if !visitor.gave_form(CODES, posted.csrf()) {
        return forged(&visitor);
    }
    let authority = &visitor.state.authority;
    match authority
        .renew_backup_codes(&visitor.ctx, &who.user, posted.text("code"))
        .await
    {
        Ok(codes) => codes_page(&visitor, &codes),
        Err(error) => refused(renew_page(&visitor), error),
    }
}
