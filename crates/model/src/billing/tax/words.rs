//! Amounts as people in India read them: `1,23,456.78`, and in words with lakh and crore.
//! Refuses amounts below zero: documents say what they take back by their kind, not by a sign.

const ONES: [&str; 20] = [
    "",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
];
const TENS: [&str; 10] = [
    "", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety",
];

/// The last three digits are a group, those before it go in pairs.
pub fn in_figures(minor: i64) -> String {
    let minor = minor.unsigned_abs();
    let whole = (minor / 100).to_string();
    let (head, tail) = whole.split_at(whole.len().saturating_sub(3));
    let mut text = String::new();
    for (place, digit) in head.chars().enumerate() {
        text.push(digit);
        if (head.len() - place) % 2 == 1 {
            text.push(',');
        }
    }
    format!("{text}{tail}.{:02}", minor % 100)
}

/// `Rupees Five Hundred and Fifty Paise Only`.
pub fn in_words(minor: i64) -> String {
    let minor = minor.unsigned_abs();
    let (rupees, paise) = (minor / 100, minor % 100);
    let whole = (rupees > 0 || paise == 0).then(|| match rupees {
        0 => "Rupees Zero".to_owned(),
        1 => "Rupee One".to_owned(),
        more => format!("Rupees {}", number(more)),
    });
    let part =
        (paise > 0).then(|| format!("{} {}", number(paise), if paise == 1 { "Paisa" } else { "Paise" }));
    let parts: Vec<String> = whole.into_iter().chain(part).collect();
    format!("{} Only", parts.join(" and "))
}

/// Above zero.
fn number(value: u64) -> String {
    let groups = [
        (10_000_000, "Crore"),
        (100_000, "Lakh"),
        (1_000, "Thousand"),
        (100, "Hundred"),
    ];
    let (mut rest, mut words) = (value, Vec::new());
    for (size, name) in groups {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            words.push(format!("{} {name}", number(count)));
        }
    }
    if rest > 0 {
        words.push(below_hundred(rest));
    }
    words.join(" ")
}

fn below_hundred(value: u64) -> String {
    let word = |table: &[&'static str], place: u64| {
        let place = usize::try_from(place).unwrap_or_default();
        table.get(place).copied().unwrap_or_default()
    };
    match (value / 10, value % 10) {
        (0 | 1, _) => word(&ONES, value).to_owned(),
        (tens, 0) => word(&TENS, tens).to_owned(),
        (tens, ones) => format!("{}-{}", word(&TENS, tens), word(&ONES, ones)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_have_groups_of_two_before_the_last_three() {
        for (minor, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (1_000_000, "10,000.00"),
            (12_345_678, "1,23,456.78"),
            (123_456_789_012, "1,23,45,67,890.12"),
        ] {
            assert_eq!(in_figures(minor), text);
        }
    }

    #[test]
    fn words_know_lakh_and_crore() {
        for (minor, text) in [
            (0, "Rupees Zero Only"),
            (1, "One Paisa Only"),
            (50, "Fifty Paise Only"),
            (100, "Rupee One Only"),
            (50_050, "Rupees Five Hundred and Fifty Paise Only"),
            (1_900, "Rupees Nineteen Only"),
            (
                12_345_678,
                "Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and Seventy-Eight Paise Only",
            ),
            (1_000_000_000, "Rupees One Crore Only"),
            (10_000_000_000_000, "Rupees Ten Thousand Crore Only"),
            (2_000_010_100, "Rupees Two Crore One Hundred One Only"),
        ] {
            assert_eq!(in_words(minor), text);
        }
    }

    proptest! {
        #[test]
        fn figures_are_the_number(minor in 0..i64::MAX) {
            let digits: String = in_figures(minor).chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(digits.parse::<i64>().unwrap(), minor);
        }

        #[test]
        fn words_are_words(minor in 0..i64::MAX) {
            let words = in_words(minor);
            prop_assert!(words.is_ascii() && !words.contains("  ") && words.ends_with(" Only"));
        }
    }
}
