use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn spend(day: Date, spend: i64) -> DaySums {
    DaySums {
        day,
        spend,
        credits: 0,
        debits: 0,
    }
}

#[test]
fn a_month_is_projected_from_the_last_seven_complete_days() {
    let today = date(2026, 11, 21);
    let days = [
        // Of the month, but before the week.
        spend(date(2026, 11, 13), 1000),
        spend(date(2026, 11, 14), 70),
        spend(date(2026, 11, 20), 30),
        // Today is no complete day.
        spend(today, 5),
        spend(date(2026, 10, 31), 9),
    ];
    let overview = Overview::of(today, 999, &days);
    assert_eq!(overview.mtd_spend, 1105);
    // Nine days are left: 900 / 7 = 128.57.
    assert_eq!(overview.projected_spend, 1105 + 129);
    // 999 * 7 / 100 = 69.93.
    assert_eq!(overview.runway_days, Some(69));
    assert_eq!(overview.daily_trend.len(), 30);
    assert_eq!(overview.daily_trend[29], (today, 5));
    assert_eq!(overview.daily_trend[28], (date(2026, 11, 20), 30));
    assert_eq!(overview.daily_trend[0], (date(2026, 10, 23), 0));
}

#[test]
fn months_end_where_they_end() {
    let days = [
        spend(date(2028, 2, 29), 4),
        spend(date(2027, 4, 1), 2),
        spend(date(2027, 3, 31), 1),
    ];
    let overview = Overview::of(date(2028, 3, 31), 0, &days);
    let spent: Vec<_> = overview
        .history
        .iter()
        .map(|month| (month.year, month.month, month.spend))
        .collect();
    assert_eq!(spent.len(), 12);
    assert_eq!(
        (spent[0], spent[10], spent[11]),
        ((2027, 4, 2), (2028, 2, 4), (2028, 3, 0))
    );
    // No day is left on the last of the month.
    assert_eq!(overview.projected_spend, overview.mtd_spend);
    assert_eq!(Overview::since(date(2028, 3, 31)), date(2027, 4, 1));
}

#[test]
fn nothing_spent_lasts_for_ever_and_nothing_left_not_a_day() {
    let today = date(2026, 11, 21);
    assert_eq!(Overview::of(today, 100, &[]).runway_days, None);
    // What was given back is no spending.
    let returned = [spend(date(2026, 11, 20), -7)];
    assert_eq!(Overview::of(today, 100, &returned).runway_days, None);
    let spent = [spend(date(2026, 11, 20), 7)];
    assert_eq!(Overview::of(today, -5, &spent).runway_days, Some(0));
    assert_eq!(Overview::of(today, 0, &spent).runway_days, Some(0));
}

fn some_day() -> impl Strategy<Value = Date> {
    (0_i32..40_000).prop_map(|days| date(1990, 1, 1).saturating_add(days.days()))
}

proptest! {
    #[test]
    fn each_part_tells_of_the_same_days(
        today in some_day(),
        balance in any::<i64>(),
        amounts in proptest::collection::vec((0_i64..500, 0_i64..1_000_000_000, 0_i64..1_000_000_000), 0..60),
    ) {
        let mut days: Vec<DaySums> = Vec::new();
        for (ago, spend, credits) in amounts {
            let day = back(today, ago.days());
            if days.iter().all(|known| known.day != day) {
                days.push(DaySums { day, spend, credits, debits: 0 });
            }
        }
        let overview = Overview::of(today, balance, &days);
        prop_assert_eq!(overview.history[11].spend, overview.mtd_spend);
        prop_assert!(overview.projected_spend >= overview.mtd_spend);
        let since = Overview::since(today);
        let kept: Vec<DaySums> = days.iter().copied().filter(|sums| sums.day >= since).collect();
        prop_assert_eq!(&Overview::of(today, balance, &kept), &overview);
        let first = back(today.first_of_month(), 11.months());
        let of_year = total(&days, (first, today), |sums| sums.spend);
        prop_assert_eq!(overview.history.iter().map(|month| month.spend).sum::<i64>(), of_year);
        let of_trend = total(&days, (back(today, 29.days()), today), |sums| sums.spend);
        prop_assert_eq!(overview.daily_trend.iter().map(|(_, spend)| spend).sum::<i64>(), of_trend);
        let week = total(&days, (back(today, 7.days()), back(today, 1.days())), |sums| sums.spend);
        match overview.runway_days {
            None => prop_assert_eq!(week, 0),
            Some(days) => {
                let (left, week) = (i128::from(balance.max(0)) * 7, i128::from(week));
                prop_assert!(i128::from(days) * week <= left && left < (i128::from(days) + 1) * week);
            }
        }
    }

    #[test]
    fn no_amount_wraps_around(today in some_day(), spend in any::<[i64; 3]>(), balance in any::<i64>()) {
        let days: Vec<DaySums> = (0_i64..3).zip(spend)
            .map(|(ago, amount)| DaySums { day: back(today, ago.days()), spend: amount, credits: amount, debits: amount })
            .collect();
        let overview = Overview::of(today, balance, &days);
        prop_assert!(overview.runway_days.is_none_or(|days| days >= 0));
    }
}
