//! The tax that a price contains.
//! Refuses fractions of a paisa: the parts are whole and add up to the price.
//!
//! The rule: what is taxable is `total × 100 / (100 + rate)`, rounded half up to the paisa; the rest is tax. Within a state
//! half of the tax is central and half the state's; an odd paisa is central.

use serde::{Deserialize, Serialize};

/// Whole percent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct TaxRate(u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate of tax is 0 to 100 percent")]
pub struct TaxRateError;

impl TaxRate {
    pub const ZERO: Self = Self(0);

    pub const fn percent(self) -> u8 {
        self.0
    }

    /// Half of it, as people write it: `9`, `2.5`.
    pub fn half(self) -> String {
        let whole = self.0 / 2;
        if self.0.is_multiple_of(2) {
            whole.to_string()
        } else {
            format!("{whole}.5")
        }
    }
}

impl TryFrom<u8> for TaxRate {
    type Error = TaxRateError;
    fn try_from(percent: u8) -> Result<Self, TaxRateError> {
        (percent <= 100).then_some(Self(percent)).ok_or(TaxRateError)
    }
}
impl From<TaxRate> for u8 {
    fn from(rate: TaxRate) -> Self {
        rate.0
    }
}

/// Parts of an amount, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Split {
    pub taxable: i64,
    pub cgst: i64,
    pub sgst: i64,
    pub igst: i64,
}

impl Split {
    /// Nothing of it is tax.
    pub const fn untaxed(total: i64) -> Self {
        Self {
            taxable: total,
            cgst: 0,
            sgst: 0,
            igst: 0,
        }
    }

    pub const fn tax(&self) -> i64 {
        self.cgst + self.sgst + self.igst
    }

    pub const fn total(&self) -> i64 {
        self.taxable + self.tax()
    }

    /// What this has more than `other`.
    #[must_use]
    pub const fn less(&self, other: &Self) -> Self {
        Self {
            taxable: self.taxable - other.taxable,
            cgst: self.cgst - other.cgst,
            sgst: self.sgst - other.sgst,
            igst: self.igst - other.igst,
        }
    }
}

/// Parts of a price that includes tax. `total` is not below zero.
///
/// A larger total never has a smaller part of any kind: what is given back in steps is the difference of two splits, and
/// the steps add up to the whole exactly.
pub fn split(total: i64, rate: TaxRate, intra_state: bool) -> Split {
    let divisor = 100 + i128::from(rate.0);
    let taxable = (i128::from(total) * 200 + divisor) / (2 * divisor);
    // Not above the total: the quotient is not above it, and rounding does not leave it.
    let taxable = i64::try_from(taxable).unwrap_or(total);
    let tax = total - taxable;
    let sgst = if intra_state { tax / 2 } else { 0 };
    let cgst = if intra_state { tax - sgst } else { 0 };
    Split {
        taxable,
        cgst,
        sgst,
        igst: tax - cgst - sgst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::MOST;
    use proptest::prelude::*;

    fn rate(percent: u8) -> TaxRate {
        percent.try_into().unwrap()
    }

    #[test]
    fn examples() {
        let parts = |split: Split| [split.taxable, split.cgst, split.sgst, split.igst];
        assert_eq!(parts(split(11800, rate(18), true)), [10000, 900, 900, 0]);
        assert_eq!(parts(split(11800, rate(18), false)), [10000, 0, 0, 1800]);
        // 500.00: 423.7288… taxable; 76.27 of tax is odd.
        assert_eq!(parts(split(50000, rate(18), true)), [42373, 3814, 3813, 0]);
        assert_eq!(parts(split(1, rate(18), true)), [1, 0, 0, 0]);
        assert_eq!(parts(split(3, rate(100), true)), [2, 1, 0, 0]);
        assert_eq!(parts(split(7, TaxRate::ZERO, false)), [7, 0, 0, 0]);
        assert_eq!([rate(18).half(), rate(5).half()], ["9", "2.5"]);
        assert!(TaxRate::try_from(101).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        /// B07: the parts are whole, none is below zero, and they are the total.
        #[test]
        fn parts_are_the_total(total in prop_oneof![0..=MOST, 0..100_000_i64, Just(i64::MAX)], percent in 0_u8..=100, intra: bool) {
            let parts = split(total, rate(percent), intra);
            prop_assert_eq!(parts.total(), total);
            prop_assert!([parts.taxable, parts.cgst, parts.sgst, parts.igst].iter().all(|part| *part >= 0));
            // Rounded half up, told without a division.
            let (taxable, divisor) = (i128::from(parts.taxable) * 2, 100 + i128::from(percent));
            let exact = i128::from(total) * 200;
            prop_assert!((taxable - 1) * divisor <= exact && exact < (taxable + 1) * divisor);
            let halves = parts.igst == 0 && [0, 1].contains(&(parts.cgst - parts.sgst));
            let whole = parts.cgst == 0 && parts.sgst == 0;
            prop_assert!(if intra { halves } else { whole }, "{:?}", parts);
        }
    }

    proptest! {
        /// B07: what is given back in steps is, part by part, what was taken.
        #[test]
        fn steps_add_up_to_the_whole(steps in proptest::collection::vec(1..5_000_000_i64, 1..40), percent in 0_u8..=100, intra: bool) {
            let (mut so_far, mut sum) = (0, Split::default());
            for step in &steps {
                let part = split(so_far + step, rate(percent), intra).less(&split(so_far, rate(percent), intra));
                prop_assert_eq!(part.total(), *step);
                prop_assert!([part.taxable, part.cgst, part.sgst, part.igst].iter().all(|part| *part >= 0));
                so_far += step;
                sum = Split { taxable: sum.taxable + part.taxable, cgst: sum.cgst + part.cgst, sgst: sum.sgst + part.sgst, igst: sum.igst + part.igst };
            }
            prop_assert_eq!(sum, split(so_far, rate(percent), intra));
        }
    }
}
