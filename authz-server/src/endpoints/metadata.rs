//! Both discovery documents (RFC 8414, OpenID Connect Discovery §3).
//! Refuses to announce what does not work.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Json, http::header};
use domain::Settings;
use domain::settings::RegistrationPolicy;
use jose::Algorithm;
use model::authentication::ACR_VALUES;
use oauth::claims;
use oauth::client_auth::ClientAuthMethod;
use oauth::metadata::{ClientAuthMetadata, FeatureMetadata, ServerMetadata};
use oauth::response::{GrantType, ResponseMode, ResponseType};

use crate::app::AppState;

const IDENTITY_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];
const PROTOCOL_CLAIMS: [&str; 9] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "acr",
    "amr",
    "sid",
];

pub async fn show(State(state): State<AppState>) -> Response {
    let document = metadata(&state.authority.settings);
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(document)).into_response()
}

fn metadata(settings: &Settings) -> ServerMetadata {
    let at = |path: &str| format!("{}{path}", settings.issuer);
    let algorithms = texts(Algorithm::ALL.iter().map(|algorithm| algorithm.as_str()));
    let strangers = &settings.strangers;
    ServerMetadata {
        issuer: settings.issuer.clone(),
        authorization_endpoint: at("/oauth2/authorize"),
        token_endpoint: at("/oauth2/token"),
        userinfo_endpoint: at("/oauth2/userinfo"),
        jwks_uri: at("/oauth2/jwks"),
        introspection_endpoint: at("/oauth2/introspect"),
        revocation_endpoint: at("/oauth2/revoke"),
        end_session_endpoint: at("/oauth2/logout"),
        registration_endpoint: (strangers.registration != RegistrationPolicy::Closed)
            .then(|| at("/oauth2/register")),
        scopes_supported: scopes(settings),
        response_types_supported: vec![ResponseType::Code],
        response_modes_supported: vec![ResponseMode::Query, ResponseMode::FormPost],
        grant_types_supported: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::TokenExchange,
        ],
        code_challenge_methods_supported: texts([oauth::pkce::METHOD].into_iter()),
        subject_types_supported: texts(["public"].into_iter()),
        id_token_signing_alg_values_supported: algorithms.clone(),
        acr_values_supported: texts(ACR_VALUES.iter().copied()),
        claims_supported: claims_supported(settings),
        claim_types_supported: texts(["normal"].into_iter()),
        prompt_values_supported: texts(["none", "login", "consent", "select_account", "create"].into_iter()),
        ui_locales_supported: texts(["en"].into_iter()),
        client_auth: client_auth(settings, &algorithms),
        introspection_signing_alg_values_supported: algorithms.clone(),
        dpop_signing_alg_values_supported: algorithms,
        client_id_metadata_document_supported: strangers.documents.then_some(true),
        features: FeatureMetadata {
            authorization_response_iss_parameter_supported: true,
            claims_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            tls_client_certificate_bound_access_tokens: settings.tokens.client_certificates,
        },
    }
}

fn client_auth(settings: &Settings, algorithms: &[String]) -> ClientAuthMetadata {
    let mut proven = vec![
        ClientAuthMethod::ClientSecretBasic,
        ClientAuthMethod::ClientSecretPost,
        ClientAuthMethod::PrivateKeyJwt,
    ];
    if settings.tokens.client_authorities {
        proven.push(ClientAuthMethod::TlsClientAuth);
    }
    if settings.tokens.client_certificates {
        proven.push(ClientAuthMethod::SelfSignedTlsClientAuth);
    }
    let mut all = proven.clone();
    all.push(ClientAuthMethod::None);
    ClientAuthMetadata {
        token_endpoint_auth_methods_supported: all.clone(),
        token_endpoint_auth_signing_alg_values_supported: algorithms.to_vec(),
        introspection_endpoint_auth_methods_supported: proven,
        introspection_endpoint_auth_signing_alg_values_supported: algorithms.to_vec(),
        revocation_endpoint_auth_methods_supported: all,
        revocation_endpoint_auth_signing_alg_values_supported: algorithms.to_vec(),
    }
}

fn scopes(settings: &Settings) -> Vec<String> {
    let mut names = texts(IDENTITY_SCOPES.into_iter());
    let declared = settings
        .registry
        .scopes
        .iter()
        .map(|scope| scope.name.as_str().to_owned());
    names.extend(declared.filter(|name| !IDENTITY_SCOPES.contains(&name.as_str())));
    names
}

fn claims_supported(settings: &Settings) -> Vec<String> {
    let standard = [claims::PROFILE, claims::EMAIL, claims::ADDRESS, claims::PHONE].concat();
    let mut names = texts(PROTOCOL_CLAIMS.into_iter().chain(standard));
    for claim in settings.registry.scopes.iter().flat_map(|scope| &scope.claims) {
        if !names.contains(claim) {
            names.push(claim.clone());
        }
    }
    names
}

fn texts<'t>(names: impl Iterator<Item = &'t str>) -> Vec<String> {
    names.map(str::to_owned).collect()
}
