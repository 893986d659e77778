//! The JSON surfaces as clients of their own: who signs in there gets the same tokens as at the token endpoint.
//! Refuses to be registered, configured or deleted by anybody: these clients come with the server.

use std::time::Duration;

use model::audit::Actor;
use model::authentication::Authentication;
use model::client::{Client, ClientSettings, ClientSource, GrantType};
use model::grant::Grant;
use model::iam::AccountId;
use model::principal::Principal;
use model::{ClientId, Ctx, GrantId, PlainSecret, SessionId, UserId};
use oauth::client_auth::ClientAuthMethod;
use oauth::confirmation::Confirmation;
use oauth::redirect_uri::ApplicationType;
use oauth::scope::{Scope, ScopeSet};
use oauth::token::{TokenRequest, TokenResponse, TokenType};
use serde_json::json;
use storage::Script;

use super::issue::AccessTokenOrder;
use super::scopes::IDENTITY;
use super::token::{TokenError, first_refresh_token, store_tokens};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::clients::BuiltInClient;
use crate::fault::Fault;
use crate::people::{SignInError, SignedIn, Signer};

/// No client of this prefix can be registered by hand.
pub const RESERVED: &str = "first-party.";

/// A JSON surface that people sign in at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstParty {
    Platform,
    Tokens,
    Console,
    V1,
}

impl FirstParty {
    pub const ALL: [Self; 4] = [Self::Platform, Self::Tokens, Self::Console, Self::V1];

    /// The client id that its tokens bear.
    pub const fn client_id(self) -> &'static str {
        match self {
            Self::Platform => "first-party.platform",
            Self::Tokens => "first-party.tokens",
            Self::Console => "first-party.console",
            Self::V1 => "first-party.v1",
        }
    }

    fn id(self) -> ClientId {
        ClientId::fixed(self.client_id())
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Platform => "Platform API",
            Self::Tokens => "Token API",
            Self::Console => "Console API",
            Self::V1 => "API v1",
        }
    }
}

/// Whether the tokens of this client are those of somebody signed in with us.
pub fn is_first_party(client: &ClientId) -> bool {
    client.as_str().starts_with(RESERVED)
}

/// Whether the access token comes with something to get the next one with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renewal {
    Refreshing,
    /// For documents without a refresh token: the one access token lives longer.
    Never,
}

/// A refresh token that can't be used, or a fault.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    #[error("the refresh token is invalid, expired or used")]
    Invalid,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Authority {
    /// The rows of these clients, which grants refer to, as the registry is now.
    ///
    /// # Errors
    /// Storage.
    pub async fn sync_first_party_clients(&self, ctx: &Ctx) -> Result<(), Fault> {
        let wanted = FirstParty::ALL.map(|door| BuiltInClient {
            id: door.id(),
            name: door.name(),
            settings: self.first_party_settings(),
        });
        self.sync_built_in_clients(ctx, wanted.into()).await
    }

    fn first_party_settings(&self) -> ClientSettings {
        ClientSettings {
            auth_method: ClientAuthMethod::None,
            application_type: ApplicationType::Native,
            grant_types: vec![GrantType::RefreshToken],
            scopes: self.first_party_scopes(),
            resources: self.first_party_audience(),
            first_party: true,
            ..ClientSettings::default()
        }
    }

    /// Everything that was declared: it is the owner who is signed in.
    pub(super) fn first_party_scopes(&self) -> ScopeSet {
        let identity = IDENTITY.iter().filter(|name| **name != "offline_access");
        let identity = identity.filter_map(|name| Scope::parse(name).ok());
        let declared = self.settings.registry.scopes.iter();
        let declared = declared.map(|scope| scope.name.clone());
        let of_resources = self.settings.registry.resources.iter();
        let of_resources = of_resources.flat_map(|resource| resource.scopes.iter().cloned());
        identity
            .chain(declared)
            .chain(of_resources)
            .filter(|scope| scope.as_str() != "offline_access")
            .collect()
    }

    /// The same without claims about a person, which an IAM user is none of.
    pub(super) fn iam_scopes(&self) -> ScopeSet {
        let all = self.first_party_scopes();
        all.iter()
            .filter(|scope| !IDENTITY.contains(&scope.as_str()))
            .cloned()
            .collect()
    }

    pub(super) fn first_party_audience(&self) -> Vec<String> {
        let declared = self.settings.registry.resources.iter();
        let declared = declared.map(|resource| resource.audience.clone());
        std::iter::once(self.settings.issuer.clone())
            .chain(declared)
            .collect()
    }

    /// The tokens of somebody who has just signed in at a surface. Their session lives as long as these can be renewed.
    ///
    /// # Errors
    /// A fault, or the session has ended meanwhile.
    pub async fn issue_first_party<P: Signer>(
        &self,
        ctx: &Ctx,
        door: FirstParty,
        signed_in: &SignedIn<P>,
        renewal: Renewal,
    ) -> Result<TokenResponse, SignInError> {
        self.issue_first_party_in(ctx, (door, renewal), signed_in, None)
            .await
    }

    /// The same for an account that was chosen, where the person works; `None`: their own.
    ///
    /// # Errors
    /// A fault, or the session has ended meanwhile, or they work in the account no more.
    pub async fn issue_first_party_in<P: Signer>(
        &self,
        ctx: &Ctx,
        (door, renewal): (FirstParty, Renewal),
        signed_in: &SignedIn<P>,
        account: Option<&AccountId>,
    ) -> Result<TokenResponse, SignInError> {
        let session = &signed_in.session;
        let principal: Principal = signed_in.user.clone().into();
        let who = (signed_in.user.id(), session.id, session.authentication.clone());
        let client = self.first_party_client(ctx, door, renewal);
        let mut grant = self.first_party_grant(ctx, &client, who, renewal);
        if principal.iam().is_some() {
            grant.scopes = self.iam_scopes();
        } else {
            grant.account_id = account.cloned();
        }
        let acting = self.account_of_grant(ctx, &grant, &principal).await?;
        let is_own = match &grant.account_id {
            Some(_) => {
                acting.as_ref().map(|acting| &acting.id)
                    == Some(&self.account_number(ctx, grant.user_id).await?)
            }
            None => true,
        };
        let mut minted = self.mint_access_token(
            ctx,
            AccessTokenOrder {
                client: &client,
                grant: Some(&grant),
                scopes: grant.scopes.clone(),
                audience: grant.resources.clone(),
                confirmation: Confirmation::default(),
                account: acting,
            },
        )?;
        let refresh = (renewal == Renewal::Refreshing).then(|| {
            first_refresh_token(
                &self.settings.tokens,
                ctx,
                (&client, &grant),
                Confirmation::default(),
            )
        });
        let (refresh_text, refresh_row) = refresh.unzip();
        let mut script = Script::default();
        let idle = refresh_row
            .as_ref()
            .map_or(grant.expires_at, |row| row.expires_at);
        storage::sessions::extend(&mut script, session.id, idle, grant.expires_at);
        if let Some(account) = grant.account_id.as_ref().filter(|_| !is_own) {
            storage::accounts::hold_seat(&mut script, account, grant.user_id);
        }
        storage::grants::insert(&mut script, &grant).await?;
        store_tokens(&mut script, refresh_row.as_ref(), minted.row.take().as_ref()).await?;
        let happened = Happened {
            actor: Actor::User(grant.user_id),
            action: "grant.given",
            target: Some(grant.id.to_string()),
            detail: json!({"client_id": door.client_id()}),
        };
        record(&mut script, ctx, happened).await?;
        if !self.database.apply(script).await? {
            return Err(SignInError::SessionEnded);
        }
        Ok(TokenResponse {
            access_token: minted.text.into_text(),
            token_type: TokenType::Bearer,
            expires_in: minted.expires_in.as_secs(),
            refresh_token: refresh_text.map(PlainSecret::into_text),
            scope: Some(minted.scopes),
            id_token: None,
        })
    }

    /// The next pair of tokens for a refresh token of any surface.
    ///
    /// # Errors
    /// See [`RefreshError`].
    pub async fn refresh_first_party(&self, ctx: &Ctx, text: &str) -> Result<TokenResponse, RefreshError> {
        let grant = self.grant_of_refresh_token(text).await?;
        let id = grant.map(|grant| grant.client_id).filter(is_first_party);
        let id = id.ok_or(RefreshError::Invalid)?;
        let client = self.find_client(id.as_str()).await?;
        let client = client.ok_or(RefreshError::Invalid)?;
        let request = TokenRequest::RefreshToken {
            refresh_token: text.into(),
            scope: None,
            resource: Vec::new(),
        };
        match self
            .token(ctx, (&client, &Confirmation::default()), request)
            .await
        {
            Ok(response) => Ok(response),
            Err(TokenError::Refused(_)) => Err(RefreshError::Invalid),
            Err(TokenError::Fault(fault)) => Err(RefreshError::Fault(fault)),
        }
    }

    fn first_party_client(&self, ctx: &Ctx, door: FirstParty, renewal: Renewal) -> Client {
        let mut settings = self.first_party_settings();
        if renewal == Renewal::Never {
            settings.access_ttl_seconds = Some(self.settings.tokens.unrenewed_access_ttl.as_secs());
        }
        Client {
            id: door.id(),
            name: door.name().to_owned(),
            source: ClientSource::BuiltIn,
            settings,
            created_at: ctx.now,
            updated_at: ctx.now,
            deleted_at: None,
        }
    }

    fn first_party_grant(
        &self,
        ctx: &Ctx,
        client: &Client,
        (user_id, session_id, authentication): (UserId, SessionId, Authentication),
        renewal: Renewal,
    ) -> Grant {
        let tokens = &self.settings.tokens;
        let life: Duration = match renewal {
            Renewal::Refreshing => tokens.refresh_absolute_ttl,
            Renewal::Never => tokens.unrenewed_access_ttl,
        };
        Grant {
            id: GrantId::random(ctx.random.as_ref()),
            user_id,
            client_id: client.id.clone(),
            session_id,
            offline: false,
            scopes: client.settings.scopes.clone(),
            resources: client.settings.resources.clone(),
            claims: None,
            nonce: None,
            authentication,
            account_id: None,
            created_at: ctx.now,
            expires_at: ctx.now.plus(life),
            ended_at: None,
        }
    }
}
