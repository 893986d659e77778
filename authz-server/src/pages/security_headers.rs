//! The headers that fence in a page: content security policy and its companions.
//! Pure; refuses by default and opens only what a view asks for.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};

use super::link::WebLink;
use super::nonce::Nonce;

/// Browser features no page of ours uses.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";
/// Two years, the usual lower bound for preloading.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// What one page may load and where its forms may lead.
#[derive(Clone)]
pub struct ContentPolicy {
    nonce: Nonce,
    images: Vec<String>,
    form_targets: Vec<String>,
}

impl ContentPolicy {
    /// Own stylesheet, own pictures, own forms, and the blocks that bear `nonce`.
    pub fn new(nonce: &Nonce) -> Self {
        Self {
            nonce: nonce.clone(),
            images: Vec::new(),
            form_targets: Vec::new(),
        }
    }

    /// Lets the browser load pictures from the origin of `link`.
    #[must_use]
    pub fn image(mut self, link: Option<&WebLink>) -> Self {
        self.images.extend(link.map(|link| origin(link.url())));
        self
    }

    /// Lets a form lead to `target`, directly or by the redirect that answers it.
    ///
    /// Chromium checks the form's whole chain of redirects, also those the client adds behind its callback, and
    /// which origins these have only the client knows. So this opens the scheme of `target`, not its origin.
    #[must_use]
    pub fn form_target(mut self, target: Option<&Url>) -> Self {
        self.form_targets.extend(target.map(scheme));
        self
    }

    /// The header's text. // CSP Level 3 §6
    pub fn to_text(&self) -> String {
        let nonce = &self.nonce;
        format!(
            "default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src 'self'{}; \
             form-action 'self'{}; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
            listed(&self.images),
            listed(&self.form_targets),
        )
    }
}

fn listed(sources: &[String]) -> String {
    let mut unique = sources.to_vec();
    unique.sort_unstable();
    unique.dedup();
    unique.iter().map(|source| format!(" {source}")).collect()
}

/// The origin of a web address, or its scheme where the grammar has no word for the host, as for an IPv6 literal.
// CSP Level 3 §2.3.1: host-source
fn origin(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(_) | Host::Ipv4(_)) => url.origin().ascii_serialization(),
        _ => scheme(url),
    }
}

/// All addresses of the same scheme; `http:` covers `https:` too. // CSP Level 3, "scheme-part match"
fn scheme(url: &Url) -> String {
    format!("{}:", url.scheme())
}

/// Every header an HTML answer carries besides its content type.
///
/// `same-origin` tells other sites nothing, and lets browsers name us as the origin of our own forms: with `no-referrer`
/// they would send `Origin: null` (Fetch §3.2.5), which says nothing to browsers without Fetch Metadata.
pub fn security_headers(policy: &ContentPolicy, https: bool) -> HeaderMap {
    let fixed: [(HeaderName, &'static str); 7] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    ];
    let mut headers: HeaderMap = fixed
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    // Sources are ASCII by construction; a text that no header could carry falls back to a policy that allows nothing.
    let csp = HeaderValue::try_from(policy.to_text())
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    if https {
        // RFC 6797 §7.2: never over plain HTTP.
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> ContentPolicy {
        ContentPolicy::new(&Nonce::from_bytes([7; 16]))
    }

    #[test]
    fn a_plain_page_may_load_only_its_own() {
        assert_eq!(
            policy().to_text(),
            "default-src 'none'; style-src 'self' 'nonce-BwcHBwcHBwcHBwcHBwcHBw'; \
             script-src 'nonce-BwcHBwcHBwcHBwcHBwcHBw'; img-src 'self'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
        );
    }

    #[test]
    fn a_picture_opens_its_origin_and_nothing_more() {
        let logo = WebLink::parse("https://cdn.example:8443/a.png?x=1;script-src *").unwrap();
        let text = policy().image(Some(&logo)).image(Some(&logo)).to_text();
        assert!(
            text.contains("; img-src 'self' https://cdn.example:8443; "),
            "{text}"
        );
        let literal = WebLink::parse("http://[::1]:4711/a.png").unwrap();
        assert!(
            policy()
                .image(Some(&literal))
                .to_text()
                .contains("; img-src 'self' http:; ")
        );
    }

    #[test]
    fn a_form_may_follow_its_client_along_a_chain_of_redirects() {
        for (target, source) in [
            ("https://app.example:8443/cb", "https:"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            let text = policy().form_target(Some(&Url::parse(target).unwrap())).to_text();
            assert!(
                text.contains(&format!("; form-action 'self' {source}; ")),
                "{text}"
            );
        }
    }

    /// S04, O28, O38
    #[test]
    fn every_answer_is_unframeable_unsniffable_and_uncached() {
        let headers = security_headers(&policy(), true);
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "same-origin");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert!(
            headers["strict-transport-security"]
                .to_str()
                .unwrap()
                .starts_with("max-age=")
        );
        assert!(
            !headers["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("unsafe")
        );
        assert!(!security_headers(&policy(), false).contains_key("strict-transport-security"));
    }
}
