//! The REST API, one file per kind of thing.
//! Every operation begins with the caller it demands.

mod app;
mod application;
mod installation;
mod page;
mod user;

use axum::response::Response;

use crate::Endpoint;
use crate::call::Call;
use crate::problem::Problem;

pub(crate) fn dispatch(endpoint: Endpoint, call: &Call<'_>) -> Result<Response, Problem> {
    match endpoint {
        Endpoint::User => user::show(call),
        Endpoint::UserEmails => user::emails(call),
        Endpoint::UserInstallations => user::installations(call),
        Endpoint::UserInstallationRepositories => user::installation_repositories(call),
        Endpoint::CheckToken => application::check_token(call),
        Endpoint::DeleteToken => application::delete_token(call),
        Endpoint::DeleteGrant => application::delete_grant(call),
        Endpoint::App => app::show(call),
        Endpoint::AppInstallations => app::installations(call),
        Endpoint::AppInstallation => app::installation(call),
        Endpoint::DeleteInstallation => app::delete_installation(call),
        Endpoint::SuspendInstallation => app::suspend(call),
        Endpoint::UnsuspendInstallation => app::unsuspend(call),
        Endpoint::CreateInstallationToken => installation::create_token(call),
        Endpoint::InstallationRepositories => installation::repositories(call),
        Endpoint::RevokeInstallationToken => installation::revoke_token(call),
        Endpoint::Authorize
        | Endpoint::Decide
        | Endpoint::AccessToken
        | Endpoint::InstallPage
        | Endpoint::Install => Err(Problem::not_found()),
    }
}
