//! The addresses that the stand-in answers, as one closed list.
//! Whatever is not in it is Not Found, also a known path with another method.

use http::Method;
use serde::{Deserialize, Serialize};

/// One operation of GitHub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `GET /login/oauth/authorize`
    Authorize,
    /// `POST /login/oauth/authorize`: the answer of the page.
    Decide,
    /// `POST /login/oauth/access_token`
    AccessToken,
    /// `GET /apps/{slug}/installations/new`
    InstallPage,
    /// `POST /apps/{slug}/installations/new`: the answer of the page.
    Install,
    /// `GET /user`
    User,
    /// `GET /user/emails`
    UserEmails,
    /// `GET /user/installations`
    UserInstallations,
    /// `GET /user/installations/{installation_id}/repositories`
    UserInstallationRepositories,
    /// `POST /applications/{client_id}/token`
    CheckToken,
    /// `DELETE /applications/{client_id}/token`
    DeleteToken,
    /// `DELETE /applications/{client_id}/grant`
    DeleteGrant,
    /// `GET /app`
    App,
    /// `GET /app/installations`
    AppInstallations,
    /// `GET /app/installations/{installation_id}`
    AppInstallation,
    /// `DELETE /app/installations/{installation_id}`
    DeleteInstallation,
    /// `POST /app/installations/{installation_id}/access_tokens`
    CreateInstallationToken,
    /// `PUT /app/installations/{installation_id}/suspended`
    SuspendInstallation,
    /// `DELETE /app/installations/{installation_id}/suspended`
    UnsuspendInstallation,
    /// `GET /installation/repositories`
    InstallationRepositories,
    /// `DELETE /installation/token`
    RevokeInstallationToken,
}

/// An operation and the one variable part of its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) endpoint: Endpoint,
    pub(crate) parameter: String,
}

impl Endpoint {
    /// Whether it belongs to the REST API, and not to the pages and OAuth.
    #[must_use]
    pub const fn is_api(self) -> bool {
        !matches!(
            self,
            Self::Authorize | Self::Decide | Self::AccessToken | Self::InstallPage | Self::Install
        )
    }
}

/// Finds the operation; the REST API lies below the prefix.
pub(crate) fn find(method: &Method, path: &str, api_prefix: &str) -> Option<Route> {
    if let Some(route) = web(method, &segments(path)) {
        return Some(route);
    }
    let below = if api_prefix.is_empty() {
        path.strip_prefix("/api/v3").unwrap_or(path)
    } else {
        path.strip_prefix(api_prefix)?
    };
    api(method, &segments(below))
}

fn segments(path: &str) -> Vec<&str> {
    path.strip_prefix('/').unwrap_or(path).split('/').collect()
}

fn web(method: &Method, path: &[&str]) -> Option<Route> {
    let (endpoint, parameter) = match (method.as_str(), path) {
        ("GET", ["login", "oauth", "authorize"]) => (Endpoint::Authorize, ""),
        ("POST", ["login", "oauth", "authorize"]) => (Endpoint::Decide, ""),
        ("POST", ["login", "oauth", "access_token"]) => (Endpoint::AccessToken, ""),
        ("GET", ["apps", slug, "installations", "new"]) => (Endpoint::InstallPage, *slug),
        ("POST", ["apps", slug, "installations", "new"]) => (Endpoint::Install, *slug),
        _ => return None,
    };
    Some(Route::new(endpoint, parameter))
}

fn api(method: &Method, path: &[&str]) -> Option<Route> {
    let (endpoint, parameter) = match (method.as_str(), path) {
        ("GET", ["user"]) => (Endpoint::User, ""),
        ("GET", ["user", "emails"]) => (Endpoint::UserEmails, ""),
        ("GET", ["user", "installations"]) => (Endpoint::UserInstallations, ""),
        ("GET", ["user", "installations", id, "repositories"]) => {
            (Endpoint::UserInstallationRepositories, *id)
        }
        ("POST", ["applications", id, "token"]) => (Endpoint::CheckToken, *id),
        ("DELETE", ["applications", id, "token"]) => (Endpoint::DeleteToken, *id),
        ("DELETE", ["applications", id, "grant"]) => (Endpoint::DeleteGrant, *id),
        ("GET", ["app"]) => (Endpoint::App, ""),
        ("GET", ["app", "installations"]) => (Endpoint::AppInstallations, ""),
        ("GET", ["app", "installations", id]) => (Endpoint::AppInstallation, *id),
        ("DELETE", ["app", "installations", id]) => (Endpoint::DeleteInstallation, *id),
        ("POST", ["app", "installations", id, "access_tokens"]) => (Endpoint::CreateInstallationToken, *id),
        ("PUT", ["app", "installations", id, "suspended"]) => (Endpoint::SuspendInstallation, *id),
        ("DELETE", ["app", "installations", id, "suspended"]) => (Endpoint::UnsuspendInstallation, *id),
        ("GET", ["installation", "repositories"]) => (Endpoint::InstallationRepositories, ""),
        ("DELETE", ["installation", "token"]) => (Endpoint::RevokeInstallationToken, ""),
        _ => return None,
    };
    Some(Route::new(endpoint, parameter))
}

impl Route {
    fn new(endpoint: Endpoint, parameter: &str) -> Self {
        Self {
            endpoint,
            parameter: parameter.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(method: &Method, path: &str, prefix: &str) -> Option<Endpoint> {
        find(method, path, prefix).map(|route| route.endpoint)
    }

    #[test]
    fn the_api_answers_at_the_root_and_where_enterprise_servers_have_it() {
        assert_eq!(endpoint(&Method::GET, "/user", ""), Some(Endpoint::User));
        assert_eq!(endpoint(&Method::GET, "/api/v3/user", ""), Some(Endpoint::User));
        assert_eq!(endpoint(&Method::GET, "/user", "/api/v3"), None);
        assert_eq!(endpoint(&Method::GET, "/x/user", "/x"), Some(Endpoint::User));
        assert_eq!(
            endpoint(&Method::GET, "/login/oauth/authorize", "/x"),
            Some(Endpoint::Authorize)
        );
    }

    #[test]
    fn a_known_path_with_another_method_is_not_found() {
        assert_eq!(endpoint(&Method::POST, "/user", ""), None);
        assert_eq!(endpoint(&Method::GET, "/login/oauth/access_token", ""), None);
        assert_eq!(endpoint(&Method::GET, "/user/", ""), None);
    }
}
