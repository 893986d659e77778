//! Amounts as people read them.
//! Counts in minor units; nothing here is a float.

/// `₹1,23,456.70`, or `USD 1,234.50`.
pub(super) fn text(minor: i64, currency: &str) -> String {
    let (whole, rest) = (minor / 100, (minor % 100).abs());
    if currency == "INR" {
        return format!("₹{}.{rest:02}", grouped(whole, 2));
    }
    format!("{currency} {}.{rest:02}", grouped(whole, 3))
}

/// Groups of three, and then of so many: lakh and crore have two.
fn grouped(whole: i64, later: usize) -> String {
    let digits = whole.to_string();
    let (head, tail) = digits.split_at(digits.len().saturating_sub(3));
    if head.is_empty() {
        return tail.to_owned();
    }
    let first = head.len() % later;
    let mut groups: Vec<&str> = Vec::new();
    if first > 0 {
        groups.push(&head[..first]);
    }
    let mut rest = &head[first..];
    while !rest.is_empty() {
        let (group, left) = rest.split_at(later);
        groups.push(group);
        rest = left;
    }
    groups.push(tail);
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn rupees_are_grouped_as_in_india() {
        assert_eq!(text(0, "INR"), "₹0.00");
        assert_eq!(text(99_905, "INR"), "₹999.05");
        assert_eq!(text(100_000, "INR"), "₹1,000.00");
        assert_eq!(text(123_456_789, "INR"), "₹12,34,567.89");
        assert_eq!(text(100_000_000_000, "INR"), "₹1,00,00,00,000.00");
        assert_eq!(text(123_456_789, "USD"), "USD 1,234,567.89");
    }
}
