//! The deployment's choices about money.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use model::Timestamp;
use model::billing::{Currency, Month, Plan, Plans, Prices};

use super::{RecurringSettings, Seller};

#[derive(Clone, Debug)]
pub struct BillingSettings {
    /// Of every amount.
    pub currency: Currency,
    /// The least and the most of one top-up, in minor units.
    pub topup: (i64, i64),
    /// How far below zero a wallet may go before what it pays for is refused, in minor units.
    pub overdraft: i64,
    /// Where a day begins and ends in the books.
    pub time_zone: TimeZone,
    /// What accounts may have.
    pub plans: Plans,
    /// What use costs.
    pub prices: Prices,
    /// Mandates, subscriptions, and what is told about them.
    pub recurring: RecurringSettings,
    /// Who writes invoices; nobody does without.
    pub seller: Option<Seller>,
}

impl BillingSettings {
    /// The month that use at this instant counts in.
    pub fn month(&self, at: Timestamp) -> Month {
        Month::of(at, &self.time_zone)
    }

    /// The day on which something is booked at this instant.
    pub fn day(&self, at: Timestamp) -> Date {
        let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::MAX);
        at.to_zoned(self.time_zone.clone()).date()
    }
}

impl Default for BillingSettings {
    fn default() -> Self {
        Self {
            currency: Currency::INR,
            topup: (100, 50_000_000),
            overdraft: 0,
            time_zone: india(),
            plans: Plans::new(
                Plan::built_in("free", Currency::INR, &Prices::default()),
                Vec::new(),
            ),
            prices: Prices::default(),
            recurring: RecurringSettings::default(),
            seller: None,
        }
    }
}

/// No rule has changed it since 1945.
fn india() -> TimeZone {
    let offset = || TimeZone::fixed(Offset::from_seconds(19_800).unwrap_or(Offset::UTC));
    TimeZone::get("Asia/Kolkata").unwrap_or_else(|_| offset())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_begins_where_the_books_are_kept() {
        let settings = BillingSettings::default();
        let at = |text: &str| {
            let at: jiff::Timestamp = text.parse().unwrap();
            settings.day(Timestamp::from_micros(at.as_microsecond()))
        };
        assert_eq!(at("2026-11-20T18:29:59Z"), date(2026, 11, 20));
        assert_eq!(at("2026-11-20T18:30:00Z"), date(2026, 11, 21));
        assert_eq!(settings.time_zone.iana_name(), Some("Asia/Kolkata"));
    }
}
