//! Metadata of the resources behind the proxy (RFC 9728), made once from the routes.
//! They refuse to tell of routes that do not publish them, and need no credential.

use crate::config::Config;
use crate::respond::Answer;
use crate::routes::{Route, RouteTable};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use oauth::resource_metadata::{ResourceMetadata, ResourceUrl, WELL_KNOWN};
use oauth::scope::ScopeSet;
use std::sync::Arc;

/// Every document, by host and path.
#[derive(Debug, Default)]
pub struct ResourceDocuments(Vec<Document>);

#[derive(Debug)]
struct Document {
    resource: ResourceUrl,
    path: String,
    body: Bytes,
}

impl ResourceDocuments {
    /// The documents of these routes; routes with the same resource share one.
    #[must_use]
    pub fn new(config: &Config, routes: &RouteTable) -> Self {
        let mut documents: Vec<Document> = Vec::new();
        for route in routes.routes() {
            let Some(resource) = &route.resource else { continue };
            if !documents.iter().any(|known| known.resource == *resource) {
                documents.push(Document {
                    path: resource.metadata_path(),
                    body: body(config, routes, resource),
                    resource: resource.clone(),
                });
            }
        }
        Self(documents)
    }

    /// The answer, when the path is one of theirs on this host.
    #[must_use]
    pub fn answer(&self, host: &str, path: &str, method: &Method) -> Option<Answer> {
        if !path.starts_with(WELL_KNOWN) {
            return None;
        }
        let document = self.find(host, path)?;
        Some(match *method {
            Method::GET | Method::HEAD => shown(document.body.clone()),
            Method::OPTIONS => preflight(),
            _ => Answer {
                status: StatusCode::METHOD_NOT_ALLOWED,
                headers: vec![(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"))],
                body: Bytes::new(),
            },
        })
    }

    /// The document at this very path; the bare path also stands for the only resource of the host.
    fn find(&self, host: &str, path: &str) -> Option<&Document> {
        let own = || self.0.iter().filter(|document| document.resource.host() == host);
        own().find(|document| document.path == path).or_else(|| {
            let only = own().next().filter(|_| own().count() == 1);
            only.filter(|_| path == WELL_KNOWN)
        })
    }
}

fn body(config: &Config, routes: &RouteTable, resource: &ResourceUrl) -> Bytes {
    let same = |route: &&Arc<Route>| route.resource.as_ref() == Some(resource);
    let scopes = routes.routes().iter().filter(same);
    let scopes = scopes.fold(ScopeSet::default(), |sum, route| {
        sum.union(&route.policy.scopes).union(&route.tools.all())
    });
    let told = config.routes.iter().filter(|route| {
        (route.mcp || route.metadata) && route.require.audience.as_deref() == Some(resource.as_str())
    });
    let document = ResourceMetadata {
        resource: resource.as_str().to_owned(),
        authorization_servers: vec![config.authorization_server.issuer.clone()],
        scopes_supported: scopes.iter().map(ToString::to_string).collect(),
        // RFC 6750 §2.1 alone: neither bodies nor queries are looked at.
        bearer_methods_supported: vec!["header".to_owned()],
        resource_name: told.clone().find_map(|route| route.resource_name.clone()),
        resource_documentation: told
            .clone()
            .find_map(|route| route.resource_documentation.clone()),
    };
    serde_json::to_vec(&document).unwrap_or_default().into()
}

fn shown(body: Bytes) -> Answer {
    let fixed = HeaderValue::from_static;
    Answer {
        status: StatusCode::OK,
        headers: vec![
            (header::CONTENT_TYPE, fixed("application/json")),
            (header::CACHE_CONTROL, fixed("public, max-age=300")),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, fixed("*")),
        ],
        body,
    }
}

/// What scripts of any origin may ask: nothing here is secret, and no credential of the browser is sent along.
fn preflight() -> Answer {
    let fixed = HeaderValue::from_static;
    Answer {
        status: StatusCode::NO_CONTENT,
        headers: vec![
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, fixed("*")),
            (header::ACCESS_CONTROL_ALLOW_METHODS, fixed("GET, HEAD")),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                fixed("mcp-protocol-version"),
            ),
            (header::ACCESS_CONTROL_MAX_AGE, fixed("3600")),
        ],
        body: Bytes::new(),
    }
}

/// Lets scripts of other origins read why they were refused, on routes that let them ask.
#[must_use]
pub fn readable_by_scripts(route: &Route) -> Vec<(HeaderName, HeaderValue)> {
    if route.resource.is_none() || !route.cors_preflight {
        return Vec::new();
    }
    vec![
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("www-authenticate"),
        ),
    ]
}
