//! What every page shares: the brand, the nonce of this response and the address of the stylesheet.
//! Holds no text of any page; texts live in the templates and are English.

use std::sync::Arc;

use super::asset;
use super::brand::Brand;
use super::client::ClientCard;
use super::nonce::Nonce;
use super::security_headers::ContentPolicy;

/// The frame around a page, made once per response.
#[derive(Clone)]
pub struct Layout {
    /// Whose server this is.
    pub brand: Arc<Brand>,
    /// Fresh for this response.
    pub nonce: Nonce,
    /// Whether the issuer is an `https` address; then the answer carries HSTS.
    pub https: bool,
}

impl Layout {
    /// A frame for one response.
    pub fn new(brand: Arc<Brand>, nonce: Nonce, https: bool) -> Self {
        Self { brand, nonce, https }
    }

    /// The address of the stylesheet, which changes with its content.
    pub fn stylesheet(&self) -> &'static str {
        asset::STYLESHEET.path()
    }

    /// The address of the icon in the browser's tab.
    pub fn icon(&self) -> &'static str {
        asset::ICON.path()
    }

    /// The policy of a page that shows the brand's picture and the client's, and whose form may end at the client.
    pub fn content_policy_for(&self, client: Option<&ClientCard>) -> ContentPolicy {
        ContentPolicy::new(&self.nonce)
            .image(self.brand.logo())
            .image(client.and_then(|client| client.logo.as_ref()))
            .form_target(client.map(|client| &client.redirect_uri))
    }
}
