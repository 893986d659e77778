//! When and how much a mandate collects.
//! Refuses amounts that a top-up by hand could not have, and more than its owner has allowed (B03).

/// Minor units of the deployment's currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MandateTerms {
    /// Below this the wallet is filled up.
    pub threshold: i64,
    /// By so much.
    pub amount: i64,
    /// Never more than this at once.
    pub most: i64,
}

/// What is wrong with them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TermsError {
    #[error("the threshold is below zero or beyond counting")]
    Threshold,
    #[error("the amount is not one of a top-up")]
    Amount,
    #[error("the most of one collection is not an amount of a top-up")]
    Most,
    #[error("the amount is above the most of one collection")]
    AboveMost,
}

impl MandateTerms {
    /// `bounds`: the least and the most of one top-up.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn checked(self, bounds: (i64, i64)) -> Result<Self, TermsError> {
        let (least, most) = bounds;
        let fits = |amount: i64| amount > 0 && (least..=most).contains(&amount);
        if !(0..=super::super::MOST).contains(&self.threshold) {
            return Err(TermsError::Threshold);
        }
        if !fits(self.amount) {
            return Err(TermsError::Amount);
        }
        if !fits(self.most) {
            return Err(TermsError::Most);
        }
        if self.amount > self.most {
            return Err(TermsError::AboveMost);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B03: amounts at, below and beyond each border.
    #[test]
    fn amounts_that_are_none_are_named() {
        let check = |threshold, amount, most| {
            let terms = MandateTerms {
                threshold,
                amount,
                most,
            };
            terms.checked((100, 10_000)).map(drop)
        };
        assert_eq!(check(0, 100, 100), Ok(()));
        assert_eq!(check(-1, 100, 100), Err(TermsError::Threshold));
        assert_eq!(check(i64::MAX, 100, 100), Err(TermsError::Threshold));
        for amount in [i64::MIN, -1, 0, 99, 10_001, i64::MAX] {
            assert_eq!(check(0, amount, 10_000), Err(TermsError::Amount));
            assert_eq!(check(0, 100, amount), Err(TermsError::Most));
        }
        assert_eq!(check(0, 101, 100), Err(TermsError::AboveMost));
    }
}
