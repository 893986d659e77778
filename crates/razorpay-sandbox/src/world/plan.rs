//! Plans: how much of what, how often.
//! Never changes one: subscriptions hang on it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use crate::fields::{Fields, LEAST_AMOUNT, required};
use crate::notes::Notes;
use crate::page::{self, Entity, Window};
use crate::problem::Problem;

const PERIODS: [&str; 5] = ["daily", "weekly", "monthly", "quarterly", "yearly"];
/// A daily plan charges once a week at most.
const LEAST_DAYS: i64 = 7;
const MOST_INTERVAL: i64 = 400;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) id: String,
    item: String,
    pub(crate) name: String,
    description: Option<String>,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) period: String,
    pub(crate) interval: i64,
    notes: Notes,
    created_at: i64,
}

impl Entity for Plan {
    fn created_at(&self) -> i64 {
        self.created_at
    }

    fn show(&self) -> Value {
        json!({
            "id": self.id,
            "entity": "plan",
            "interval": self.interval,
            "period": self.period,
            "item": {
                "id": self.item,
                "active": true,
                "name": self.name,
                "description": self.description,
                "amount": self.amount,
                "unit_amount": self.amount,
                "currency": self.currency,
                "type": "plan",
                "unit": null,
                "tax_inclusive": false,
                "hsn_code": null,
                "sac_code": null,
                "tax_rate": null,
                "tax_id": null,
                "tax_group_id": null,
                "created_at": self.created_at,
                "updated_at": self.created_at,
            },
            "notes": self.notes.show(),
            "created_at": self.created_at,
        })
    }
}

impl Plan {
    /// How often it charges, for people.
    pub(crate) fn rhythm(&self) -> String {
        let unit = match self.period.as_str() {
            "daily" => "day",
            "weekly" => "week",
            "monthly" => "month",
            "quarterly" => "quarter",
            _ => "year",
        };
        match self.interval {
            1 => format!("every {unit}"),
            interval => format!("every {interval} {unit}s"),
        }
    }

    /// The instant so many periods after the start; the day of the month is kept where the month has it.
    pub(crate) fn after(&self, start: i64, periods: i64) -> i64 {
        let count = self.interval.saturating_mul(periods);
        let span = jiff::Span::new();
        let span = match self.period.as_str() {
            "daily" => span.try_days(count),
            "weekly" => span.try_weeks(count),
            "monthly" => span.try_months(count),
            "quarterly" => span.try_months(count.saturating_mul(3)),
            _ => span.try_years(count),
        };
        let moved = jiff::Timestamp::from_second(start)
            .map(|start| start.to_zoned(jiff::tz::TimeZone::UTC))
            .and_then(|start| start.checked_add(span?));
        moved.map_or(i64::MAX, |moved| moved.timestamp().as_second())
    }
}

impl World {
    pub(crate) fn create_plan(&mut self, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["period", "interval", "item", "notes"])?;
        let period = fields.word("period", &PERIODS)?;
        let period = period.ok_or_else(|| required("period"))?;
        let least = if period == "daily" { LEAST_DAYS } else { 1 };
        let interval = fields.number_within("interval", least, MOST_INTERVAL)?;
        let item = fields.object("item")?.ok_or_else(|| required("item"))?;
        item.only(&["name", "description", "amount", "currency"])?;
        let plan = Plan {
            id: self.id("plan"),
            item: self.id("item"),
            name: item.required_text("name", 255)?,
            description: item.text("description", 2_048)?,
            amount: item.required_amount("amount", LEAST_AMOUNT)?,
            currency: item.currency("currency")?,
            period,
            interval: interval.ok_or_else(|| required("interval"))?,
            notes: fields.notes()?,
            created_at: self.now,
        };
        let shown = plan.show();
        self.books.plans.insert(plan.id.clone(), plan);
        Ok(shown)
    }

    pub(crate) fn plan(&self, id: &str) -> Result<&Plan, Problem> {
        self.books.plans.get(id).ok_or_else(Problem::no_such_id)
    }

    pub(crate) fn list_plans(&self, asked: &Fields) -> Result<Value, Problem> {
        asked.only(&page::MEMBERS)?;
        Ok(Window::read(asked)?.over(self.books.plans.iter()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::world::ground::{fields, world};

    #[test]
    fn months_keep_their_day_where_they_have_it() {
        let mut world = world();
        let item = json!({"name": "Pro", "amount": 49_900, "currency": "INR"});
        let plan = json!({"period": "monthly", "interval": 1, "item": item});
        let id = world.create_plan(&fields(plan)).unwrap()["id"].clone();
        let plan = world.plan(id.as_str().unwrap()).unwrap();
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        let start = at("2026-01-31T12:00:00Z");
        assert_eq!(plan.after(start, 1), at("2026-02-28T12:00:00Z"));
        assert_eq!(plan.after(start, 2), at("2026-03-31T12:00:00Z"));
    }

    #[test]
    fn a_daily_plan_charges_once_a_week_at_most() {
        let mut world = world();
        let item = json!({"name": "Pro", "amount": 49_900, "currency": "INR"});
        let plan = |interval: i64| json!({"period": "daily", "interval": interval, "item": item});
        assert!(world.create_plan(&fields(plan(6))).is_err());
        assert!(world.create_plan(&fields(plan(7))).is_ok());
    }
}
