//! The buttons that lead to other providers, on whichever page has them.
//! Asks no provider anything; where its forms may lead follows from its configured address.

use url::Url;

use super::form::Form;
use crate::pages::security_headers::ContentPolicy;

/// One button with a form of its own.
#[derive(Clone)]
pub struct ProviderButton {
    /// The id of the provider.
    pub id: String,
    /// What it says.
    pub label: String,
    /// Where it is posted.
    pub form: Form,
    /// Where the answer leads.
    pub web: Url,
}

/// `policy`, with forms that may lead to the providers by the redirect that answers them.
pub(super) fn leading_to(providers: &[ProviderButton], policy: ContentPolicy) -> ContentPolicy {
    providers
        .iter()
        .fold(policy, |policy, provider| policy.form_target(Some(&provider.web)))
}
