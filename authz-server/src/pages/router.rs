//! The routes of the pages that are not part of a protocol.

use axum::Router;
use axum::routing::get;

use super::{home, login, register, setup};
use crate::app::AppState;

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(home::show))
        .route("/login", get(login::show).post(login::submit))
        .route("/register", get(register::show).post(register::submit))
        .route("/setup", get(setup::show).post(setup::submit))
}
