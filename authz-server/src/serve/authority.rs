//! The deciding party of a running server: opened from the configuration, with keys and configured clients in place.
//! Contains no rules.

use std::sync::Arc;

use domain::authority::Parts;
use domain::keys::KeyRing;
use domain::mail::MailerError;
use domain::people::password::PasswordHasher;
use domain::sealing::Sealer;
use domain::{Authority, Fault};
use model::{Clock, Ctx, Origin, SystemClock, SystemRandom};
use storage::Database;

use super::master_keys::{MasterKeysError, master_keys, refuse_if_gone};
use super::settings::{self, SettingsError};
use crate::config::Config;
use crate::outbound::federation::{ProvidersError, providers};
use crate::outbound::mail::Post;
use crate::outbound::razorpay::payments;
use crate::pages::BrandError;

#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    MasterKeys(#[from] MasterKeysError),
    #[error("clients: {0}")]
    Clients(#[from] domain::clients::CreateClientError),
    #[error("mail: {0}")]
    Mail(#[from] MailerError),
    #[error("providers: {0}")]
    Providers(#[from] ProvidersError),
    #[error("brand: {0}")]
    Brand(#[from] BrandError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Joins the parts; nothing is read or written yet. For commands that work beside a running server, too.
///
/// # Errors
/// When the configuration or the master keys are unusable.
pub async fn open(config: &Config, issuer: String, database: Database) -> Result<Authority, AuthorityError> {
    refuse_if_gone(config, &database).await?;
    let settings = settings::settings(config, issuer)?;
    let sealer = Sealer::new(&master_keys(config, &SystemRandom)?)?;
    let hasher = PasswordHasher::new(&settings.passwords)?;
    let brand = Arc::new(config.brand.brand()?);
    let mailer = Post::open(config, brand, Arc::new(SystemClock))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(Authority::new(Parts {
        database,
        settings,
        sealer,
        keys: KeyRing::default(),
        hasher,
        mailer: Arc::new(mailer),
        providers: providers(config, &clock)?,
        payments: payments(config)?,
        clock,
        random: SystemRandom::shared(),
    }))
}

/// Keys made or loaded, configured clients brought up to date.
///
/// # Errors
/// Storage, sealing, or a client that can't be.
pub async fn prepare(authority: &Authority, config: &Config) -> Result<(), AuthorityError> {
    let ctx = own_ctx(authority);
    authority.keep_keys(&ctx).await?;
    authority.catch_up().await?;
    authority
        .sync_configured_clients(&ctx, settings::clients(config)?)
        .await?;
    authority.sync_first_party_clients(&ctx).await?;
    Ok(())
}

/// The context of what the server does on its own.
pub fn own_ctx(authority: &Authority) -> Ctx {
    Ctx {
        now: authority.clock.now(),
        random: authority.random.clone(),
        origin: Origin::default(),
    }
}
