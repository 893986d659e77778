//! Resource indicators (RFC 8707 §2).
//! Refuses relative URIs, fragments and more resources than anyone needs in one request.

use crate::error::OAuthError;
use crate::params::Params;
use url::Url;

/// The longest resource indicator in bytes.
pub const MAX_LEN: usize = 2048;
/// The most resource indicators in one request.
pub const MAX_COUNT: usize = 16;

/// The resources of a request in their order, byte for byte, without repetition.
pub fn from_params(params: &Params) -> Result<Vec<String>, OAuthError> {
    let mut resources: Vec<String> = Vec::new();
    for text in params.all("resource") {
        if resources.len() == MAX_COUNT {
            return Err(OAuthError::invalid_target("Too many resources"));
        }
        check(text)?;
        if !resources.iter().any(|known| known == text) {
            resources.push(text.to_owned());
        }
    }
    Ok(resources)
}

fn check(text: &str) -> Result<(), OAuthError> {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    // RFC 8707 §2: an absolute URI without a fragment
    let good = text.len() <= MAX_LEN && visible && !text.contains('#') && Url::parse(text).is_ok();
    if good {
        Ok(())
    } else {
        Err(OAuthError::invalid_target(
            "A resource must be an absolute URI without fragment",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamLimits;

    fn resources(text: &str) -> Result<Vec<String>, OAuthError> {
        from_params(&Params::parse(text.as_bytes(), &ParamLimits::default()).unwrap())
    }

    #[test]
    fn order_is_kept_and_repetition_dropped() {
        let read = resources("resource=https://b/&resource=urn:a&resource=https://b/").unwrap();
        assert_eq!(read, ["https://b/", "urn:a"]);
    }

    /// O24
    #[test]
    fn relative_and_fragment_are_refused() {
        for text in [
            "resource=api",
            "resource=/api",
            "resource=https://a/%23x",
            "resource=https://a/%20b",
        ] {
            assert!(resources(text).is_err(), "{text}");
        }
    }

    #[test]
    fn count_limit_holds_at_and_one_above() {
        let many = |count: usize| {
            (0..count)
                .map(|n| format!("resource=urn:{n}"))
                .collect::<Vec<_>>()
                .join("&")
        };
        assert_eq!(resources(&many(MAX_COUNT)).unwrap().len(), MAX_COUNT);
        assert!(resources(&many(MAX_COUNT + 1)).is_err());
    }
}
