//! The query form: `X-Amz-Algorithm`, `…Credential`, `…Date`, `…Expires`, `…SignedHeaders` and `…Signature`.
//! Refuses a parameter twice, and a life of more than a week or than the rules allow.

use std::borrow::Cow;
use std::time::Duration;

use crate::authorization::ALGORITHM;
use crate::canonical::query::Query;
use crate::refusal::Refusal;
use crate::request::Rules;

const WEEK: u64 = 7 * 24 * 60 * 60;
pub(crate) const SIGNATURE: &[u8] = b"X-Amz-Signature";

/// The six parameters.
pub(crate) struct Presigned {
    pub credential: String,
    pub date: String,
    pub life: Duration,
    pub signed_headers: String,
    pub signature: String,
}

/// Whether the query means to carry a signature.
pub(crate) fn is_signed(query: &Query<'_>) -> bool {
    let names: [&[u8]; 3] = [b"X-Amz-Algorithm", b"X-Amz-Credential", SIGNATURE];
    query.pairs().any(|(name, _)| names.contains(&name))
}

impl Presigned {
    pub fn parse(query: &Query<'_>, rules: &Rules<'_>) -> Result<Self, Refusal> {
        let text = |name: &'static str| single(query, name);
        if text("X-Amz-Algorithm")? != ALGORITHM {
            return Err(Refusal::Algorithm);
        }
        let longest = rules.longest_presigned.as_secs().min(WEEK);
        let life = text("X-Amz-Expires")?;
        let digits = life.len() <= 6 && life.bytes().all(|byte| byte.is_ascii_digit());
        let life = life.parse::<u64>().ok().filter(|_| digits);
        let life = life
            .filter(|life| (1..=longest).contains(life))
            .ok_or(Refusal::Lifetime { longest })?;
        Ok(Self {
            credential: text("X-Amz-Credential")?.into_owned(),
            date: text("X-Amz-Date")?.into_owned(),
            life: Duration::from_secs(life),
            signed_headers: text("X-Amz-SignedHeaders")?.into_owned(),
            signature: text("X-Amz-Signature")?.into_owned(),
        })
    }
}

fn single<'q>(query: &'q Query<'_>, name: &'static str) -> Result<Cow<'q, str>, Refusal> {
    let mut values = query.pairs().filter(|(key, _)| *key == name.as_bytes());
    let (_, value) = values.next().ok_or(Refusal::Incomplete(name))?;
    if values.next().is_some() {
        return Err(Refusal::Malformed("a parameter of the signature occurs twice"));
    }
    let text = std::str::from_utf8(value).map_err(|_| Refusal::Incomplete(name))?;
    Ok(Cow::Borrowed(text))
}
