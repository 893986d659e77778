//! The application a person is about to sign in to, as the pages show it.
//! Shows only what was registered; nothing here is fetched by the server.

use url::{Host, Url};

use super::brand::initial;
use super::link::WebLink;

/// Name, picture and legal links of a client, and where the flow will end.
#[derive(Clone, Debug)]
pub struct ClientCard {
    /// The registered name; shown escaped and isolated from the surrounding text direction.
    pub name: String,
    /// `logo_uri`, loaded by the browser. // RFC 7591 §2
    pub logo: Option<WebLink>,
    /// `policy_uri`. // RFC 7591 §2
    pub policy: Option<WebLink>,
    /// `tos_uri`. // RFC 7591 §2
    pub tos: Option<WebLink>,
    /// The host that vouches for the name, when the client publishes it there.
    pub published_by: Option<String>,
    /// The verified redirect URI of this flow; the form may lead there.
    pub redirect_uri: Url,
}

impl ClientCard {
    /// The letter that stands in for a missing picture.
    pub fn initial(&self) -> String {
        initial(&self.name)
    }

    /// Where the browser goes afterwards, in words a person can check.
    pub fn destination(&self) -> String {
        match self.redirect_uri.host() {
            Some(Host::Domain("localhost")) => "an app on this device".to_owned(),
            Some(Host::Ipv4(address)) if address.is_loopback() => "an app on this device".to_owned(),
            Some(Host::Ipv6(address)) if address.is_loopback() => "an app on this device".to_owned(),
            Some(host) if matches!(self.redirect_uri.scheme(), "http" | "https") => host.to_string(),
            _ => format!("the app {} on this device", self.redirect_uri.scheme()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(redirect_uri: &str) -> String {
        let redirect_uri = Url::parse(redirect_uri).unwrap();
        ClientCard {
            name: "x".into(),
            logo: None,
            policy: None,
            tos: None,
            published_by: None,
            redirect_uri,
        }
        .destination()
    }

    #[test]
    fn the_destination_is_the_host_or_the_device() {
        assert_eq!(destination("https://notes.example/cb?x=1"), "notes.example");
        assert_eq!(destination("http://127.0.0.1:4711/cb"), "an app on this device");
        assert_eq!(destination("http://[::1]:4711/cb"), "an app on this device");
        assert_eq!(
            destination("com.example.app:/cb"),
            "the app com.example.app on this device"
        );
        assert_eq!(
            destination("com.example.app://bank.test/cb"),
            "the app com.example.app on this device"
        );
    }

    #[test]
    fn look_alike_hosts_are_shown_in_ascii() {
        assert_eq!(destination("https://аpple.com/"), "xn--pple-43d.com");
    }
}
