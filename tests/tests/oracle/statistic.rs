//! Whether two kinds of answers can be told apart by how long they take.
//! Knows no clock and no unit: it compares ranks and medians of what was measured, never one time with a limit.

/// How two samples stand to each other.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// How likely a value of the first is the greater one of a pair (Mann–Whitney): a half when they are alike.
    pub superiority: f64,
    /// Median of the first to median of the second.
    pub ratio: f64,
}

/// With forty values a side, the superiority of samples that are alike has a standard deviation of 0.065: this is more than
/// five of them away from a half.
const MOST_SUPERIOR: f64 = 0.85;
/// A difference that is sure but tiny is no skipped hash.
const GREATEST_RATIO: f64 = 1.5;

impl Comparison {
    /// # Panics
    /// When a sample is empty.
    pub fn of(first: &[f64], second: &[f64]) -> Self {
        let wins: f64 = first
            .iter()
            .flat_map(|a| second.iter().map(move |b| win(*a, *b)))
            .sum();
        Self {
            superiority: wins / (first.len() * second.len()) as f64,
            ratio: median(first) / median(second),
        }
    }

    /// Surely, and by much.
    pub fn tells_apart(&self) -> bool {
        let is_sure = !(1.0 - MOST_SUPERIOR..=MOST_SUPERIOR).contains(&self.superiority);
        let is_much = !(1.0 / GREATEST_RATIO..=GREATEST_RATIO).contains(&self.ratio);
        is_sure && is_much
    }
}

fn win(a: f64, b: f64) -> f64 {
    match a.total_cmp(&b) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() % 2 {
        0 => f64::midpoint(sorted[half - 1], sorted[half]),
        _ => sorted[half],
    }
}

/// Times as a busy machine makes them: a part that is always there, and now and then much more.
struct Busy(u64);

impl Busy {
    /// Uniform in [0, 1), by SplitMix64.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// `work`, once or twice over, and waiting with a long tail.
    fn times(&mut self, work: f64) -> Vec<f64> {
        (0..40)
            .map(|_| work * (1.0 + self.next()) - 4.0 * (1.0 - self.next()).ln())
            .collect()
    }
}

#[test]
fn samples_of_one_kind_are_not_told_apart() {
    for seed in 0..2000 {
        let mut busy = Busy(seed);
        let found = Comparison::of(&busy.times(30.0), &busy.times(30.0));
        assert!(!found.tells_apart(), "{seed}: {found:?}");
    }
}

/// What is left of an answer without its hash is a fifth of it here; a letter sent at once adds as much as a hash.
#[test]
fn a_skipped_hash_and_a_letter_sent_at_once_are_found() {
    for seed in 0..2000 {
        let mut busy = Busy(seed);
        for (known, unknown) in [(30.0, 6.0), (6.0, 30.0), (30.0, 60.0)] {
            let found = Comparison::of(&busy.times(known), &busy.times(unknown));
            assert!(found.tells_apart(), "{seed}: {found:?}");
        }
    }
}

/// A hundredth more each time, on a machine that does nothing else.
#[test]
fn a_difference_that_is_sure_but_tiny_is_none() {
    let (first, second) = ([1.01; 40], [1.0; 40]);
    assert!(!Comparison::of(&first, &second).tells_apart());
}
