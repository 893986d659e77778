//! What a request shows beside its credential: DPoP proofs and the client certificate of its connection.
//! Refuses two proofs; what is shown counts only once it was verified, and a proof counts once.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::response::Response;
use domain::oauth::proof::{PresentedProof, ProofRefusal};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use model::Ctx;
use oauth::bearer::Scheme;
use oauth::challenge::Challenge;
use oauth::confirmation::{Confirmation, thumbprint};
use oauth::dpop::{HEADER, NONCE_HEADER};
use oauth::error::{Endpoint, ErrorCode, OAuthError};
use oauth::params::Params;

use super::answer::{DPOP_ALGORITHMS, REALM, faulty, refused, to_client, with_header};
use crate::app::AppState;
use crate::http::{ClientCertificate, TrustedPeer};

/// Not verified yet.
pub struct Shown {
    proofs: Vec<HeaderValue>,
    certificate: Option<ClientCertificate>,
    method: Method,
    path: String,
    /// Of the request that a trusted proxy asks about.
    original: Option<(String, String)>,
}

impl<S: Sync> FromRequestParts<S> for Shown {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// Why what is shown is not believed.
#[derive(Debug)]
pub enum Unproven {
    Refused(OAuthError),
    Fault(domain::Fault),
}

impl Shown {
    pub fn of(parts: &Parts) -> Self {
        let whole = parts.extensions.get::<OriginalUri>();
        let path = whole.map_or_else(|| parts.uri.path(), |uri| uri.path());
        Self {
            proofs: proofs(&parts.headers),
            certificate: parts.extensions.get::<ClientCertificate>().copied(),
            method: parts.method.clone(),
            path: path.to_owned(),
            original: parts
                .extensions
                .get::<TrustedPeer>()
                .and_then(|_| original(&parts.headers)),
        }
    }

    /// Method and URL of the request that a trusted proxy asks about.
    pub fn original(&self) -> Option<(&str, &str)> {
        self.original
            .as_ref()
            .map(|(method, url)| (method.as_str(), url.as_str()))
    }

    pub fn has_proof(&self) -> bool {
        !self.proofs.is_empty()
    }

    /// What is held by whoever asks for tokens here.
    pub async fn held(&self, state: &AppState, ctx: &Ctx) -> Result<Confirmation, Unproven> {
        let mut held = self.connected();
        if !self.proofs.is_empty() {
            let url = format!("{}{}", state.authority.settings.issuer, self.path);
            let place = (self.method.as_str(), url.as_str());
            held.jkt = Some(Box::pin(self.take(state, ctx, place, None)).await?);
        }
        Ok(held)
    }

    /// What is held by whoever presents this access token here.
    pub async fn held_with(
        &self,
        state: &AppState,
        ctx: &Ctx,
        token: (Scheme, &str),
    ) -> Result<Confirmation, Unproven> {
        let url = format!("{}{}", state.authority.settings.issuer, self.path);
        self.held_at(state, ctx, token, (self.method.as_str(), &url))
            .await
    }

    /// The same for a request that was made elsewhere.
    pub async fn held_at(
        &self,
        state: &AppState,
        ctx: &Ctx,
        (scheme, token): (Scheme, &str),
        place: (&str, &str),
    ) -> Result<Confirmation, Unproven> {
        let mut held = self.connected();
        // RFC 9449 §7.1: the scheme says that a proof must be there; beside another scheme it means nothing.
        if scheme == Scheme::DPoP {
            held.jkt = Some(self.take(state, ctx, place, Some(token)).await?);
        }
        Ok(held)
    }

    /// What the connection proves.
    fn connected(&self) -> Confirmation {
        Confirmation {
            jkt: None,
            certificate: self.certificate.map(|own| thumbprint(own.0)),
        }
    }

    async fn take(
        &self,
        state: &AppState,
        ctx: &Ctx,
        (method, url): (&str, &str),
        access_token: Option<&str>,
    ) -> Result<String, Unproven> {
        // RFC 9449 §4.3, 1: not more than one.
        let [proof] = self.proofs.as_slice() else {
            return Err(invalid("Exactly one DPoP proof is needed"));
        };
        let presented = PresentedProof {
            text: proof.to_str().unwrap_or_default(),
            method,
            url,
            access_token,
        };
        let taken = state.authority.take_proof(ctx, presented).await;
        taken.map_err(Unproven::from)
    }
}

impl From<ProofRefusal> for Unproven {
    fn from(refusal: ProofRefusal) -> Self {
        match refusal {
            ProofRefusal::Fault(fault) => Self::Fault(fault),
            ProofRefusal::Nonce => {
                let words = "The proof must have the nonce in DPoP-Nonce";
                Self::Refused(OAuthError::new(ErrorCode::UseDpopNonce, words))
            }
            ProofRefusal::Signature | ProofRefusal::Claims(_) | ProofRefusal::Replayed => {
                invalid(refusal.to_string())
            }
        }
    }
}

fn invalid(words: impl Into<std::borrow::Cow<'static, str>>) -> Unproven {
    Unproven::Refused(OAuthError::new(ErrorCode::InvalidDpopProof, words))
}

fn proofs(headers: &HeaderMap) -> Vec<HeaderValue> {
    headers.get_all(HEADER).iter().take(2).cloned().collect()
}

impl Unproven {
    /// At an endpoint for clients (RFC 9449 §5, §8).
    pub fn to_client(&self, state: &AppState, ctx: &Ctx) -> Response {
        match self {
            Self::Refused(error) => with_nonce(to_client(error), state, ctx),
            Self::Fault(fault) => faulty(fault),
        }
    }

    /// At a protected resource (RFC 9449 §7.1, §9).
    pub fn at_resource(&self, state: &AppState, ctx: &Ctx) -> Response {
        match self {
            Self::Refused(error) => {
                let said = Challenge::dpop(REALM, DPOP_ALGORITHMS).error(error);
                let status = StatusCode::from_u16(error.http_status(Endpoint::Resource));
                let status = status.unwrap_or(StatusCode::UNAUTHORIZED);
                with_nonce(refused(status, error, &said), state, ctx)
            }
            Self::Fault(fault) => faulty(fault),
        }
    }
}

/// RFC 9449 §8: the nonce for the next proof, where proofs must have one.
pub fn with_nonce(response: Response, state: &AppState, ctx: &Ctx) -> Response {
    match state.authority.dpop_nonce(ctx) {
        Some(nonce) => with_header(response, HeaderName::from_static(NONCE_HEADER), &nonce),
        None => response,
    }
}

/// What a service that asks about a token says of the request it came with: `dpop_proof`, `method`, `url` and
/// `certificate_thumbprint`.
pub async fn proof_of(
    state: &AppState,
    ctx: &Ctx,
    params: &Params,
    token: &str,
) -> Result<Confirmation, Unproven> {
    let mut held = Confirmation {
        jkt: None,
        certificate: params.get("certificate_thumbprint").map(str::to_owned),
    };
    let Some(text) = params.get("dpop_proof") else {
        return Ok(held);
    };
    let (Some(method), Some(url)) = (params.get("method"), params.get("url")) else {
        return Err(Unproven::Refused(OAuthError::invalid_request(
            "dpop_proof needs method and url",
        )));
    };
    let presented = PresentedProof {
        text,
        method,
        url,
        access_token: Some(token),
    };
    held.jkt = Some(state.authority.take_proof(ctx, presented).await?);
    Ok(held)
}

/// What a forward-auth call says of the original request; only from a trusted proxy.
fn original(headers: &HeaderMap) -> Option<(String, String)> {
    let one = |name: &str| {
        let mut lines = headers.get_all(name).iter();
        let first = lines.next()?.to_str().ok()?;
        lines.next().is_none().then_some(first)
    };
    let method = one("x-original-method").or_else(|| one("x-forwarded-method"))?;
    let url = match one("x-original-url") {
        Some(url) if url.starts_with("http") => url.to_owned(),
        _ => {
            let host = one("x-forwarded-host").or_else(|| one(header::HOST.as_str()))?;
            let path = one("x-original-uri").or_else(|| one("x-forwarded-uri"))?;
            format!("{}://{host}{path}", one("x-forwarded-proto")?)
        }
    };
    Some((method.to_owned(), url))
}
