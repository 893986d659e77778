//! What an account sees of its money at a glance: what is spent, where that leads, and how long the balance lasts.
//! Refuses fractions: each division says how it is rounded, and sums stop at the largest number instead of wrapping.

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

use super::MovementKind;

/// Months in the history, this one included.
const MONTHS: i32 = 12;
/// Days in the trend, today included.
const TREND: i64 = 30;
/// Complete days that the mean is taken of.
const WEEK: i64 = 7;

/// What a day has brought, in minor units; `credits - debits - spend` is what it changed in the wallet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DaySums {
    pub day: Date,
    /// Of usage.
    pub spend: i64,
    /// What else came in.
    pub credits: i64,
    /// What else went out.
    pub debits: i64,
}

impl DaySums {
    /// Of one movement that changes the wallet by so much.
    pub const fn of(day: Date, kind: MovementKind, change: i64) -> Self {
        let (spend, credits, debits) = match kind {
            MovementKind::Usage => (change.saturating_neg(), 0, 0),
            _ if change > 0 => (0, change, 0),
            _ => (0, 0, change.saturating_neg()),
        };
        Self {
            day,
            spend,
            credits,
            debits,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MonthSums {
    pub year: i16,
    pub month: i8,
    pub spend: i64,
    pub credits: i64,
}

/// Amounts in minor units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overview {
    /// Usage of this month, today included.
    pub mtd_spend: i64,
    /// That, and for each day after today until the month's end the mean of the last seven complete days; the sum of
    /// those is rounded to the nearest unit, a half up.
    pub projected_spend: i64,
    /// Whole days that the balance lasts at that mean, rounded down; none when nothing was spent in those seven days.
    pub runway_days: Option<i64>,
    /// The last twelve months, this one at the end; months without movements are zero.
    pub history: Vec<MonthSums>,
    /// Usage of the last thirty days, today at the end; days without are zero.
    pub daily_trend: Vec<(Date, i64)>,
}

impl Overview {
    /// The first day that it looks at.
    pub fn since(today: Date) -> Date {
        back(today.first_of_month(), (MONTHS - 1).months()).min(back(today, (TREND - 1).days()))
    }

    /// `days`: in any order, each at most once; those after today and before [`Overview::since`] don't matter.
    pub fn of(today: Date, balance: i64, days: &[DaySums]) -> Self {
        let spent = |from: Date, to: Date| total(days, (from, to), |sums| sums.spend);
        let mtd_spend = spent(today.first_of_month(), today);
        let week = spent(back(today, WEEK.days()), back(today, 1.days())).max(0);
        let left = i64::from(today.days_in_month()) - i64::from(today.day());
        Self {
            mtd_spend,
            projected_spend: mtd_spend.saturating_add(projection(week, left)),
            runway_days: runway(balance, week),
            history: history(today, days),
            daily_trend: trend(today, days),
        }
    }
}

fn projection(week: i64, days_left: i64) -> i64 {
    let (sum, days) = (i128::from(week) * i128::from(days_left), i128::from(WEEK));
    clamp((2 * sum + days).div_euclid(2 * days))
}

fn runway(balance: i64, week: i64) -> Option<i64> {
    let days = i128::from(balance.max(0)) * i128::from(WEEK);
    (week > 0).then(|| clamp(days / i128::from(week)))
}

fn history(today: Date, days: &[DaySums]) -> Vec<MonthSums> {
    let months = (0..MONTHS).rev().map(|ago| {
        let first = back(today.first_of_month(), ago.months());
        let span = (first, first.last_of_month().min(today));
        MonthSums {
            year: first.year(),
            month: first.month(),
            spend: total(days, span, |sums| sums.spend),
            credits: total(days, span, |sums| sums.credits),
        }
    });
    months.collect()
}

fn trend(today: Date, days: &[DaySums]) -> Vec<(Date, i64)> {
    let dates = (0..TREND).rev().map(|ago| back(today, ago.days()));
    dates
        .map(|date| (date, total(days, (date, date), |sums| sums.spend)))
        .collect()
}

fn total(days: &[DaySums], (from, to): (Date, Date), amount: impl Fn(&DaySums) -> i64) -> i64 {
    let inside = days.iter().filter(|sums| (from..=to).contains(&sums.day));
    clamp(inside.map(|sums| i128::from(amount(sums))).sum())
}

fn back(date: Date, span: Span) -> Date {
    date.saturating_sub(span)
}

fn clamp(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests;
