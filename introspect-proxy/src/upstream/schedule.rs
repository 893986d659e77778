//! The order in which weighted instances take turns: evenly mixed, not one after the other.
//! It refuses randomness: each round serves each instance exactly by its weight.

/// Indices of instances, each as often as its weight says.
pub fn order(weights: &[u16]) -> Box<[u16]> {
    let divisor = weights.iter().copied().fold(0, greatest_common_divisor).max(1);
    let weights: Vec<i64> = weights.iter().map(|weight| i64::from(weight / divisor)).collect();
    let total: i64 = weights.iter().sum();
    let mut credit = vec![0_i64; weights.len()];
    let turns = (0..total).filter_map(|_| {
        for (credit, weight) in credit.iter_mut().zip(&weights) {
            *credit += weight;
        }
        let richest = (0..credit.len()).rev().max_by_key(|index| credit[*index])?;
        credit[richest] -= total;
        u16::try_from(richest).ok()
    });
    turns.collect()
}

fn greatest_common_divisor(one: u16, other: u16) -> u16 {
    if other == 0 {
        one
    } else {
        greatest_common_divisor(other, one % other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_mixed_and_counted() {
        assert_eq!(*order(&[1, 1, 1]), [0, 1, 2]);
        assert_eq!(*order(&[5, 1, 1]), [0, 0, 1, 0, 2, 0, 0]);
        assert_eq!(*order(&[50, 50]), [0, 1]);
        assert_eq!(*order(&[3, 0]), [0]);
        assert!(order(&[]).is_empty() && order(&[0]).is_empty());
    }
}
