//! Why another provider's word signs nobody in, as the surfaces say it.
//! Refuses to repeat what the provider has said: that is logged.

use domain::federation::{FederationError, StartError, UpstreamError};
use http::StatusCode;

use super::Failure;

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::UnknownProvider => Self::invalid_field("provider", "is none that is set up here"),
            StartError::PageNotAllowed => {
                Self::invalid_field("redirect_uri", "is none of those that are allowed")
            }
            StartError::Upstream(error) => error.into(),
            StartError::Fault(fault) => fault.into(),
        }
    }
}

impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        tracing::warn!(%error, "signing in with a provider failed");
        match error {
            UpstreamError::Unavailable(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "provider_unavailable",
                "The provider can't be reached or has a problem. Please try again in a moment.",
            ),
            UpstreamError::Refused(_) | UpstreamError::Untrusted(_) => Self::refused_sign_in(
                "provider_refused",
                "The provider did not confirm who you are. Please start again.",
            ),
        }
    }
}

impl From<FederationError> for Failure {
    fn from(error: FederationError) -> Self {
        let say = |(code, words)| Self::forbidden(code, words);
        match error {
            FederationError::Upstream(error) => error.into(),
            FederationError::TooManyAttempts { retry_after } => Self::too_many(retry_after),
            FederationError::Fault(fault) => fault.into(),
            FederationError::StateInvalid | FederationError::UnknownProvider => Self::new(
                StatusCode::BAD_REQUEST,
                "invalid_state",
                "This sign-in was used already, or began in another browser.",
            ),
            FederationError::StateExpired => Self::gone("This sign-in took too long. Please start again."),
            FederationError::EmailTaken => Self::conflict(
                "email_taken",
                "There is an account with this email address. Sign in to it, then link the other one.",
            ),
            FederationError::LinkedElsewhere => {
                Self::conflict("linked_elsewhere", "This account is linked to another user.")
            }
            FederationError::Stale => {
                Self::conflict("conflict", "Something has changed meanwhile. Please start again.")
            }
            FederationError::EmailNotVerified { .. } => {
                Self::refused_sign_in("email_not_verified", "The email address must be confirmed first.")
            }
            FederationError::SignInFirst => Self::unauthorized(),
            FederationError::Denied => say(("access_denied", "Nobody was signed in at the provider.")),
            FederationError::NoEmail => say(("email_required", "The provider tells us no email address.")),
            FederationError::EmailUnverified => say((
                "provider_email_not_verified",
                "The provider has not confirmed the email address.",
            )),
            FederationError::DomainNotAllowed => say((
                "domain_not_allowed",
                "Only people of certain organizations can sign in this way.",
            )),
            FederationError::RegistrationClosed => say(("registration_closed", "Registration is closed.")),
            FederationError::Disabled => say(("account_disabled", "This account is disabled.")),
        }
    }
}
