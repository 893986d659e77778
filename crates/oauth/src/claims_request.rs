//! The `claims` parameter (OpenID Connect Core §5.5).
//! Refuses repeated members, nested values and more claims than anyone has.

use crate::error::OAuthError;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The most claims asked for in one place.
pub const MAX_CLAIMS: usize = 64;
/// The most values offered for one claim.
pub const MAX_VALUES: usize = 32;

/// Claims asked for by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// Those to answer at the userinfo endpoint.
    #[serde(default, deserialize_with = "absent_or_map")]
    pub userinfo: ClaimMap,
    /// Those to answer in the ID token.
    #[serde(default, deserialize_with = "absent_or_map")]
    pub id_token: ClaimMap,
}

/// Claim names with what is asked of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ClaimMap(BTreeMap<String, ClaimRequest>);

/// What is asked of one claim.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Whether the client cannot do its work without.
    #[serde(default)]
    pub essential: bool,
    /// The one value wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ClaimValue>,
    /// The values wanted, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ClaimValue>,
}

/// A value that may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ClaimValue {
    /// A text.
    Text(String),
    /// A number.
    Integer(i64),
    /// A truth value.
    Flag(bool),
}

impl ClaimsRequest {
    /// Reads the JSON of the parameter.
    pub fn parse(json: &str) -> Result<Self, OAuthError> {
        let refused = || OAuthError::invalid_request("The claims parameter is malformed");
        let request: Self = serde_json::from_str(json).map_err(|_| refused())?;
        let bounded = |claims: &ClaimMap| claims.iter().all(|(_, claim)| claim.values.len() <= MAX_VALUES);
        if bounded(&request.userinfo) && bounded(&request.id_token) {
            Ok(request)
        } else {
            Err(refused())
        }
    }
}

impl ClaimMap {
    /// What is asked of a claim, if anything.
    #[must_use]
    pub fn get(&self, claim: &str) -> Option<&ClaimRequest> {
        self.0.get(claim)
    }

    /// Every claim asked for.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ClaimRequest)> {
        self.0.iter().map(|(name, claim)| (name.as_str(), claim))
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn absent_or_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ClaimMap, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl<'de> Deserialize<'de> for ClaimMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueClaims)
    }
}

struct UniqueClaims;

impl<'de> Visitor<'de> for UniqueClaims {
    type Value = ClaimMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ClaimMap, A::Error> {
        let mut claims = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            if claims.len() == MAX_CLAIMS {
                return Err(Error::custom("too many claims"));
            }
            // OpenID Connect Core §5.5.1: null asks for the claim in the default way
            let claim = members.next_value::<Option<ClaimRequest>>()?.unwrap_or_default();
            if claims.insert(name, claim).is_some() {
                return Err(Error::custom("claim repeated"));
            }
        }
        Ok(ClaimMap(claims))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_of_the_standard() {
        let json = r#"{"userinfo":{"given_name":{"essential":true},"nickname":null,"http://x/groups":null},
            "id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:silver",2,true]}},"other":{}}"#;
        let claims = ClaimsRequest::parse(json).unwrap();
        assert!(claims.userinfo.get("given_name").unwrap().essential);
        assert_eq!(claims.userinfo.get("nickname"), Some(&ClaimRequest::default()));
        assert_eq!(claims.id_token.get("acr").unwrap().values.len(), 3);
        let carried = serde_json::to_string(&claims).unwrap();
        assert_eq!(ClaimsRequest::parse(&carried).unwrap(), claims);
    }

    #[test]
    fn malformed_requests_are_refused() {
        let many = |count: usize| {
            let names: Vec<_> = (0..count).map(|n| format!("\"c{n}\":null")).collect();
            format!("{{\"userinfo\":{{{}}}}}", names.join(","))
        };
        assert!(ClaimsRequest::parse(&many(MAX_CLAIMS)).is_ok());
        let deep = format!("{{\"userinfo\":{{\"a\":{}", "{\"x\":".repeat(3000));
        let ignored_deep = format!("{{\"x\":{}", "[".repeat(8000));
        let cases = [
            "",
            "[]x",
            "1",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":{"a":1}}"#,
            r#"{"userinfo":{"a":null,"a":null}}"#,
            r#"{"userinfo":{},"userinfo":{}}"#,
            r#"{"userinfo":{"a":{"essential":"yes"}}}"#,
            r#"{"userinfo":{"a":{"value":{"deep":1}}}}"#,
            &many(MAX_CLAIMS + 1),
            &deep,
            &ignored_deep,
        ];
        for case in cases {
            assert!(ClaimsRequest::parse(case).is_err(), "{case}");
        }
    }
}
