//! `AKIA…/20150830/us-east-1/service/aws4_request`: whose key it is and what the signature is good for.
//! Refuses the scope of another day, region or service.

use crate::instant::Dated;
use crate::refusal::{Refusal, ScopeRule};
use crate::request::Rules;

const MOST: usize = 300;
const LONGEST_ID: usize = 128;
const TERMINATOR: &str = "aws4_request";

/// A credential whose scope fits the rules.
pub(crate) struct Credential {
    pub access_key_id: String,
    /// `20150830/us-east-1/service/aws4_request`.
    pub scope: String,
}

impl Credential {
    pub fn parse(text: &str, at: &Dated, rules: &Rules<'_>) -> Result<Self, Refusal> {
        if text.len() > MOST {
            return Err(Refusal::TooLarge("the credential"));
        }
        let (id, scope) = text
            .split_once('/')
            .ok_or(Refusal::Incomplete("the credential has no scope"))?;
        let id_is_good = (1..=LONGEST_ID).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !id_is_good {
            return Err(Refusal::Incomplete("the access key id"));
        }
        let mut parts = scope.split('/');
        let mut part = || parts.next().ok_or(Refusal::Incomplete("the credential scope"));
        let (day, region, service, end) = (part()?, part()?, part()?, part()?);
        for (said, wanted, rule) in [
            (end, TERMINATOR, ScopeRule::Terminator),
            (day, at.day(), ScopeRule::Date),
            (region, rules.region, ScopeRule::Region),
            (service, rules.service, ScopeRule::Service),
        ] {
            if said != wanted {
                return Err(Refusal::Scope(rule));
            }
        }
        if parts.next().is_some() {
            return Err(Refusal::Scope(ScopeRule::Terminator));
        }
        Ok(Self {
            access_key_id: id.to_owned(),
            scope: scope.to_owned(),
        })
    }
}
