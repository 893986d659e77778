//! A signature that keeps every rule that can be judged without the secret, and its verification.
//! Refuses early: nothing is looked up for a request that could not be accepted with any secret.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::authorization::{self, ALGORITHM, Authorization};
use crate::canonical::headers::SignedHeaders;
use crate::canonical::query::Query;
use crate::canonical::{self, hex_digest};
use crate::credential::Credential;
use crate::instant::Dated;
use crate::presigned::{self, Presigned};
use crate::refusal::Refusal;
use crate::request::{Request, Rules};
use crate::signature::Signature;

/// What a request says it is signed with. It may still be signed by nobody.
pub struct Presented {
    credential: Credential,
    at: i64,
    /// First and last second it is good at.
    window: (i64, i64),
    string_to_sign: String,
    signature: Signature,
}

/// A request that the secret has signed, within its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// What to remember it by, so that it counts once: the same for every request that this signature fits.
    pub signature_digest: [u8; 32],
    /// The last second, since the epoch, at which it would be accepted.
    pub good_until: i64,
}

/// What both forms come to.
struct Parts<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
    at: Dated,
    window: (i64, i64),
}

impl Presented {
    /// Reads the signature of a request and holds it against the rules.
    ///
    /// # Errors
    /// The first rule that failed.
    pub fn parse(request: Request<'_>, rules: &Rules<'_>) -> Result<Self, Refusal> {
        let query = Query::parse(request.query.unwrap_or_default())?;
        let header = request
            .values("authorization")
            .filter(|value| authorization::is_signature(value));
        match (header.count(), presigned::is_signed(&query)) {
            (0, false) => Err(Refusal::Unsigned),
            (0, true) => of_query(request, query, rules),
            (1, false) => of_header(request, &query, rules),
            _ => Err(Refusal::SignedTwice),
        }
    }

    /// Whose secret is to be tried.
    pub fn access_key_id(&self) -> &str {
        &self.credential.access_key_id
    }

    /// What the signature is of: for the tests and logs of those who wonder why theirs differs.
    pub fn string_to_sign(&self) -> &str {
        &self.string_to_sign
    }

    /// When it says it was signed, in seconds since the epoch.
    pub const fn at(&self) -> i64 {
        self.at
    }

    /// Whether `now`, in seconds since the epoch, is within the time of the request; needs no secret.
    ///
    /// # Errors
    /// [`Refusal::Expired`] or [`Refusal::NotYetValid`].
    pub const fn is_timely(&self, now: i64) -> Result<(), Refusal> {
        if now < self.window.0 {
            Err(Refusal::NotYetValid)
        } else if now > self.window.1 {
            Err(Refusal::Expired)
        } else {
            Ok(())
        }
    }

    /// Compares in a time that does not depend on the secret.
    ///
    /// # Errors
    /// Out of its time, or signed with another secret.
    pub fn verify(&self, secret: &[u8], now: i64) -> Result<Verified, Refusal> {
        self.is_timely(now)?;
        if !self
            .signature
            .is_of(secret, &self.credential.scope, &self.string_to_sign)
        {
            return Err(Refusal::Mismatch);
        }
        Ok(Verified {
            signature_digest: Sha256::digest(self.signature.as_bytes()).into(),
            good_until: self.window.1,
        })
    }
}

fn of_header(request: Request<'_>, query: &Query<'_>, rules: &Rules<'_>) -> Result<Presented, Refusal> {
    let value = request
        .single("authorization")
        .map_err(|_| Refusal::SignedTwice)?
        .ok_or(Refusal::Unsigned)?;
    let said = Authorization::parse(value)?;
    let (at, from) = dated(request)?;
    let skew = seconds(rules.skew);
    let parts = Parts {
        credential: said.credential,
        signed_headers: said.signed_headers,
        signature: said.signature,
        window: (at.seconds.saturating_sub(skew), at.seconds.saturating_add(skew)),
        at,
    };
    let signed = SignedHeaders::parse(parts.signed_headers, request)?;
    signed.demand(from)?;
    finish(request, query, (&parts, &signed), rules)
}

fn of_query(request: Request<'_>, query: Query<'_>, rules: &Rules<'_>) -> Result<Presented, Refusal> {
    let said = Presigned::parse(&query, rules)?;
    let at = Dated::basic(said.date.as_bytes()).ok_or(Refusal::Date("X-Amz-Date"))?;
    let start = at.seconds.saturating_sub(seconds(rules.skew));
    let parts = Parts {
        credential: &said.credential,
        signed_headers: &said.signed_headers,
        signature: &said.signature,
        window: (start, at.seconds.saturating_add(seconds(said.life))),
        at,
    };
    let signed = SignedHeaders::parse(parts.signed_headers, request)?;
    finish(request, &query.presigned(), (&parts, &signed), rules)
}

/// The date and the header that it stands in.
fn dated(request: Request<'_>) -> Result<(Dated, &'static str), Refusal> {
    let repeated = |_| Refusal::Date("there are two");
    if let Some(value) = request.single("x-amz-date").map_err(repeated)? {
        let at = Dated::basic(value).ok_or(Refusal::Date("x-amz-date"))?;
        return Ok((at, "x-amz-date"));
    }
    let value = request.single("date").map_err(repeated)?;
    let value = value.ok_or(Refusal::Date("there is neither x-amz-date nor date"))?;
    let at = Dated::of_date_header(value).ok_or(Refusal::Date("date"))?;
    Ok((at, "date"))
}

fn finish(
    request: Request<'_>,
    query: &Query<'_>,
    (parts, signed): (&Parts<'_>, &SignedHeaders<'_>),
    rules: &Rules<'_>,
) -> Result<Presented, Refusal> {
    let credential = Credential::parse(parts.credential, &parts.at, rules)?;
    let signature = Signature::parse(parts.signature)?;
    judge_body(request, query)?;
    let digest = canonical::digest(request, query, signed, rules)?;
    let scope = &credential.scope;
    Ok(Presented {
        string_to_sign: format!("{ALGORITHM}\n{}\n{scope}\n{digest}", parts.at.text),
        at: parts.at.seconds,
        window: parts.window,
        credential,
        signature,
    })
}

/// V05: what the request says of its body must be true; the digest of the body is signed whether or not it says anything.
fn judge_body(request: Request<'_>, query: &Query<'_>) -> Result<(), Refusal> {
    const NAME: &str = "x-amz-content-sha256";
    let named = |(name, _): &(&[u8], &[u8])| name.eq_ignore_ascii_case(NAME.as_bytes());
    let in_query = query.pairs().filter(named).map(|(_, value)| value);
    let mut said = request.values(NAME).chain(in_query).peekable();
    if said.peek().is_none() {
        return Ok(());
    }
    let digest = hex_digest(request.body);
    for value in said {
        if value.starts_with(b"UNSIGNED-PAYLOAD") || value.starts_with(b"STREAMING-") {
            return Err(Refusal::BodyNotSigned);
        }
        if value != digest.as_bytes() {
            return Err(Refusal::BodyMismatch);
        }
    }
    Ok(())
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
