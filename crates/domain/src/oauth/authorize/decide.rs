//! What has to happen next: log in, ask for consent, answer.
//! Refuses interstitials: nothing but those stands between the user and the answer.

use std::time::Duration;

use model::Ctx;
use model::authentication::{ACR_MFA, ACR_PASSWORD, ACR_VALUES, satisfies};
use model::consent::Consent;
use model::session::Session;
use model::user::User;
use oauth::authorization::AuthorizationRequest;
use oauth::claims_request::{ClaimRequest, ClaimValue};
use oauth::error::{ErrorCode, OAuthError};
use oauth::prompt::Prompt;

use super::validate::Validated;
use crate::authority::Authority;
use crate::fault::Fault;

/// Who is signed in to this browser.
#[derive(Clone)]
pub struct SignedIn {
    pub user: User,
    pub session: Session,
}

pub enum Decision {
    /// Show the login page, or the registration page first.
    LogIn { register: bool },
    /// Show the consent page; the consent the user gave before, if any.
    AskConsent { before: Option<Consent> },
    /// Nothing stands in the way of a code.
    Issue,
    /// Redirect with this error.
    Refuse(OAuthError),
}

impl Authority {
    /// # Errors
    /// Storage.
    pub async fn decide_authorization(
        &self,
        ctx: &Ctx,
        request: &Validated,
        signed_in: Option<&SignedIn>,
    ) -> Result<Decision, Fault> {
        let prompt = &request.flow.request.prompt;
        let silent = prompt.contains(Prompt::None);
        let Some(signed_in) = signed_in.filter(|who| self.is_fresh(ctx, request, who)) else {
            return Ok(match silent {
                true => refuse(ErrorCode::LoginRequired, "The user has to log in"),
                false => Decision::LogIn {
                    register: prompt.contains(Prompt::Create),
                },
            });
        };
        if let Some(missing) = self.missing_acr(request, signed_in).await? {
            return Ok(missing);
        }
        if request.client.settings.first_party && !prompt.contains(Prompt::Consent) {
            return Ok(Decision::Issue);
        }
        let before = self.find_consent(&signed_in.user, &request.client).await?;
        let covered = before
            .as_ref()
            .is_some_and(|consent| consent.covers(&request.scopes));
        if covered && !prompt.contains(Prompt::Consent) {
            return Ok(Decision::Issue);
        }
        Ok(match silent {
            true => refuse(ErrorCode::ConsentRequired, "The user has to consent"),
            false => Decision::AskConsent { before },
        })
    }

    /// OIDC Core §5.5.1.1 and RFC 9470 §5: an essential `acr`, or `acr_values` of which one is known here, that can't be
    /// had is an error; everything else is a wish. One that the user can reach by signing in again, with a second factor,
    /// is asked for once.
    async fn missing_acr(&self, request: &Validated, who: &SignedIn) -> Result<Option<Decision>, Fault> {
        let Some(wanted) = demanded_acr(&request.flow.request) else {
            return Ok(None);
        };
        let has = who.session.authentication.acr.as_str();
        if wanted.iter().any(|wanted| satisfies(has, wanted)) {
            return Ok(None);
        }
        let unmet = || {
            refuse(
                ErrorCode::UnmetAuthenticationRequirements,
                "The requested acr can't be reached",
            )
        };
        let reachable = wanted.iter().any(|wanted| wanted == ACR_MFA)
            && self.second_factor_state(who.user.id).await?.is_on();
        let just_now = who.session.authentication.at >= request.flow.started_at;
        Ok(Some(match reachable && !just_now {
            false => unmet(),
            true if request.flow.request.prompt.contains(Prompt::None) => unmet(),
            true => Decision::LogIn { register: false },
        }))
    }

    /// Whether the request behind a sealed flow takes two factors: what a trusted browser does not bring.
    pub(crate) fn demands_two_factors(&self, ctx: &Ctx, flow: Option<&str>) -> bool {
        let flow = flow.and_then(|text| self.open_flow(ctx, text));
        let wanted = flow.and_then(|flow| demanded_acr(&flow.request));
        wanted.is_some_and(|wanted| !wanted.iter().any(|acr| satisfies(ACR_PASSWORD, acr)))
    }

    /// Whether the login behind the session satisfies `prompt`, `max_age` and `id_token_hint`.
    fn is_fresh(&self, ctx: &Ctx, request: &Validated, who: &SignedIn) -> bool {
        let asked = &request.flow.request;
        let login_at = who.session.authentication.at;
        let just_now = login_at >= request.flow.started_at;
        let demanded = [Prompt::Login, Prompt::SelectAccount, Prompt::Create]
            .into_iter()
            .any(|p| asked.prompt.contains(p));
        // A login that this very request brought about counts; an older one does not.
        if demanded && !just_now {
            return false;
        }
        let default = request
            .client
            .settings
            .default_max_age_seconds
            .and_then(|age| u64::try_from(age).ok());
        let max_age = asked.max_age.or(default).map(Duration::from_secs);
        if max_age.is_some_and(|max_age| ctx.now.since(login_at) > max_age) && !just_now {
            return false;
        }
        // OIDC Core §3.1.2.1: the hint names another user than the one signed in, or nobody we know.
        match &asked.id_token_hint {
            Some(hint) => self
                .read_id_token_hint(ctx, hint)
                .is_some_and(|hint| hint.subject == who.user.id),
            None => true,
        }
    }
}

fn refuse(code: ErrorCode, description: &'static str) -> Decision {
    Decision::Refuse(OAuthError::new(code, description))
}

/// The classes of which one must be had; none when any will do.
fn essential_acr(request: &AuthorizationRequest) -> Option<Vec<String>> {
    let claims = request.claims.as_ref()?;
    let asked = claims.id_token.get("acr").filter(|acr| acr.essential)?;
    let ClaimRequest { value, values, .. } = asked;
    let texts = value.iter().chain(values).map(|value| match value {
        ClaimValue::Text(text) => text.clone(),
        _ => String::new(),
    });
    Some(texts.collect::<Vec<_>>()).filter(|texts| !texts.is_empty())
}

/// The classes of which one must be had, however that was said.
fn demanded_acr(request: &AuthorizationRequest) -> Option<Vec<String>> {
    essential_acr(request).or_else(|| known_acr_values(request))
}

/// What `acr_values` asks for, when this server knows any of it; a list it knows nothing of is a wish (OIDC Core §3.1.2.1).
fn known_acr_values(request: &AuthorizationRequest) -> Option<Vec<String>> {
    let asked = &request.acr_values;
    let known = |acr: &String| ACR_VALUES.contains(&acr.as_str());
    asked.iter().any(known).then(|| asked.clone())
}
