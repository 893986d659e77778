//! Hashing and verifying passwords, one at a time per hashing thread.
//! Refuses to tell by its cost whether there was anything to compare with.

use argon2::Params;
use model::Random;
use model::password::{Password, PasswordHash};

use super::policy::{self, Context, PasswordProblem};
use super::pool::{HashFigures, Pool};
use super::workspace;
use crate::fault::Fault;
use crate::settings::PasswordSettings;

const SALT_LEN: usize = 16;
/// Stands in for the salt of somebody who does not exist.
const NOBODYS_SALT: [u8; SALT_LEN] = *b"nobody's salt 16";

#[derive(Clone)]
pub struct PasswordHasher {
    pool: Pool,
    params: Params,
    min_length: usize,
}

/// What comparing a password with a stored hash told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verification {
    pub matches: bool,
    /// The hash was made with other figures than the configured ones; replace it while the password is at hand.
    pub outdated: bool,
}

impl PasswordHasher {
    /// Starts the hashing threads.
    ///
    /// # Errors
    /// Figures that argon2 refuses, or a thread that can't be started.
    pub fn new(settings: &PasswordSettings) -> Result<Self, Fault> {
        let params = Params::new(
            settings.memory_kib,
            settings.passes,
            settings.parallelism,
            Some(32),
        )
        .map_err(|error| Fault::Hashing(error.to_string()))?;
        let pool = Pool::start(settings.workers, settings.queue, params.block_count())?;
        Ok(Self {
            pool,
            params,
            min_length: settings.min_length,
        })
    }

    /// # Errors
    /// [`Fault::Overloaded`] when too many wait already.
    pub async fn hash(&self, password: Password, random: &dyn Random) -> Result<PasswordHash, Fault> {
        let mut salt = [0; SALT_LEN];
        random.fill(&mut salt);
        let params = self.params.clone();
        self.pool
            .run(move |workspace| workspace.hash(&password, &salt, &params))
            .await?
    }

    /// # Errors
    /// [`Fault::Overloaded`] when too many wait already; a damaged hash.
    pub async fn verify(&self, password: Password, stored: &PasswordHash) -> Result<Verification, Fault> {
        let (stored, params) = (stored.clone(), self.params.clone());
        let verify = move |workspace: &mut workspace::Workspace| {
            let matches = workspace.matches(&password, &stored)?;
            Ok(Verification {
                matches,
                outdated: workspace::is_outdated(&stored, &params),
            })
        };
        self.pool.run(verify).await?
    }

    /// Costs what [`PasswordHasher::verify`] costs: for accounts that do not exist or have no password (L01).
    ///
    /// # Errors
    /// [`Fault::Overloaded`] when too many wait already.
    pub async fn verify_nothing(&self, password: Password) -> Result<(), Fault> {
        let params = self.params.clone();
        self.pool
            .run(move |workspace| workspace.hash(&password, &NOBODYS_SALT, &params))
            .await??;
        Ok(())
    }

    /// Judges a new password, on a hashing thread because it is work too.
    ///
    /// # Errors
    /// Outer: [`Fault::Overloaded`]. Inner: why the password is refused.
    pub async fn judge(
        &self,
        password: Password,
        context: Context,
    ) -> Result<Result<(), PasswordProblem>, Fault> {
        let min_length = self.min_length;
        self.pool
            .run(move |_| policy::judge(&password, &context, min_length))
            .await
    }

    /// Gives back the memory of hashing threads that have rested since the last call: to be called now and then.
    pub fn rest(&self) {
        self.pool.rest();
    }

    pub fn figures(&self) -> HashFigures {
        self.pool.figures()
    }
}
