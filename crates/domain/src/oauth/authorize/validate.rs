//! From parameters to a request that may be acted on.
//! Refuses in two ways: on a page while the destination is unproven, by redirect afterwards.

use model::Ctx;
use model::client::{Client, GrantType};
use oauth::authorization::{AuthorizationRequest, AuthorizationTarget};
use oauth::error::OAuthError;
use oauth::params::Params;
use oauth::response::ResponseMode;
use oauth::scope::ScopeSet;

use crate::authority::Authority;
use crate::clients::DocumentRefusal;
use crate::fault::Fault;
use crate::oauth::flow::Flow;
use crate::oauth::scopes;
use crate::settings::Profile;

/// Where and how the answer goes; proven to be the client's.
#[derive(Clone, Debug)]
pub struct Destination {
    pub redirect_uri: String,
    pub response_mode: ResponseMode,
    pub state: Option<String>,
}

/// A request that passed every check that needs no user.
#[derive(Clone)]
pub struct Validated {
    pub client: Client,
    pub destination: Destination,
    pub flow: Flow,
    /// Narrowed to what the client may have.
    pub scopes: ScopeSet,
}

#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// Shown on a page of ours, never redirected.
    #[error("refused on a page")]
    Page(OAuthError),
    /// Sent to the client.
    #[error("refused by redirect")]
    Redirect(Box<Destination>, OAuthError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// RFC 6749 §4.1.2.1: nobody is sent anywhere while the client is not known.
fn unread(refusal: DocumentRefusal) -> AuthorizeError {
    let page = |text| AuthorizeError::Page(OAuthError::invalid_request(text));
    match refusal {
        DocumentRefusal::Unusable => page("What the client publishes about itself can't be used"),
        DocumentRefusal::TooMany => page("Too many unknown clients were asked for. Try again later"),
        DocumentRefusal::Fault(fault) => AuthorizeError::Fault(fault),
    }
}

impl Authority {
    /// # Errors
    /// As [`AuthorizeError`] says.
    pub async fn validate_authorization(
        &self,
        ctx: &Ctx,
        params: &Params,
    ) -> Result<Validated, AuthorizeError> {
        let target = AuthorizationTarget::from_params(params).map_err(AuthorizeError::Page)?;
        self.read_client_document(ctx, &target.client_id)
            .await
            .map_err(unread)?;
        let (client, destination) = self.destination(&target).await?;
        let redirected = |error| AuthorizeError::Redirect(Box::new(destination.clone()), error);
        let request = AuthorizationRequest::from_params(target, params).map_err(redirected)?;
        let scopes = self.check_request(&client, &request).map_err(redirected)?;
        let flow = Flow::start(request, ctx);
        Ok(Validated {
            client,
            destination,
            flow,
            scopes,
        })
    }

    /// A request that comes back from login, as [`Authority::validate_authorization`] left it, judged anew: the
    /// client may have changed meanwhile.
    ///
    /// # Errors
    /// As [`AuthorizeError`] says.
    pub async fn revalidate_authorization(&self, flow: Flow) -> Result<Validated, AuthorizeError> {
        let (client, destination) = self.destination(&flow.request.target).await?;
        let scopes = self
            .check_request(&client, &flow.request)
            .map_err(|error| AuthorizeError::Redirect(Box::new(destination.clone()), error))?;
        Ok(Validated {
            client,
            destination,
            flow,
            scopes,
        })
    }

    async fn destination(
        &self,
        target: &AuthorizationTarget,
    ) -> Result<(Client, Destination), AuthorizeError> {
        let page = |text| AuthorizeError::Page(OAuthError::invalid_request(text));
        let client = self.find_client(&target.client_id).await?;
        let client = client.ok_or_else(|| page("The client is unknown"))?;
        let redirect_uri = match (&target.redirect_uri, client.settings.redirect_uris.as_slice()) {
            (Some(presented), _) if client.has_redirect_uri(presented) => presented.clone(),
            (Some(_), _) => return Err(page("The redirect_uri is not registered for this client")),
            // RFC 6749 §3.1.2.3: may be left out when there is exactly one. OIDC Core §3.1.2.1 requires it.
            (None, [only]) if self.settings.profile != Profile::Oidc => only.clone(),
            (None, _) => return Err(page("The redirect_uri is missing")),
        };
        let destination = Destination {
            redirect_uri,
            response_mode: target.response_mode,
            state: target.state.clone(),
        };
        Ok((client, destination))
    }

    fn check_request(&self, client: &Client, request: &AuthorizationRequest) -> Result<ScopeSet, OAuthError> {
        if !client.may_use(GrantType::AuthorizationCode) {
            return Err(OAuthError::unauthorized_client(
                "The client may not use the authorization code grant",
            ));
        }
        if request.code_challenge.is_none() && self.requires_pkce(client) {
            return Err(OAuthError::invalid_request("A code_challenge (S256) is required"));
        }
        scopes::check_resources(client, &self.settings.registry, &request.resource)?;
        scopes::of_authorization(client, &request.scope)
    }

    /// RFC 9700 §2.1.1: always, but in the `oidc` profile only for public clients (O09).
    pub fn requires_pkce(&self, client: &Client) -> bool {
        self.settings.profile != Profile::Oidc || client.is_public() || client.settings.require_pkce
    }
}
