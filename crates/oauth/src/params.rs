//! Parameters of a query or an `application/x-www-form-urlencoded` body, read one way or refused.
//! Refuses repeated names, anything beyond the limits, broken percent or UTF-8 encoding and NUL; never picks one of two.

use crate::error::OAuthError;
use std::fmt;
use zeroize::Zeroizing;

/// The longest parameter name in bytes.
pub const MAX_NAME_LEN: usize = 256;

/// How much is read, and which names may be repeated.
#[derive(Debug, Clone, Copy)]
pub struct ParamLimits {
    /// The longest encoded text in bytes.
    pub total_len: usize,
    /// The most fields.
    pub fields: usize,
    /// The longest decoded value in bytes.
    pub value_len: usize,
    /// Names that may occur more than once.
    pub repeatable: &'static [&'static str],
}

impl Default for ParamLimits {
    /// 64 KiB, 100 fields, values of 8 KiB; only `resource` repeats (RFC 8707 §2).
    fn default() -> Self {
        Self {
            total_len: 64 * 1024,
            fields: 100,
            value_len: 8 * 1024,
            repeatable: &["resource"],
        }
    }
}

/// Why parameters were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// The text, a name or a value is too long, or there are too many fields.
    #[error("The request has too many or too long parameters")]
    TooLarge,
    /// Broken percent-encoding, bytes that are not UTF-8, or a NUL.
    #[error("A parameter is not encoded properly")]
    Encoding,
    /// A name that may occur once occurs again; RFC 6749 §3.1, §3.2.
    #[error("A parameter is sent more than once")]
    Repeated(String),
    /// A parameter that this request needs is absent or empty.
    #[error("The parameter {0} is missing")]
    Missing(&'static str),
}

impl From<ParamsError> for OAuthError {
    fn from(error: ParamsError) -> Self {
        Self::invalid_request(error.to_string())
    }
}

/// Decoded parameters in the order they came; values are wiped on drop and never printed.
#[derive(Default, Clone)]
pub struct Params {
    fields: Vec<(String, Zeroizing<String>)>,
}

impl Params {
    /// Reads an encoded query or body.
    pub fn parse(encoded: &[u8], limits: &ParamLimits) -> Result<Self, ParamsError> {
        if encoded.len() > limits.total_len {
            return Err(ParamsError::TooLarge);
        }
        let mut params = Self::default();
        for pair in encoded
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            let name = std::mem::take(&mut *decode(name)?);
            params.push(name, decode(value)?, limits)?;
        }
        Ok(params)
    }

    /// Adds the parameters of another part of the same request; the rule against repetition spans both.
    pub fn and(mut self, other: Self, limits: &ParamLimits) -> Result<Self, ParamsError> {
        for (name, value) in other.fields {
            self.push(name, value, limits)?;
        }
        Ok(self)
    }

    /// The value of a parameter; an empty one counts as absent (RFC 6749 §3.1).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, value)| field == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    pub fn required(&self, name: &'static str) -> Result<&str, ParamsError> {
        self.get(name).ok_or(ParamsError::Missing(name))
    }

    /// Every value of a repeatable parameter, empty ones left out.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(field, value)| field == name && !value.is_empty())
            .map(|(_, v)| v.as_str())
    }

    /// Removes and returns every value of a parameter, empty ones left out.
    pub fn take_all(&mut self, name: &str) -> Vec<Zeroizing<String>> {
        self.fields
            .extract_if(.., |(field, _)| field == name)
            .filter(|(_, value)| !value.is_empty())
            .map(|(_, value)| value)
            .collect()
    }

    /// The names in the order they came, also of empty parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// Whether nothing at all was sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    fn push(
        &mut self,
        name: String,
        value: Zeroizing<String>,
        limits: &ParamLimits,
    ) -> Result<(), ParamsError> {
        if self.fields.len() == limits.fields || name.len() > MAX_NAME_LEN || value.len() > limits.value_len {
            return Err(ParamsError::TooLarge);
        }
        let repeatable = limits.repeatable.contains(&name.as_str());
        if !repeatable && self.fields.iter().any(|(field, _)| *field == name) {
            return Err(ParamsError::Repeated(name));
        }
        self.fields.push((name, value));
        Ok(())
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// Decodes one form-encoded text; strict where the URL standard is lenient.
pub(crate) fn decode(encoded: &[u8]) -> Result<Zeroizing<String>, ParamsError> {
    let mut decoded = Zeroizing::new(Vec::with_capacity(encoded.len()));
    let mut rest = encoded;
    while let Some(plain) = rest.iter().position(|byte| matches!(byte, b'+' | b'%')) {
        decoded.extend_from_slice(&rest[..plain]);
        let (byte, after) = match &rest[plain..] {
            [b'%', high, low, after @ ..] => (hex(*high)? << 4 | hex(*low)?, after),
            [b'+', after @ ..] => (b' ', after),
            _ => return Err(ParamsError::Encoding),
        };
        decoded.push(byte);
        rest = after;
    }
    decoded.extend_from_slice(rest);
    if decoded.contains(&0) {
        return Err(ParamsError::Encoding);
    }
    // Taken over as they are: each copy would have to be wiped.
    match String::from_utf8(std::mem::take(&mut *decoded)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(ParamsError::Encoding)
        }
    }
}

fn hex(digit: u8) -> Result<u8, ParamsError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(ParamsError::Encoding),
    }
}

#[cfg(test)]
mod tests;
