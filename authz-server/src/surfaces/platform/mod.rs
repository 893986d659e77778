//! `/auth`: identity of the platform.
//! Snake case, no envelope around success.

mod accounts;
mod audit;
pub(super) mod billing;
mod chosen_account;
mod email;
mod exchange_credentials;
mod iam;
mod iam_access_keys;
mod iam_log_in;
mod iam_own_factor;
mod iam_own_password;
mod login;
mod me;
mod password;
mod password_policy;
mod refresh;
mod register;
mod team;
mod team_join;
mod team_members;
mod wire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(login::log_in))
        .routes(routes!(login::verify))
        .routes(routes!(refresh::refresh))
        .routes(routes!(password::forgot))
        .routes(routes!(password::reset))
        .routes(routes!(email::verify))
        .routes(routes!(email::resend))
        .routes(routes!(me::me))
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
        .routes(routes!(iam_log_in::log_in))
        .routes(routes!(iam_log_in::verify))
        .routes(routes!(iam_own_factor::state))
        .routes(routes!(iam_own_factor::set_up))
        .routes(routes!(iam_own_factor::enable))
        .routes(routes!(iam_own_factor::disable))
        .routes(routes!(iam_own_factor::renew_codes))
        .routes(routes!(iam_own_password::change))
        .routes(routes!(password_policy::read, password_policy::replace))
        .routes(routes!(exchange_credentials::exchange))
        .routes(routes!(iam_access_keys::list, iam_access_keys::create))
        .routes(routes!(iam_access_keys::delete))
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::update))
        .merge(billing::router())
        .merge(iam::router())
        .merge(team::router())
}
