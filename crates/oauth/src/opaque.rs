//! Opaque secrets: `az_<kind>_<43 base62 characters of 256 random bits><6 base62 characters of CRC-32>`.
//! Refuses to tell anything about a text whose shape, kind or checksum is wrong: it never earns a look-up.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PRODUCT: &str = "az";
const PREFIX_LEN: usize = 6;
const RANDOM_LEN: usize = 43;
const CHECKSUM_LEN: usize = 6;
/// What follows the prefix.
pub(crate) const SECRET_LEN: usize = RANDOM_LEN + CHECKSUM_LEN;

/// The exact length of every opaque secret in bytes.
pub const LEN: usize = PREFIX_LEN + SECRET_LEN;

/// What an opaque secret may be used as; part of its text, so kinds cannot be swapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OpaqueKind {
    /// An opaque access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
    /// An authorization code.
    AuthorizationCode,
    /// A client secret.
    ClientSecret,
    /// The session cookie of the server's own pages.
    SessionCookie,
    /// The one-time link that makes the first administrator.
    AdminSetup,
    /// The link in a mail that proves a mailbox.
    MailLink,
    /// A sign-in that waits for its second factor.
    PendingLogin,
    /// The one-time token in the address of a download.
    DownloadToken,
    /// What a browser keeps that needs no second factor for a while.
    TrustedDevice,
    /// With what a registered client looks after its own registration (RFC 7592).
    RegistrationToken,
    /// What an operator gives to somebody who may register a client (RFC 7591 §3).
    InitialAccess,
    /// The link in a mail that invites its reader into an account.
    Invitation,
}

impl OpaqueKind {
    /// Every kind there is.
    pub const ALL: [Self; 13] = [
        Self::AccessToken,
        Self::RefreshToken,
        Self::AuthorizationCode,
        Self::ClientSecret,
        Self::SessionCookie,
        Self::AdminSetup,
        Self::MailLink,
        Self::PendingLogin,
        Self::DownloadToken,
        Self::TrustedDevice,
        Self::RegistrationToken,
        Self::InitialAccess,
        Self::Invitation,
    ];

    /// The two letters that stand for the kind in the text.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AccessToken => "at",
            Self::RefreshToken => "rt",
            Self::AuthorizationCode => "ac",
            Self::ClientSecret => "cs",
            Self::SessionCookie => "sk",
            Self::AdminSetup => "ak",
            Self::MailLink => "ml",
            Self::PendingLogin => "pl",
            Self::DownloadToken => "dt",
            Self::TrustedDevice => "td",
            Self::RegistrationToken => "rg",
            Self::InitialAccess => "ia",
            Self::Invitation => "iv",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The text of a secret of `kind` made from 256 random bits.
#[must_use]
pub fn encode(kind: OpaqueKind, random: &[u8; 32]) -> Zeroizing<String> {
    encode_behind(&format!("{PRODUCT}_{}_", kind.code()), random)
}

/// `prefix`, 256 random bits, and the checksum of both.
pub(crate) fn encode_behind(prefix: &str, random: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + SECRET_LEN));
    text.push_str(prefix);
    text.extend(base62_of_256_bits(random).iter().copied().map(char::from));
    for digit in checksum(text.as_bytes()) {
        text.push(char::from(digit));
    }
    text
}

/// What [`encode_behind`] was given as prefix, if the text is of its making; the checksum covers the prefix.
pub(crate) fn parse_behind(text: &str) -> Option<&str> {
    let prefix = text.get(..text.len().checked_sub(SECRET_LEN)?)?;
    let (body, sum) = text.split_at_checked(text.len() - CHECKSUM_LEN)?;
    let well_formed = body[prefix.len()..]
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric());
    (well_formed && checksum(body.as_bytes()) == sum.as_bytes()).then_some(prefix)
}

/// The kind of a well-formed secret; `None` when prefix, length, alphabet or checksum are wrong.
#[must_use]
pub fn parse(text: &str) -> Option<OpaqueKind> {
    if text.len() != LEN || !text.is_ascii() {
        return None;
    }
    let code = parse_behind(text)?
        .strip_prefix(PRODUCT)?
        .strip_prefix('_')?
        .strip_suffix('_')?;
    OpaqueKind::from_code(code)
}

/// The SHA-256 of the full text: all that is ever stored of a secret.
#[must_use]
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM_LEN] {
    let mut rest = crc32fast::hash(body);
    let mut digits = [ALPHABET[0]; CHECKSUM_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// Long division of a 256-bit number by 62⁵, so five digits at a time; most significant digit first.
fn base62_of_256_bits(number: &[u8; 32]) -> Zeroizing<[u8; RANDOM_LEN]> {
    let mut quotient = Zeroizing::new([0_u32; 8]);
    for (limb, bytes) in quotient.iter_mut().zip(number.as_chunks().0) {
        *limb = u32::from_be_bytes(*bytes);
    }
    let mut digits = Zeroizing::new([ALPHABET[0]; RANDOM_LEN]);
    for five in digits.rchunks_mut(5) {
        let mut rest = divide(&mut quotient, 62_u64.pow(5));
        for digit in five.iter_mut().rev() {
            *digit = ALPHABET[(rest % 62) as usize];
            rest /= 62;
        }
    }
    digits
}

/// Leaves the quotient, most significant limb first, and gives the remainder; `divisor` is less than 2³².
fn divide(number: &mut [u32; 8], divisor: u64) -> u64 {
    let mut remainder = 0;
    for limb in number {
        let value = remainder << 32 | u64::from(*limb);
        // value < divisor * 2³², so the quotient fits
        *limb = (value / divisor) as u32;
        remainder = value % divisor;
    }
    remainder
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extremes_fill_the_whole_width() {
        for bytes in [[0_u8; 32], [u8::MAX; 32]] {
            let text = encode(OpaqueKind::AccessToken, &bytes);
            assert_eq!(text.len(), LEN);
            assert_eq!(parse(&text), Some(OpaqueKind::AccessToken));
        }
    }

    #[test]
    fn text_is_stable_across_releases() {
        insta::assert_snapshot!(*encode(OpaqueKind::RefreshToken, &[7; 32]));
    }

    /// C09: a typo is refused before any look-up.
    #[test]
    fn any_changed_character_is_refused() {
        let text = encode(OpaqueKind::SessionCookie, &[42; 32]);
        for position in 0..LEN {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'x' { b'y' } else { b'x' };
            assert_eq!(
                parse(std::str::from_utf8(&bytes).unwrap()),
                None,
                "position {position}"
            );
        }
    }

    /// O23: the kind is covered by the checksum, so it cannot be relabelled.
    #[test]
    fn relabelled_kind_is_refused() {
        let text = encode(OpaqueKind::RefreshToken, &[9; 32]);
        assert_eq!(parse(&text.replace("_rt_", "_at_")), None);
    }

    proptest! {
        #[test]
        fn every_secret_reads_back_as_its_kind(random: [u8; 32], index in 0..OpaqueKind::ALL.len()) {
            let kind = OpaqueKind::ALL[index];
            prop_assert_eq!(parse(&encode(kind, &random)), Some(kind));
        }

        #[test]
        fn distinct_bits_give_distinct_texts(left: [u8; 32], right: [u8; 32]) {
            let same = *encode(OpaqueKind::AccessToken, &left) == *encode(OpaqueKind::AccessToken, &right);
            prop_assert_eq!(same, left == right);
        }

        #[test]
        fn foreign_text_is_refused_without_panic(text in "\\PC{0,80}") {
            prop_assert_eq!(parse(&text), None);
        }
    }
}
