//! The authorization request a page is on the way of, carried sealed in the field `flow`.
//! Refuses any other way of saying where to go next (O05).

use domain::oauth::flow::Flow;
use model::client::Client;
use url::Url;

use super::visitor::Visitor;
use super::{ClientCard, WebLink};

/// The `flow` query parameter.
#[derive(serde::Deserialize)]
pub struct FlowQuery {
    #[serde(default)]
    pub flow: String,
}

/// A flow with the client it belongs to.
pub struct OpenFlow {
    pub flow: Flow,
    pub client: Client,
}

impl Visitor {
    /// The flow behind the text, when it is ours, not too old, and its client still exists.
    pub async fn open_flow(&self, text: &str) -> Option<OpenFlow> {
        if text.is_empty() {
            return None;
        }
        let authority = &self.state.authority;
        let flow = authority.open_flow(&self.ctx, text)?;
        let client = authority
            .find_client(&flow.request.target.client_id)
            .await
            .ok()
            .flatten()?;
        Some(OpenFlow { flow, client })
    }
}

impl OpenFlow {
    /// The client as pages show it.
    pub fn card(&self) -> Option<ClientCard> {
        let registered = self.client.settings.redirect_uris.first();
        let redirect_uri = self.flow.request.target.redirect_uri.as_ref().or(registered)?;
        card(&self.client, redirect_uri)
    }
}

/// `client` on its way back to `redirect_uri`.
pub fn card(client: &Client, redirect_uri: &str) -> Option<ClientCard> {
    let link = |uri: &Option<String>| uri.as_deref().and_then(WebLink::parse);
    Some(ClientCard {
        name: client.name.clone(),
        logo: link(&client.settings.logo_uri),
        policy: link(&client.settings.policy_uri),
        tos: link(&client.settings.tos_uri),
        redirect_uri: Url::parse(redirect_uri).ok()?,
    })
}

/// `path`, carrying the flow if there is one.
pub fn with_flow(path: &str, flow: &str) -> String {
    if flow.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?flow={flow}")
    }
}

/// Where a completed sign-in leads.
pub fn next(flow: &str) -> String {
    if flow.is_empty() {
        "/".to_owned()
    } else {
        with_flow("/oauth2/authorize/resume", flow)
    }
}
