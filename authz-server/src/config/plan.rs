//! `[[plans]]` and `[[prices]]`: what accounts may have, and what use costs.
//! Refuses whatever could not be sold: an amount below nothing, a figure without a price, a default plan that is paid for.

use model::billing::plan::{API_KEYS, IAM_USERS, SEATS};
use model::billing::{Currency, Feature, MOST, Money, Plan, PlanPeriod, Plans, Price, Prices};

use super::{Config, Problems};

const MOST_PLANS: usize = 100;
const MOST_FEATURES: usize = 100;
const MOST_SEATS: u32 = 100_000;
const MOST_UNITS: u64 = 1_000_000_000_000;
/// Counted as they stand; nobody reports them.
const COUNTED: [&str; 3] = [SEATS, API_KEYS, IAM_USERS];

/// Something that accounts can have: features, and how much of them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanConfig {
    /// The name for programs; licences refer to it for ever.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What one seat of it costs in a period, tax included, in minor units of the currency (paise); 0 for nothing.
    #[serde(default)]
    pub amount: i64,
    /// How often it is paid for. Limits count by calendar month, whatever this is.
    #[serde(default)]
    pub period: PlanPeriodConfig,
    /// How many members an account may have on it, unless its licence says otherwise. Without it members are not limited.
    pub seats: Option<u32>,
    /// What it has: entries of `name`, with `limit` (no more than this in a month) and `included` (what comes with it; more is
    /// paid for by the metric's price). `seats`, `api_keys` and `iam_users` are counted as they stand.
    #[serde(default)]
    pub features: Vec<FeatureConfig>,
}

/// How often a plan is paid for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum PlanPeriodConfig {
    #[default]
    Monthly,
    Yearly,
}

/// One feature of a plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureConfig {
    /// Also the metric that its use is reported as.
    pub name: String,
    /// No more than this in a month.
    pub limit: Option<u64>,
    /// What comes with the plan in a month; more is paid for.
    pub included: Option<u64>,
}

/// What use costs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceConfig {
    /// What is used.
    pub metric: String,
    /// What `per` units cost, tax included, in minor units of the currency (paise).
    pub amount: i64,
    /// How many units that is for.
    #[serde(default = "one")]
    pub per: u64,
    /// The code of the service in invoices (HSN or SAC).
    pub hsn: Option<String>,
}

const fn one() -> u64 {
    1
}

impl Config {
    /// Prices, and the plans that accounts can have: the configured ones, else one that has everything.
    pub fn offered_plans(&self, currency: Currency) -> (Plans, Prices) {
        let prices = Prices(self.prices.iter().map(PriceConfig::price).collect());
        let default = &self.accounts.default_plan;
        let (mut first, others): (Vec<&PlanConfig>, Vec<&PlanConfig>) =
            self.plans.iter().partition(|plan| plan.id == *default);
        let first = first.pop().map(|plan| plan.plan(currency));
        let first = first.unwrap_or_else(|| Plan::built_in(default, currency, &prices));
        let others = others.into_iter().map(|plan| plan.plan(currency)).collect();
        (Plans::new(first, others), prices)
    }
}

impl PlanConfig {
    fn plan(&self, currency: Currency) -> Plan {
        let mut features: Vec<Feature> = self.features.iter().map(FeatureConfig::feature).collect();
        let named = features.iter().any(|feature| feature.name == SEATS);
        if self.seats.is_some() && !named {
            features.push(Feature {
                name: SEATS.to_owned(),
                limit: None,
                included: None,
            });
        }
        Plan {
            id: self.id.clone(),
            name: self.name.clone(),
            amount: Money::new(self.amount, currency),
            period: match self.period {
                PlanPeriodConfig::Monthly => PlanPeriod::Monthly,
                PlanPeriodConfig::Yearly => PlanPeriod::Yearly,
            },
            seats: self.seats.unwrap_or(1),
            features,
        }
    }

    fn check(&self, prices: &[PriceConfig], problems: &mut Problems) {
        let key = format!("plans.{}", self.id);
        problems.add_if(
            !is_plan_id(&self.id),
            &key,
            "the id must be 1 to 64 letters, digits and signs without blanks",
        );
        let named = (1..=80).contains(&self.name.trim().len());
        problems.add_if(!named, &key, "the name must have 1 to 80 characters");
        let payable = (0..=MOST).contains(&self.amount);
        problems.add_if(
            !payable,
            &key,
            &format!("amount must be between 0 and {MOST} minor units"),
        );
        let seats = self.seats.is_none_or(|seats| (1..=MOST_SEATS).contains(&seats));
        problems.add_if(!seats, &key, &format!("seats must be between 1 and {MOST_SEATS}"));
        problems.add_if(
            self.features.len() > MOST_FEATURES,
            &key,
            &format!("has more than {MOST_FEATURES} features"),
        );
        for (index, feature) in self.features.iter().enumerate() {
            let twice = self.features[..index]
                .iter()
                .any(|other| other.name == feature.name);
            problems.add_if(twice, &key, &format!("names the feature {} twice", feature.name));
            feature.check(&key, prices, problems);
        }
    }
}

impl FeatureConfig {
    fn feature(&self) -> Feature {
        Feature {
            name: self.name.clone(),
            limit: self.limit,
            included: self.included,
        }
    }

    fn check(&self, key: &str, prices: &[PriceConfig], problems: &mut Problems) {
        let name = &self.name;
        if !is_metric(name) {
            return problems.add(key, format!("a feature's name {METRIC}"));
        }
        for figure in [self.limit, self.included].into_iter().flatten() {
            problems.add_if(figure > MOST_UNITS, key, &format!("{name}: at most {MOST_UNITS}"));
        }
        let counted = COUNTED.contains(&name.as_str());
        let Some(included) = self.included else { return };
        if counted {
            return problems.add(
                key,
                format!("{name} is counted as it stands: it has a limit, and nothing to pay for"),
            );
        }
        let priced = prices.iter().any(|price| price.metric == *name);
        problems.add_if(
            !priced,
            key,
            &format!("{name} has included, but no [[prices]] entry says what more of it costs"),
        );
        let contradicts = self.limit.is_some_and(|limit| limit < included);
        problems.add_if(
            contradicts,
            key,
            &format!("{name}: more is included than its limit lets be used"),
        );
    }
}

impl PriceConfig {
    fn price(&self) -> Price {
        Price {
            metric: self.metric.clone(),
            minor: self.amount,
            per: self.per.max(1),
            hsn: self.hsn.clone(),
        }
    }

    fn check(&self, problems: &mut Problems) {
        let key = format!("prices.{}", self.metric);
        problems.add_if(!is_metric(&self.metric), &key, &format!("the metric {METRIC}"));
        let counted = COUNTED.contains(&self.metric.as_str());
        problems.add_if(counted, &key, "is counted as it stands, and nothing to pay for");
        let payable = (1..=MOST).contains(&self.amount);
        problems.add_if(
            !payable,
            &key,
            &format!("amount must be between 1 and {MOST} minor units"),
        );
        let per = (1..=MOST_UNITS).contains(&self.per);
        problems.add_if(!per, &key, &format!("per must be between 1 and {MOST_UNITS}"));
        let is_code =
            |code: &String| (4..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        let code = self.hsn.as_ref().is_none_or(is_code);
        problems.add_if(!code, &key, "hsn must be 4 to 8 digits");
    }
}

pub(super) fn check(config: &Config, problems: &mut Problems) {
    let (plans, prices) = (&config.plans, &config.prices);
    problems.add_if(
        plans.len() > MOST_PLANS,
        "plans",
        &format!("at most {MOST_PLANS}"),
    );
    problems.add_if(
        prices.len() > MOST_PLANS,
        "prices",
        &format!("at most {MOST_PLANS}"),
    );
    for (index, plan) in plans.iter().enumerate() {
        let twice = plans[..index].iter().any(|other| other.id == plan.id);
        problems.add_if(twice, &format!("plans.{}", plan.id), "is described twice");
        plan.check(prices, problems);
    }
    for (index, price) in prices.iter().enumerate() {
        let twice = prices[..index].iter().any(|other| other.metric == price.metric);
        problems.add_if(twice, &format!("prices.{}", price.metric), "has two prices");
        price.check(problems);
    }
    const DEFAULT: &str = "accounts.default_plan";
    match plans.iter().find(|plan| plan.id == config.accounts.default_plan) {
        Some(plan) => problems.add_if(
            plan.amount != 0,
            DEFAULT,
            "costs something: nobody would pay for it",
        ),
        None => problems.add_if(!plans.is_empty(), DEFAULT, "is not the id of any [[plans]] entry"),
    }
}

const METRIC: &str = "must be 1 to 64 lower-case letters, digits and _ . : -";

fn is_metric(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.:-".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

fn is_plan_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(toml: &str) -> Vec<String> {
        let config: Config = toml::from_str(toml).unwrap();
        let mut problems = Problems::default();
        check(&config, &mut problems);
        match problems.into_result() {
            Ok(()) => Vec::new(),
            Err(error) => error
                .problems
                .into_iter()
                .map(|one| format!("{}: {}", one.key, one.reason))
                .collect(),
        }
    }

    #[test]
    fn without_plans_there_is_one_that_sells_what_has_a_price() {
        let config: Config = toml::from_str("[[prices]]\nmetric = 'calls'\namount = 5").unwrap();
        let (plans, prices) = config.offered_plans(Currency::INR);
        let plan = plans.default_plan();
        assert_eq!((plan.id.as_str(), plan.amount.minor), ("free", 0));
        assert_eq!(
            plan.feature("calls").and_then(|feature| feature.included),
            Some(0)
        );
        assert_eq!(
            prices.find("calls").map(|price| (price.minor, price.per)),
            Some((5, 1))
        );
        assert!(problems("").is_empty());
    }

    #[test]
    fn every_contradiction_is_named() {
        let found = problems(
            "[accounts]\ndefault_plan = 'basic'\n\
             [[plans]]\nid = 'pro'\nname = 'Pro'\namount = -1\nfeatures = [{name = 'calls', included = 5, limit = 3}, {name = 'calls'}]\n\
             [[plans]]\nid = 'pro'\nname = ''\nseats = 0\nfeatures = [{name = 'Seats!'}, {name = 'seats', included = 1}]\n\
             [[prices]]\nmetric = 'x'\namount = 0\nper = 0\nhsn = 'a'\n[[prices]]\nmetric = 'x'\namount = 1",
        );
        for expected in [
            "plans.pro: is described twice",
            "plans.pro: the name must have",
            "plans.pro: amount must be between 0",
            "plans.pro: seats must be",
            "plans.pro: names the feature calls twice",
            "plans.pro: calls has included, but no [[prices]]",
            "plans.pro: calls: more is included",
            "plans.pro: a feature's name must be",
            "plans.pro: seats is counted as it stands",
            "prices.x: has two prices",
            "prices.x: amount must be between 1",
            "prices.x: per must be",
            "prices.x: hsn must be",
            "accounts.default_plan: is not the id",
        ] {
            assert!(
                found.iter().any(|one| one.starts_with(expected)),
                "{expected}: {found:#?}"
            );
        }
    }

    #[test]
    fn the_default_plan_costs_nothing_and_amounts_are_whole() {
        let paid = "[accounts]\ndefault_plan = 'a'\n[[plans]]\nid = 'a'\nname = 'A'\namount = 1";
        assert_eq!(
            problems(paid),
            ["accounts.default_plan: costs something: nobody would pay for it"]
        );
        for wrong in ["amount = 1.5", "amount = '1'", "amount = 1\nperiod = 'weekly'"] {
            let toml = format!("[[plans]]\nid = 'a'\nname = 'A'\n{wrong}");
            assert!(toml::from_str::<Config>(&toml).is_err(), "{wrong}");
        }
    }
}
