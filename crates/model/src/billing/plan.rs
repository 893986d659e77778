//! Plans and prices: what an account may have, what comes with it, and what more of it costs.
//! Refuses to know accounts: who has which plan is the licence's business.

use super::{Currency, Money};

/// What counts members of an account; a plan that names it limits them.
pub const SEATS: &str = "seats";
/// What counts the keys of a person.
pub const API_KEYS: &str = "api_keys";
/// What counts the IAM users of an account.
pub const IAM_USERS: &str = "iam_users";

/// How often a plan is paid for. Limits count by calendar month, whatever this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanPeriod {
    Monthly,
    Yearly,
}

impl PlanPeriod {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Yearly => "yearly",
        }
    }
}

/// Something that a plan has. Without figures it is there without end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Feature {
    /// Also the metric that its use is reported as.
    pub name: String,
    /// No more than this in a month.
    pub limit: Option<u64>,
    /// What comes with the plan in a month; more is paid for by its price.
    pub included: Option<u64>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub id: String,
    /// For people.
    pub name: String,
    /// Of one seat and period, tax included; zero for what is free.
    pub amount: Money,
    pub period: PlanPeriod,
    /// The seats of a licence that nobody has counted.
    pub seats: u32,
    pub features: Vec<Feature>,
}

impl Plan {
    /// The plan of a deployment that has configured none: free, and whatever has a price is paid for from the first unit on.
    pub fn built_in(id: &str, currency: Currency, prices: &Prices) -> Self {
        let paid = |price: &Price| Feature {
            name: price.metric.clone(),
            limit: None,
            included: Some(0),
        };
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            amount: Money::new(0, currency),
            period: PlanPeriod::Monthly,
            seats: 1,
            features: prices.0.iter().map(paid).collect(),
        }
    }

    pub fn feature(&self, name: &str) -> Option<&Feature> {
        self.features.iter().find(|feature| feature.name == name)
    }

    pub const fn is_free(&self) -> bool {
        self.amount.minor == 0
    }
}

/// The plans of a deployment: at least the default one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plans {
    default: Plan,
    others: Vec<Plan>,
}

impl Plans {
    /// `default`: of accounts without a licence.
    pub const fn new(default: Plan, others: Vec<Plan>) -> Self {
        Self { default, others }
    }

    pub const fn default_plan(&self) -> &Plan {
        &self.default
    }

    pub fn find(&self, id: &str) -> Option<&Plan> {
        self.iter().find(|plan| plan.id == id)
    }

    /// The default one first.
    pub fn iter(&self) -> impl Iterator<Item = &Plan> {
        std::iter::once(&self.default).chain(&self.others)
    }

    /// Whether any plan has a feature of the name.
    pub fn name(&self, feature: &str) -> bool {
        self.iter().any(|plan| plan.feature(feature).is_some())
    }
}

/// What use of a metric costs: `minor` units for each `per` of it, tax included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Price {
    pub metric: String,
    pub minor: i64,
    /// Above zero.
    pub per: u64,
    /// The code of the service in invoices.
    pub hsn: Option<String>,
}

impl Price {
    /// How many units after the `billed` ones may still begin while `money` lasts: the one that uses the last of it counts.
    /// Nothing when they cost nothing.
    pub fn begun_with(&self, money: i64, billed: u64) -> Option<u64> {
        let spent = i128::from(self.of(billed)?);
        let until = spent + i128::from(money.max(0));
        let units = until.checked_mul(i128::from(self.per))?;
        let minor = i128::from(self.minor);
        let whole = units.checked_div(minor)? + i128::from(units % minor != 0);
        u64::try_from(whole - i128::from(billed)).ok()
    }

    /// What `units` cost altogether, rounded down once; nothing when that can't be counted.
    pub fn of(&self, units: u64) -> Option<i64> {
        let minor = i128::from(self.minor).checked_mul(i128::from(units))?;
        i64::try_from(minor.checked_div(i128::from(self.per))?).ok()
    }
}

#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Prices(pub Vec<Price>);

impl Prices {
    pub fn find(&self, metric: &str) -> Option<&Price> {
        self.0.iter().find(|price| price.metric == metric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_of_the_whole_and_rounded_down_once() {
        let price = Price {
            metric: "calls".to_owned(),
            minor: 7,
            per: 1000,
            hsn: None,
        };
        assert_eq!(
            [0, 142, 143, 1000, 1999].map(|units| price.of(units)),
            [0, 0, 1, 7, 13].map(Some)
        );
        // At 2,429 units 17 are spent, 10 of them after the first 1,000.
        assert_eq!(price.begun_with(10, 1000), Some(1429));
        assert_eq!(
            (price.begun_with(0, 1000), price.begun_with(-5, 0)),
            (Some(0), Some(0))
        );
        let each = Price {
            minor: 400,
            per: 1,
            ..price.clone()
        };
        assert_eq!(
            [1000, 800, 1, 0].map(|money| each.begun_with(money, 7)),
            [3, 2, 1, 0].map(Some)
        );
        let free = Price {
            minor: 0,
            ..price.clone()
        };
        assert_eq!(free.begun_with(10, 0), None);
        let dear = Price {
            minor: i64::MAX,
            per: 1,
            ..price
        };
        assert_eq!(dear.of(2), None);
    }
}
