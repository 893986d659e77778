//! The URL of a request as its client knows it, which is the one in its proof.
//! It refuses to guess: what is said twice or by strangers does not count.

use crate::admission::Question;
use crate::forwarded::{HOST, PROTO};
use http::{HeaderName, header};
use oauth::dpop::Target;

/// Where a request went.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// To this proxy.
    Here {
        /// Whether the listener speaks TLS.
        tls: bool,
        /// The authority of the request line or `:authority`.
        authority: Option<&'a str>,
        /// The normalised path.
        path: &'a str,
    },
    /// To somebody who asks us: the whole URL.
    Elsewhere(&'a str),
}

impl Place<'_> {
    /// The URL; a trusted peer in front of us may have been asked under another scheme and host.
    #[must_use]
    pub fn target(&self, question: Question<'_>) -> Option<Target> {
        match self {
            Self::Elsewhere(url) => Target::parse(url).ok(),
            Self::Here { tls, authority, path } => {
                let forwarded = |name: &HeaderName| match question.peer.trusted {
                    true => single(question, name),
                    false => Ok(None),
                };
                let scheme = match forwarded(&PROTO).ok()? {
                    Some(scheme) => scheme,
                    None if *tls => "https",
                    None => "http",
                };
                let authority = match (forwarded(&HOST).ok()?, *authority) {
                    (Some(authority), _) | (None, Some(authority)) => authority,
                    (None, None) => single(question, &header::HOST).ok()??,
                };
                // A separator in the authority would move the path.
                if authority.contains(['/', '?', '#', ',']) {
                    return None;
                }
                Target::parse(&format!("{scheme}://{authority}{path}")).ok()
            }
        }
    }
}

struct Twice;

fn single<'a>(question: Question<'a>, name: &HeaderName) -> Result<Option<&'a str>, Twice> {
    let mut lines = question.headers.get_all(name).iter();
    let first = lines
        .next()
        .map(|line| line.to_str().map_err(|_| Twice))
        .transpose()?;
    if lines.next().is_some() {
        Err(Twice)
    } else {
        Ok(first)
    }
}
