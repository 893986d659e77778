//! `[[scopes]]` and `[[resources]]`: what can be asked for, and for whom.
//! Refuses names that could not travel in a space-separated list.

use super::Problems;

/// A scope that clients can ask for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeConfig {
    /// The name as it appears in requests: `orders:read`.
    pub name: String,
    /// What a person reads on the consent page.
    pub description: String,
    /// The claims about the user that it opens to the client.
    #[serde(default)]
    pub claims: Vec<String>,
    /// The audience it belongs to; without it, it fits every audience.
    pub resource: Option<String>,
}

/// A resource server.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceConfig {
    /// The audience in its tokens, an absolute URI (RFC 8707).
    pub audience: String,
    /// What a person reads on the consent page.
    pub name: String,
    /// The scopes that it knows.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The form of its access tokens.
    pub access_token_format: Option<AccessTokenFormat>,
}

/// The form of an access token: verifiable by the resource server itself, or to be introspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccessTokenFormat {
    Jwt,
    Opaque,
}

/// The scopes that every deployment has.
pub(super) fn built_in() -> Vec<ScopeConfig> {
    let scope = |name: &str, description: &str, claims: &[&str]| ScopeConfig {
        name: name.to_owned(),
        description: description.to_owned(),
        claims: claims.iter().map(|&claim| claim.to_owned()).collect(),
        resource: None,
    };
    vec![
        scope("openid", "Know who you are", &["sub"]),
        scope(
            "profile",
            "See your name and username",
            &["name", "preferred_username", "updated_at"],
        ),
        scope("email", "See your e-mail address", &["email", "email_verified"]),
        scope("offline_access", "Stay connected while you are away", &[]),
    ]
}

/// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ).
fn is_scope_token(name: &str) -> bool {
    let allowed = |byte: u8| byte == 0x21 || (0x23..=0x5b).contains(&byte) || (0x5d..=0x7e).contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(allowed)
}

pub(super) fn check(
    own: &[ScopeConfig],
    resources: &[ResourceConfig],
    all: &[ScopeConfig],
    problems: &mut Problems,
) {
    for (index, scope) in own.iter().enumerate() {
        let key = format!("scopes.{}", scope.name);
        problems.add_if(
            !is_scope_token(&scope.name),
            &key,
            "the name must be 1 to 128 visible ASCII characters without \" and \\",
        );
        problems.add_if(
            own[..index].iter().any(|other| other.name == scope.name),
            &key,
            "is described twice",
        );
        if let Some(audience) = &scope.resource {
            let known = resources.iter().any(|resource| &resource.audience == audience);
            problems.add_if(
                !known,
                &key,
                "its resource is not the audience of any [[resources]] entry",
            );
        }
    }
    for (index, resource) in resources.iter().enumerate() {
        let key = format!("resources.{}", resource.audience);
        // RFC 8707 §2: an absolute URI without a fragment.
        let absolute = url::Url::parse(&resource.audience).is_ok_and(|url| url.fragment().is_none());
        problems.add_if(
            !absolute,
            &key,
            "the audience must be an absolute URI without a fragment",
        );
        let twice = resources[..index]
            .iter()
            .any(|other| other.audience == resource.audience);
        problems.add_if(twice, &key, "is described twice");
        for name in &resource.scopes {
            let known = all.iter().any(|scope| &scope.name == name);
            problems.add_if(
                !known,
                &key,
                &format!("knows the scope {name}, which no [[scopes]] entry describes"),
            );
        }
    }
}
