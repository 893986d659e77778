//! Whose program it is: by a signed request, or by the secret itself.
//! Refuses to tell an unknown key from a wrong secret: same answer, same look-ups, a comparison in both cases.

use model::access_key::AccessKey;
use model::iam::IamUser;
use model::{Ctx, PlainSecret, SecretDigest, Timestamp};
use sigv4::{Presented, Refusal, Request};
use zeroize::Zeroizing;

use super::exchange::ExchangeCredentialsError;
use super::purpose;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::throttle::Counters;

const DECOY: &str = "access-key-decoy";

/// How a program proves that it has a key.
pub enum ProgramCredential<'a> {
    /// AWS Signature Version 4 over the whole request.
    Signed(Request<'a>),
    /// The secret itself, over a connection that keeps it.
    Secret {
        access_key_id: String,
        secret: PlainSecret,
    },
}

/// A live key, its user, and what is used up together with the exchange.
pub(super) struct Proven {
    pub key: AccessKey,
    pub user: IamUser,
    pub by: Proof,
}

pub(super) enum Proof {
    /// The signature counts once, until then.
    Signature(SecretDigest, Timestamp),
    /// The attempt was counted here.
    Secret(Counters),
}

impl Authority {
    pub(super) async fn prove_key(
        &self,
        ctx: &Ctx,
        credential: ProgramCredential<'_>,
    ) -> Result<Proven, ExchangeCredentialsError> {
        match credential {
            ProgramCredential::Signed(request) => self.prove_signed(ctx, request).await,
            ProgramCredential::Secret {
                access_key_id,
                secret,
            } => self.prove_secret(ctx, &access_key_id, &secret).await,
        }
    }

    async fn prove_signed(
        &self,
        ctx: &Ctx,
        request: Request<'_>,
    ) -> Result<Proven, ExchangeCredentialsError> {
        let settings = &self.settings.signatures;
        let now = ctx.now.as_seconds();
        let presented = Presented::parse(request, &settings.rules())?;
        presented.is_timely(now)?;
        let (found, secret) = self.key_or_decoy(presented.access_key_id()).await?;
        let verified = presented.verify(&secret, now)?;
        let (key, user) = found.ok_or(Refusal::Mismatch)?;
        // Longer than it is good: clocks of replicas differ.
        let until = Timestamp::from_seconds(verified.good_until).plus(settings.skew);
        Ok(Proven {
            key,
            user,
            by: Proof::Signature(SecretDigest::from_bytes(verified.signature_digest), until),
        })
    }

    /// V08: counted like attempts to sign in, for the key and for the network.
    async fn prove_secret(
        &self,
        ctx: &Ctx,
        id: &str,
        given: &PlainSecret,
    ) -> Result<Proven, ExchangeCredentialsError> {
        let counters = Counters::of_access_key(ctx, id);
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(ExchangeCredentialsError::TooManyAttempts { retry_after });
        }
        let (found, secret) = self.key_or_decoy(id).await?;
        let expected = std::str::from_utf8(&secret).map(SecretDigest::of);
        // The digests are compared, in constant time, for the decoy too.
        let matches = expected.is_ok_and(|expected| expected == given.digest());
        let found = found.filter(|_| matches);
        let (key, user) = found.ok_or(ExchangeCredentialsError::InvalidCredentials)?;
        Ok(Proven {
            key,
            user,
            by: Proof::Secret(counters),
        })
    }

    /// A live key of a user who may use it, with its secret; else a secret that nobody has.
    async fn key_or_decoy(
        &self,
        id: &str,
    ) -> Result<(Option<(AccessKey, IamUser)>, Zeroizing<Vec<u8>>), Fault> {
        let mut reader = self.database.read().await?;
        let key = storage::access_keys::find_by_text(&mut reader, id).await?;
        let user = match &key {
            Some(key) => storage::iam_users::find_by_id(&mut reader, key.user_id).await?,
            None => None,
        };
        drop(reader);
        let user = user.filter(|user| user.disabled_at.is_none());
        match key.zip(user) {
            Some((key, user)) => {
                let secret = self.sealer.open(&purpose(key.id), &key.secret_sealed)?;
                Ok((Some((key, user)), secret))
            }
            None => {
                let decoy = hex(&*self.sealer.derive(DECOY));
                Ok((None, decoy))
            }
        }
    }
}

/// As a text, like a secret is one.
fn hex(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let digits = b"0123456789abcdef";
    let pairs = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Zeroizing::new(pairs.map(|digit| digits[usize::from(digit)]).collect())
}
