//! Amounts as people write and read them.
//! Refuses what would have to be rounded: two decimals at most, and no other signs but digits, a point and commas.

use model::billing::{Currency, MOST, Money};

/// Minor units of what was typed: `500`, `1,250.50`, `₹ 99`.
pub fn parse(typed: &str) -> Option<i64> {
    let text = typed.trim();
    let text = text.strip_prefix('₹').unwrap_or(text).trim();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: String = whole.chars().filter(|sign| *sign != ',').collect();
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(&whole) || !is_number(part) || part.len() > 2 {
        return None;
    }
    let minor = format!("{whole}{part:0<2}").parse::<i64>().ok()?;
    (minor <= MOST).then_some(minor)
}

/// `₹1,23,456.50`, and `USD 12.00` for what has no sign here.
pub fn shown(money: Money) -> String {
    let sign = if money.minor < 0 { "−" } else { "" };
    let minor = money.minor.unsigned_abs();
    let part = minor % 100;
    match money.currency {
        Currency::INR => format!("{sign}₹{}.{part:02}", in_lakhs(minor / 100)),
        other => format!("{other} {sign}{}.{part:02}", minor / 100),
    }
}

/// For a field: `1250.50`, and `1250` where there is no part.
pub fn typed(minor: i64) -> String {
    match minor % 100 {
        0 => (minor / 100).to_string(),
        part => format!("{}.{part:02}", minor / 100),
    }
}

/// Groups of two digits before the last three, as in India.
fn in_lakhs(whole: u64) -> String {
    let digits = whole.to_string();
    let count = digits.len();
    let comma = |left: usize| left >= 3 && (left - 3).is_multiple_of(2);
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && comma(count - place) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_without_rounding() {
        let cases = [
            ("500", Some(50_000)),
            (" ₹ 1,250.5 ", Some(125_050)),
            ("0.01", Some(1)),
            ("1.005", None),
            ("-5", None),
            ("5e3", None),
            ("", None),
            (".5", None),
            ("99999999999999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn rupees_are_grouped_as_in_india() {
        let rupees = |minor| shown(Money::new(minor, Currency::INR));
        assert_eq!(rupees(12_345_650), "₹1,23,456.50");
        assert_eq!(rupees(-99_905), "−₹999.05");
        assert_eq!(rupees(1_000_000_000), "₹1,00,00,000.00");
        assert_eq!(rupees(0), "₹0.00");
        let dollars = Money::new(1_200, "USD".parse().unwrap());
        assert_eq!(shown(dollars), "USD 12.00");
        assert_eq!((typed(125_050), typed(50_000)), ("1250.50".into(), "500".into()));
    }
}
