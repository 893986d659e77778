//! The routes of the pages that are not part of a protocol.

use axum::Router;
use axum::routing::{get, post};

use super::{
    account, admin, avatar, by_mail, confirm_email, forgotten, home, join, linked, login, passkey, passkeys,
    register, second_factor, setup, trusted, two_step, with,
};
use crate::app::AppState;

pub fn router() -> Router<AppState> {
    Router::new()
        .merge(account::router())
        .merge(admin::router())
        .route("/", get(home::show))
        .route("/avatars/{id}", get(avatar::show))
        .route("/login", get(login::show).post(login::submit))
        .route("/login/mail", get(by_mail::show_ask).post(by_mail::ask))
        .route("/login/code", get(by_mail::show_code).post(by_mail::submit_code))
        .route("/login/link", get(by_mail::show_link).post(by_mail::submit_link))
        .route("/login/with/{provider}", post(with::start))
        .route("/login/with/{provider}/callback", get(with::callback))
        .route("/account/linked", get(linked::show).post(linked::submit))
        .route("/account/linked/{provider}", post(with::start_linking))
        .route(
            "/login/second",
            get(second_factor::show).post(second_factor::submit),
        )
        .route("/login/passkey", get(passkey::show).post(passkey::submit))
        .route(
            "/login/second/passkey",
            get(passkey::show_second).post(passkey::submit_second),
        )
        .route("/account/security", get(two_step::show))
        .route("/account/security/trusted", post(trusted::submit))
        .route("/account/security/passkeys", get(passkeys::show))
        .route(
            "/account/security/passkeys/add",
            get(passkeys::show_add).post(passkeys::add),
        )
        .route(
            "/account/security/passkeys/edit",
            get(passkeys::show_edit).post(passkeys::rename),
        )
        .route(
            "/account/security/passkeys/remove",
            get(passkeys::show_remove).post(passkeys::remove),
        )
        .route(
            "/account/security/authenticator",
            get(two_step::show_set_up).post(two_step::set_up),
        )
        .route(
            "/account/security/authenticator/remove",
            get(two_step::show_turn_off).post(two_step::turn_off),
        )
        .route(
            "/account/security/backup-codes",
            get(two_step::show_codes).post(two_step::renew_codes),
        )
        .route("/forgot-password", get(forgotten::show_ask).post(forgotten::ask))
        .route("/reset-password", get(forgotten::show).post(forgotten::submit))
        .route(
            "/verify-email",
            get(confirm_email::show).post(confirm_email::submit),
        )
        .route(
            "/undo-email-change",
            get(confirm_email::show_undo).post(confirm_email::undo),
        )
        .route("/join", get(join::show).post(join::accept))
        .route("/register", get(register::show).post(register::submit))
        .route("/setup", get(setup::show).post(setup::submit))
}
