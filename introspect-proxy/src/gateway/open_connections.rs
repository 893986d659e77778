//! Counts open client connections, in all and per address.
//! It refuses one more when either bound is reached.

use crate::rate_limit::bucket;
use metrics::Gauge;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The open connections of the proxy.
pub struct OpenConnections {
    per_address: Mutex<HashMap<IpAddr, usize>>,
    total: watch::Sender<usize>,
    max_per_address: usize,
    max: usize,
    gauge: Gauge,
}

/// One open connection.
pub struct OpenConnection {
    table: Arc<OpenConnections>,
    bucket: Option<IpAddr>,
}

impl OpenConnections {
    /// An empty table with these bounds.
    #[must_use]
    pub fn new(max_per_address: usize, max: usize, gauge: Gauge) -> Self {
        Self {
            per_address: Mutex::default(),
            total: watch::Sender::new(0),
            max_per_address,
            max,
            gauge,
        }
    }

    /// Counts a connection; `None` when there are too many. Load balancers (`trusted`) only count in all.
    #[must_use]
    pub fn open(self: &Arc<Self>, address: IpAddr, trusted: bool) -> Option<OpenConnection> {
        let bucket = (!trusted).then(|| bucket(address));
        let mut table = self.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        if *self.total.borrow() >= self.max {
            return None;
        }
        if let Some(bucket) = bucket {
            let count = table.entry(bucket).or_default();
            if *count >= self.max_per_address {
                return None;
            }
            *count += 1;
        }
        self.total.send_modify(|total| *total += 1);
        self.gauge.increment(1.0);
        Some(OpenConnection {
            table: Arc::clone(self),
            bucket,
        })
    }

    /// Resolves when no connection is open.
    pub async fn closed(&self) {
        // The sender lives in `self`, so this cannot fail.
        let _ = self.total.subscribe().wait_for(|total| *total == 0).await;
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let mut table = self
            .table
            .per_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = self.bucket
            && let Some(count) = table.get_mut(&bucket)
        {
            *count -= 1;
            if *count == 0 {
                table.remove(&bucket);
            }
        }
        drop(table);
        self.table.total.send_modify(|total| *total -= 1);
        self.table.gauge.decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_and_closing_makes_room() {
        let table = Arc::new(OpenConnections::new(2, 3, Gauge::noop()));
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let other: IpAddr = "192.0.2.2".parse().unwrap();
        let first = table.open(one, false).unwrap();
        let _second = table.open(one, false).unwrap();
        assert!(table.open(one, false).is_none(), "two of one address");
        let _third = table.open(other, false).unwrap();
        assert!(table.open(other, true).is_none(), "three in all");
        drop(first);
        assert!(table.open(one, false).is_some());
    }
}
