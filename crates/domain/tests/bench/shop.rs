//! A user, two clients and the way from an authorization request to tokens, without HTTP.

use domain::Authority;
use domain::clients::NewClient;
use domain::oauth::authorize::{AuthorizeError, Decision, SignedIn, Validated};
use domain::oauth::token::TokenError;
use domain::people;
use model::client::{AccessTokenFormat, Client, ClientSettings, GrantType};
use model::registry::{Registry, ResourceServer, ScopeDefinition};
use oauth::client_auth::ClientAuthMethod;
use oauth::confirmation::Confirmation;
use oauth::error::ErrorCode;
use oauth::params::{ParamLimits, Params};
use oauth::redirect_uri::ApplicationType;
use oauth::scope::{Scope, ScopeSet};
use oauth::secret::SecretText;
use oauth::token::{TokenRequest, TokenResponse};
use storage::Database;

use super::world::World;

pub const CALLBACK: &str = "https://shop.example/cb";
pub const AUDIENCE: &str = "https://api.example.com";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A world with the user `ada`, signed in, and the clients `shop` (JWTs) and `kiosk` (opaque tokens).
pub struct Shop {
    pub world: World,
    pub ada: people::SignedIn,
    pub shop: Client,
    pub kiosk: Client,
}

impl Shop {
    pub async fn open(database: Database) -> Self {
        let world = World::with(database, |settings| settings.registry = registry());
        world.authority.keep_keys(&world.ctx()).await.unwrap();
        let ada = world.register("ada").await;
        let shop = client(&world, "shop", None).await;
        let kiosk = client(&world, "kiosk", Some(AccessTokenFormat::Opaque)).await;
        Self {
            world,
            ada,
            shop,
            kiosk,
        }
    }

    pub fn authority(&self) -> &Authority {
        &self.world.authority
    }

    pub fn who(&self) -> SignedIn {
        SignedIn {
            user: self.ada.user.clone(),
            session: self.ada.session.clone(),
        }
    }

    /// `extra` is added to, and wins over, a request that is fine.
    pub async fn validate(&self, client: &Client, extra: &str) -> Result<Validated, AuthorizeError> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let usual = [
            ("client_id", client.id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email orders:read"),
            ("state", "s"),
            ("nonce", "n"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let named = |name: &str| extra.split('&').any(|pair| pair.split('=').next() == Some(name));
        for (name, value) in usual.into_iter().filter(|(name, _)| !named(name)) {
            form.append_pair(name, value);
        }
        let query = format!("{}&{extra}", form.finish());
        let params = Params::parse(query.as_bytes(), &ParamLimits::default()).unwrap();
        self.authority()
            .validate_authorization(&self.world.ctx(), &params)
            .await
    }

    /// A code, with the consent given if it is asked for.
    pub async fn code(&self, client: &Client, extra: &str) -> SecretText {
        let request = self.validate(client, extra).await.unwrap();
        let who = self.who();
        let decision = self
            .authority()
            .decide_authorization(&self.world.ctx(), &request, Some(&who))
            .await
            .unwrap();
        let consented = matches!(decision, Decision::AskConsent { .. });
        assert!(
            consented || matches!(decision, Decision::Issue),
            "something else is in the way"
        );
        let code = self
            .authority()
            .issue_code(&self.world.ctx(), &request, &who, consented)
            .await
            .unwrap();
        code.0.into_text()
    }

    pub async fn redeem(&self, client: &Client, code: &SecretText) -> Result<TokenResponse, TokenError> {
        self.token(
            client,
            &format!(
                "grant_type=authorization_code&code={}&code_verifier={VERIFIER}",
                code.expose()
            ),
        )
        .await
    }

    pub async fn refresh(&self, client: &Client, token: &SecretText) -> Result<TokenResponse, TokenError> {
        self.token(
            client,
            &format!("grant_type=refresh_token&refresh_token={}", token.expose()),
        )
        .await
    }

    pub async fn token(&self, client: &Client, form: &str) -> Result<TokenResponse, TokenError> {
        let params = Params::parse(form.as_bytes(), &ParamLimits::default()).unwrap();
        let request = TokenRequest::from_params(&params)?;
        self.authority()
            .token(&self.world.ctx(), (client, &Confirmation::default()), request)
            .await
    }

    pub async fn tokens(&self, client: &Client, extra: &str) -> TokenResponse {
        let code = self.code(client, extra).await;
        self.redeem(client, &code).await.unwrap()
    }

    pub async fn is_active(&self, caller: &Client, token: &SecretText) -> bool {
        let found = self
            .authority()
            .introspect(&self.world.ctx(), caller, token.expose())
            .await
            .unwrap();
        found.response.active().is_some()
    }
}

pub fn refusal<T>(result: Result<T, TokenError>) -> Option<ErrorCode> {
    match result {
        Ok(_) => None,
        Err(TokenError::Refused(error)) => Some(error.code()),
        Err(TokenError::Fault(fault)) => panic!("{fault}"),
    }
}

pub fn refresh_token(tokens: &TokenResponse) -> &SecretText {
    tokens.refresh_token.as_ref().unwrap()
}

fn registry() -> Registry {
    let scope = |name: &str| ScopeDefinition {
        name: Scope::parse(name).unwrap(),
        description: name.to_owned(),
        claims: Vec::new(),
    };
    Registry {
        scopes: vec![scope("orders:read"), scope("orders:write")],
        resources: vec![ResourceServer {
            audience: AUDIENCE.to_owned(),
            name: "Orders".to_owned(),
            scopes: ScopeSet::parse("orders:read orders:write").unwrap(),
            access_token_format: None,
        }],
    }
}

pub async fn client(world: &World, id: &str, format: Option<AccessTokenFormat>) -> Client {
    let settings = ClientSettings {
        auth_method: ClientAuthMethod::ClientSecretBasic,
        application_type: ApplicationType::Web,
        redirect_uris: vec![CALLBACK.to_owned()],
        post_logout_redirect_uris: vec!["https://shop.example/bye".to_owned()],
        grant_types: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ],
        scopes: ScopeSet::parse("openid email offline_access orders:read").unwrap(),
        resources: vec![AUDIENCE.to_owned()],
        access_token_format: format,
        ..ClientSettings::default()
    };
    let new = NewClient {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        settings,
    };
    world
        .authority
        .create_client(&world.ctx(), new)
        .await
        .unwrap()
        .client
}
