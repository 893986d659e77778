//! `/v1`: two documents on one base path; one answers plainly, the other in an envelope.
//! Refuses to mix them: each operation answers as its own document shows.

mod administrator;
mod api_keys;
mod billing_adjustment;
mod billing_administration;
mod billing_refund;
mod envelope;
mod federation;
mod licence_administration;
mod licences;
mod login;
mod logout;
mod magic_link;
mod me;
mod refresh;
mod register;
mod second_factor;
mod sessions;
mod usage_reports;
mod user_administration;
mod user_list;
mod users_me;
mod wire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(login::log_in))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::log_out))
        .routes(routes!(federation::callback))
        .routes(routes!(magic_link::ask))
        .routes(routes!(magic_link::verify))
        .routes(routes!(me::me))
        .routes(routes!(api_keys::create, api_keys::list))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(api_keys::rotate))
        .routes(routes!(second_factor::set_up))
        .routes(routes!(second_factor::verify))
        .routes(routes!(second_factor::disable))
        .routes(routes!(users_me::read, users_me::change, users_me::delete))
        .routes(routes!(sessions::list, sessions::end_all))
        .routes(routes!(sessions::end))
        .routes(routes!(licences::me))
        .routes(routes!(licences::entitlements))
        .routes(routes!(licences::usage, usage_reports::report))
        .routes(routes!(licence_administration::plans))
        .routes(routes!(
            licence_administration::read,
            licence_administration::bind,
            licence_administration::end
        ))
        .routes(routes!(licence_administration::usage))
        .routes(routes!(billing_administration::overview))
        .routes(routes!(billing_administration::transactions))
        .routes(routes!(billing_adjustment::credit))
        .routes(routes!(billing_adjustment::debit))
        .routes(routes!(billing_refund::refund))
        .routes(routes!(user_list::list))
        .routes(routes!(user_list::list_as_admin, user_administration::create))
        .routes(routes!(
            user_administration::read,
            user_administration::change,
            user_administration::delete
        ))
}
