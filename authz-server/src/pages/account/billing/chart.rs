//! The last days' spending, as columns.
//! Refuses fractions: heights are whole parts of the drawing.

use jiff::civil::Date;
use model::billing::{Currency, Money};

use crate::pages::amount::shown;
use crate::pages::view::account::{Bar, ChartPart};

/// Of the drawing, less the line at its foot.
const HIGH: i64 = 116;
const STEP: usize = 20;

pub fn spending(days: &[(Date, i64)], currency: Currency) -> ChartPart {
    let most = days.iter().map(|(_, spent)| *spent).max().unwrap_or(0);
    let money = |minor| shown(Money::new(minor, currency));
    let bar = |(place, (day, spent)): (usize, &(Date, i64))| {
        let height = height(*spent, most);
        Bar {
            x: place * STEP + 2,
            y: HIGH + 3 - height,
            height,
            name: day.strftime("%-d %B").to_string(),
            value: money(*spent),
        }
    };
    let bars: Vec<Bar> = days.iter().enumerate().map(bar).collect();
    let name = |bar: Option<&Bar>| bar.map(|bar| bar.name.clone()).unwrap_or_default();
    let highest = days.iter().rev().find(|(_, spent)| *spent == most);
    ChartPart {
        id: "trend",
        heading: "Spent in the last 30 days",
        summary: match highest.filter(|_| most > 0) {
            Some((day, _)) => format!("The most was {} on {}.", money(most), day.strftime("%-d %B")),
            None => "Nothing was spent.".to_owned(),
        },
        ends: (name(bars.first()), name(bars.last())),
        bars,
    }
}

/// What was spent is seen, however little it was.
fn height(spent: i64, most: i64) -> i64 {
    if spent <= 0 || most <= 0 {
        return 0;
    }
    let height = i128::from(spent) * i128::from(HIGH) / i128::from(most);
    i64::try_from(height).unwrap_or(HIGH).max(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_in_proportion_and_within_the_drawing() {
        let day = jiff::civil::date(2026, 11, 1);
        let days = [
            (day, 0),
            (day.tomorrow().unwrap(), 1),
            (day.saturating_add(jiff::Span::new().days(2)), i64::MAX),
            (day.saturating_add(jiff::Span::new().days(3)), i64::MAX / 2),
        ];
        let chart = spending(&days, Currency::INR);
        let heights: Vec<i64> = chart.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [0, 2, HIGH, HIGH / 2 - 1]);
        assert!(
            chart
                .bars
                .iter()
                .all(|bar| bar.y >= 0 && bar.y + bar.height <= 119)
        );
        assert_eq!(chart.ends, ("1 November".to_owned(), "4 November".to_owned()));
        assert!(chart.summary.contains("on 3 November"), "{}", chart.summary);
    }
}
