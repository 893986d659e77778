//! Other providers: GitHub by OAuth 2 and its REST API, any other by OpenID Connect.
//! Follows no redirects, waits for nobody for long, and reads no more than an answer may have.

mod claims;
mod discovered;
mod github;
mod oidc;
mod outcome;
mod outside;

use std::sync::Arc;

use domain::federation::{IdentityProvider, Providers};
use domain::github_app::GithubApp;
use model::Clock;

use super::DocumentFetcher;
use super::github_app::App;
use crate::config::Config;
pub use github::Github;
pub use oidc::Oidc;
pub use outside::{Outside, OutsideError};

/// Why the providers can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ProvidersError {
    #[error("the HTTP client can't be made: {0}")]
    Client(String),
    /// A checked configuration has none of these.
    #[error("{0}: unusable address")]
    Address(String),
}

/// The configured providers; none of them is asked anything yet.
///
/// # Errors
/// See [`ProvidersError`].
pub fn providers(config: &Config, clock: &Arc<dyn Clock>) -> Result<Providers, ProvidersError> {
    let known = identity_providers(config, clock)?;
    if !config.client_registration.documents {
        return Ok(known);
    }
    let fetcher = DocumentFetcher::new(&config.client_registration)?;
    Ok(known.with_client_documents(Arc::new(fetcher)))
}

fn identity_providers(config: &Config, clock: &Arc<dyn Clock>) -> Result<Providers, ProvidersError> {
    if config.github.is_none() && config.providers.is_empty() {
        return Ok(Providers::default());
    }
    let outside = Outside::new()?;
    let mut all: Vec<Arc<dyn IdentityProvider>> = Vec::new();
    if let Some(github) = &config.github {
        all.push(Arc::new(Github::new(github, outside.clone(), Arc::clone(clock))?));
    }
    let mut app: Option<Arc<dyn GithubApp>> = None;
    if let (Some(github), Some(config)) = (&config.github, &config.github_app) {
        app = Some(Arc::new(App::new(
            (github, config),
            outside.clone(),
            Arc::clone(clock),
        )?));
    }
    for provider in &config.providers {
        all.push(Arc::new(Oidc::new(provider, outside.clone(), Arc::clone(clock))?));
    }
    let providers = Providers::new(all);
    Ok(match app {
        Some(app) => providers.with_github_app(app),
        None => providers,
    })
}
