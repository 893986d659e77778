//! Who pays for questions about tokens that nobody here knows: each address for itself, strangers together,
//! and addresses that bring live tokens from the credit they earned. It refuses to let garbage spend their credit.

use super::bucket;
use crate::clock::Tick;
use crate::config::Rate;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use shared_limits::Memory;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Addresses whose budgets are counted at once.
const ADDRESSES: usize = 128 * 1024;
/// Addresses whose credit is remembered.
const KNOWN: u64 = 32 * 1024;
/// What a live token earns its address, and the most an address can have.
const EARNED: u32 = 2;
const MOST: u32 = 100;

/// The budgets; cheap to clone.
#[derive(Clone)]
pub struct Lookups(Arc<Inner>);

struct Inner {
    memory: Memory,
    per_address: Rate,
    strangers: Rate,
    /// Only live tokens make an entry, so garbage pushes none out.
    credits: Cache<IpAddr, Arc<AtomicU32>>,
}

/// Who has not brought a live token lately shares this with all such.
#[derive(Hash)]
enum Payer {
    Address(IpAddr),
    Strangers,
}

impl Lookups {
    /// A budget for each address, and one for all strangers together.
    #[must_use]
    pub fn new(per_address: Rate, strangers: Rate) -> Self {
        let credits = Cache::builder()
            .max_capacity(KNOWN)
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self(Arc::new(Inner {
            memory: Memory::new(ADDRESSES),
            per_address,
            strangers,
            credits,
        }))
    }

    /// Pays for one look-up.
    ///
    /// # Errors
    /// How long to wait.
    pub fn charge(&self, address: IpAddr, now: Tick) -> Result<Paid, Duration> {
        let inner = &*self.0;
        let address = bucket(address);
        let own = (
            inner.memory.key(Payer::Address(address)),
            inner.per_address.into(),
        );
        let shared = (inner.memory.key(Payer::Strangers), inner.strangers.into());
        let credit = inner.credits.get(&address).filter(|credit| spend(credit));
        let limits = [own, shared];
        let asked = if credit.is_some() {
            &limits[..1]
        } else {
            &limits[..]
        };
        let verdicts = inner.memory.take(asked, now.millis());
        let full = verdicts.iter().filter(|verdict| !verdict.has_room);
        if let Some(wait) = full.map(|verdict| verdict.reset).max() {
            credit.iter().for_each(|credit| earn(credit, 1));
            return Err(wait);
        }
        Ok(Paid {
            lookups: self.clone(),
            address,
            credit,
            is_settled: false,
        })
    }
}

/// A look-up that is paid for; dropped without an answer, it gives the money back.
pub struct Paid {
    lookups: Lookups,
    address: IpAddr,
    credit: Option<Arc<AtomicU32>>,
    is_settled: bool,
}

impl Paid {
    /// The token is live: the address gets back what it paid, and more.
    pub fn live(self) {
        let fresh = || Arc::new(AtomicU32::new(0));
        let credit = self.lookups.0.credits.get_with(self.address, fresh);
        earn(&credit, EARNED);
    }

    /// The token is garbage: what was paid is gone.
    pub fn garbage(mut self) {
        self.is_settled = true;
    }

    /// A call was made in vain: strangers have paid for it, credit has not.
    pub fn failed(mut self) {
        self.is_settled = self.credit.is_none();
    }
}

impl Drop for Paid {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        match &self.credit {
            Some(credit) => earn(credit, 1),
            None => {
                let memory = &self.lookups.0.memory;
                memory.refund(memory.key(Payer::Strangers));
            }
        }
    }
}

fn spend(credit: &AtomicU32) -> bool {
    let less = |credit: u32| credit.checked_sub(1);
    credit
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, less)
        .is_ok()
}

fn earn(credit: &AtomicU32, more: u32) {
    let _same = credit.fetch_update(Ordering::AcqRel, Ordering::Acquire, |credit| {
        Some(credit.saturating_add(more).min(MOST))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn rate(count: u32) -> Rate {
        Rate {
            count,
            window: Duration::from_secs(1),
        }
    }

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    /// C06, A01
    #[test]
    fn garbage_from_everywhere_is_asked_about_at_a_fixed_rate() {
        let lookups = Lookups::new(rate(1000), rate(10));
        let paid = (0..5000).filter_map(|number| lookups.charge(address(number), Tick(1)).ok());
        assert_eq!(paid.map(Paid::garbage).count(), 10);
    }

    /// C06
    #[test]
    fn who_brought_live_tokens_is_not_kept_waiting_by_garbage() {
        let lookups = Lookups::new(rate(1000), rate(10));
        for _ in 0..5 {
            lookups.charge(address(1), Tick(1)).unwrap().live();
        }
        while let Ok(paid) = lookups.charge(address(2), Tick(1)) {
            paid.garbage();
        }
        for _ in 0..200 {
            lookups.charge(address(1), Tick(1)).unwrap().live();
        }
    }

    /// C06
    #[test]
    fn credit_buys_no_more_garbage_than_it_is_worth() {
        let lookups = Lookups::new(rate(1000), rate(10));
        lookups.charge(address(1), Tick(1)).unwrap().live();
        let mut garbage = 0;
        while let Ok(paid) = lookups.charge(address(1), Tick(1)) {
            paid.garbage();
            garbage += 1;
        }
        assert_eq!(garbage, EARNED + 10);
    }

    #[test]
    fn live_tokens_of_strangers_cost_nothing_in_the_end() {
        let lookups = Lookups::new(rate(1000), rate(10));
        for number in 0..1000 {
            lookups.charge(address(number), Tick(1)).unwrap().live();
        }
    }

    #[test]
    fn a_call_that_was_not_made_is_given_back_and_one_in_vain_is_not() {
        let lookups = Lookups::new(rate(1000), rate(10));
        for _ in 0..100 {
            drop(lookups.charge(address(1), Tick(1)).unwrap());
        }
        let paid = (0..100).map_while(|_| lookups.charge(address(1), Tick(1)).ok());
        assert_eq!(paid.map(Paid::failed).count(), 10);
    }

    #[test]
    fn an_address_has_a_budget_of_its_own_besides() {
        let lookups = Lookups::new(rate(5), rate(100));
        let paid = (0..50).filter_map(|_| lookups.charge(address(1), Tick(1)).ok());
        assert_eq!(paid.map(Paid::garbage).count(), 5);
        assert!(lookups.charge(address(2), Tick(1)).is_ok());
    }
}
