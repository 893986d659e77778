//! How services read the names of headers: a CGI program sees `HTTP_X_AUTH_SUBJECT` for every spelling with another
//! character in place of a dash. They refuse nothing; what is odd is said.

use http::header::HeaderName;

/// How a name is spelt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Letters, digits and dashes: read alike by everybody.
    Plain,
    /// With dots, as names of gRPC metadata may be; by some it is taken for this one.
    Dotted(HeaderName),
    /// With any other character: no name in use has one.
    Odd,
}

impl Spelling {
    /// Of a name.
    pub fn of(name: &HeaderName) -> Self {
        let text = name.as_str();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if text.bytes().all(plain) {
            return Self::Plain;
        }
        if !text.bytes().all(|byte| plain(byte) || byte == b'.') {
            return Self::Odd;
        }
        HeaderName::try_from(text.replace('.', "-")).map_or(Self::Odd, Self::Dotted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X06
    #[test]
    fn every_character_that_could_pass_for_a_dash_is_seen() {
        let spelling = |text: &str| Spelling::of(&HeaderName::from_bytes(text.as_bytes()).unwrap());
        assert_eq!(spelling("X-Auth-Subject"), Spelling::Plain);
        let dashed = HeaderName::from_static("x-auth-subject");
        assert_eq!(spelling("x.auth.subject"), Spelling::Dotted(dashed));
        for odd in "!#$%&'*+^_`|~".chars() {
            assert_eq!(spelling(&format!("x{odd}auth-subject")), Spelling::Odd, "{odd}");
            assert_eq!(spelling(&format!("x.auth{odd}subject")), Spelling::Odd, "{odd}");
        }
    }
}
