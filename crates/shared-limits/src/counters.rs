//! The one way to count a request: on all of its limits or on none, in this process, or in the store that several share.
//! It refuses to count less than its share while the store is away.

use crate::memory::Memory;
use crate::{Ask, Companion, Shared, Verdict};

/// Counters of everything that a program limits.
pub struct Counters<C: Companion = ()> {
    memory: Memory,
    shared: Option<Shared<C>>,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub struct Counted {
    /// One per limit, in order.
    pub verdicts: Vec<Verdict>,
    /// Whether the store has counted it.
    pub together: bool,
}

/// Something that was counted on one limit and may be given back.
#[derive(Clone, Debug)]
#[must_use]
pub struct Receipt(Place);

#[derive(Clone, Debug)]
enum Place {
    Here(u64),
    Store(String),
}

impl Counted {
    /// Whether the request passes: all of its limits had room, and have counted it.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.has_room)
    }
}

impl<C: Companion> Counters<C> {
    /// Counts at most so many keys at once in this process, or together with others.
    #[must_use]
    pub fn new(keys: usize, shared: Option<Shared<C>>) -> Self {
        Self {
            memory: Memory::new(keys),
            shared,
        }
    }

    /// What is shared with other processes.
    #[must_use]
    pub const fn shared(&self) -> Option<&Shared<C>> {
        self.shared.as_ref()
    }

    /// Counts a request against all of these limits, or against none when one of them is exhausted, in one round trip to the
    /// store where there is one; what the receipt is for is given back by the way. `now`: milliseconds of this process's
    /// clock. Each ask's rate is afterwards the one that held.
    pub async fn take(&self, asks: &mut [Ask<'_>], back: Option<&Receipt>, now: u64) -> Counted {
        let Some(shared) = &self.shared else {
            return self.alone(asks, back, now);
        };
        let spent = match back.map(|receipt| &receipt.0) {
            Some(Place::Store(key)) => Some(key.as_str()),
            _ => None,
        };
        // Boxed: a program that shares nothing should not carry the room for it.
        if let Some(verdicts) = Box::pin(shared.take(asks, spent)).await {
            self.give_back(back);
            return Counted {
                verdicts,
                together: true,
            };
        }
        for ask in &mut *asks {
            ask.rate = ask.rate.share(shared.replicas());
        }
        self.alone(asks, back, now)
    }

    /// For what was counted on this limit.
    pub fn receipt(&self, ask: &Ask<'_>, counted: &Counted) -> Receipt {
        Receipt(match &self.shared {
            Some(shared) if counted.together => Place::Store(shared.key(ask)),
            _ => Place::Here(self.memory.key(ask.identity())),
        })
    }

    fn alone(&self, asks: &[Ask<'_>], back: Option<&Receipt>, now: u64) -> Counted {
        self.give_back(back);
        let key = |ask: &Ask<'_>| (self.memory.key(ask.identity()), ask.rate);
        let limits: Vec<_> = asks.iter().map(key).collect();
        Counted {
            verdicts: self.memory.take(&limits, now),
            together: false,
        }
    }

    /// What was counted in this process; what a store has counted that is away now is lost.
    fn give_back(&self, back: Option<&Receipt>) {
        if let Some(Receipt(Place::Here(key))) = back {
            self.memory.refund(*key);
        }
    }
}
