//! Decimal numbers, compared exactly.
//! Refuses exponents and more digits than it can hold.

const DIGITS: usize = 18;

/// A number as a whole multiple of 10⁻¹⁸.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decimal(i128);

impl Decimal {
    /// Whole seconds from `other` up to this, both in seconds; nothing when this is below.
    pub(super) fn seconds_above(self, other: Self) -> Option<u64> {
        let whole = (self.0 - other.0).div_euclid(10_i128.pow(18));
        u64::try_from(whole).ok()
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = match digits.split_once('.') {
            Some((whole, part)) if !part.is_empty() => (whole, part),
            Some(_) => return None,
            None => (digits, ""),
        };
        let bounded = !whole.is_empty() && whole.len() <= DIGITS && part.len() <= DIGITS;
        let mut bytes = whole.bytes().chain(part.bytes());
        if !bounded || !bytes.all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let scaled: i128 = format!("{whole}{part:0<DIGITS$}").parse().ok()?;
        Some(Self(if negative { -scaled } else { scaled }))
    }
}
