//! What a route demands by policies: an action on a resource, both filled from the request.
//! It refuses to fill in anything that could be read in two ways.

mod rulings;
mod template;

pub use rulings::{Asked, Bounds, Parts, Ruled, Rulings};
pub use template::{Source, Template};

use crate::config;
use crate::pattern::PathPattern;
use http::Method;

/// The demand of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demanded {
    action: Template,
    resource: Template,
}

impl Demanded {
    /// Compiles `require.action` and `require.resource`.
    ///
    /// # Errors
    /// A sentence for the person who wrote them.
    pub fn compile(require: &config::Require, path: &PathPattern) -> Result<Option<Self>, String> {
        match (&require.action, &require.resource) {
            (None, None) => Ok(None),
            (Some(action), Some(resource)) => {
                let demanded = Self {
                    action: Template::parse(action, path)
                        .map_err(|reason| format!("require.action: {reason}"))?,
                    resource: Template::parse(resource, path)
                        .map_err(|reason| format!("require.resource: {reason}"))?,
                };
                demanded.judge()?;
                Ok(Some(demanded))
            }
            _ => Err("require.action and require.resource belong together".to_owned()),
        }
    }

    fn judge(&self) -> Result<(), String> {
        let action = self.action.to_string();
        let (service, name) = action.split_once(':').unwrap_or_default();
        if service.is_empty() || name.is_empty() || action.contains(['*', '?']) {
            return Err("require.action must be `service:name`, without wildcards".to_owned());
        }
        let resource = self.resource.to_string();
        if !resource.starts_with("arn:") || resource.split(':').count() < 6 {
            return Err(
                "require.resource must be an ARN: arn:partition:service:region:account:resource".to_owned(),
            );
        }
        Ok(())
    }

    /// Action and resource of a request; nothing when a part of it is ambiguous.
    #[must_use]
    pub fn fill(&self, source: Source<'_>) -> Option<(String, String)> {
        Some((self.action.fill(source)?, self.resource.fill(source)?))
    }

    /// As the route writes them.
    #[must_use]
    pub fn texts(&self) -> (String, String) {
        (self.action.to_string(), self.resource.to_string())
    }
}

/// What templates are filled from.
#[must_use]
pub const fn source<'a>(
    pattern: &'a PathPattern,
    host: &'a str,
    path: &'a str,
    method: &'a Method,
) -> Source<'a> {
    Source {
        pattern,
        host,
        path,
        method,
    }
}
