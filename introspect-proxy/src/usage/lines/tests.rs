use super::*;
use crate::usage::Cells;
use proptest::prelude::*;
use std::collections::HashMap;

/// What happens to counters and to a batch on its way.
#[derive(Clone, Debug)]
enum Step {
    Count(usize, u64),
    Send { arrives: bool, answered: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..ACCOUNTS.len(), 1..50_u64).prop_map(|(account, quantity)| Step::Count(account, quantity)),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(arrives, answered)| Step::Send { arrives, answered }),
    ]
}

const ACCOUNTS: [&str; 5] = ["1", "2", "3", "4", "deleted"];

/// Books each key once, and no batch with a line of an account that it won't have.
#[derive(Default)]
struct Server {
    books: HashMap<String, (String, u64)>,
}

impl Server {
    fn take(&mut self, lines: &Lines) -> Outcome {
        if lines.batch().count() > 2 {
            return Outcome::TooMuch;
        }
        let wrong = lines.batch().enumerate();
        let wrong = wrong.filter(|(_, line)| line.account_id == "deleted");
        let wrong: Vec<usize> = wrong.map(|(place, _)| place).collect();
        if !wrong.is_empty() {
            return Outcome::Refused(wrong);
        }
        for line in lines.batch() {
            let told = (line.account_id.to_owned(), line.quantity);
            let known = self.books.entry(line.key.to_owned()).or_insert(told.clone());
            assert_eq!(*known, told, "a key never stands for another line");
        }
        Outcome::Taken
    }

    fn sum(&self, account: &str) -> u64 {
        let own = self.books.values().filter(|(of, _)| of == account);
        own.map(|(_, quantity)| quantity).sum()
    }
}

struct Run {
    cells: Cells,
    lines: Lines,
    server: Server,
    counted: HashMap<&'static str, u64>,
    refused: HashMap<String, u64>,
}

impl Run {
    fn begin() -> Self {
        Self {
            cells: Cells::new(100),
            lines: Lines::default(),
            server: Server::default(),
            counted: HashMap::new(),
            refused: HashMap::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Count(account, quantity) => {
                let account = ACCOUNTS[*account];
                self.cells.of(account, &"calls".into()).unwrap().count(*quantity);
                *self.counted.entry(account).or_default() += quantity;
            }
            Step::Send { arrives, answered } => self.send(*arrives, *answered),
        }
    }

    fn send(&mut self, arrives: bool, answered: bool) {
        self.lines.cut(self.cells.with_news());
        let outcome = if arrives {
            self.server.take(&self.lines)
        } else {
            Outcome::Unknown
        };
        let told = if answered { outcome } else { Outcome::Unknown };
        for line in self.lines.came_out(&told) {
            let line = line.told();
            *self.refused.entry(line.account_id.to_owned()).or_default() += line.quantity;
        }
    }
}

proptest! {
    /// Whatever is lost on the way, in whatever order: in the end the books say what was counted, each key once.
    #[test]
    fn what_was_counted_is_booked_once(steps in proptest::collection::vec(step(), 0..120)) {
        let mut run = Run::begin();
        for step in &steps {
            run.step(step);
        }
        while !run.lines.is_empty() || !run.cells.with_news().is_empty() {
            run.send(true, true);
        }
        for (account, counted) in &run.counted {
            let refused = run.refused.get(*account).copied().unwrap_or(0);
            prop_assert_eq!(run.server.sum(account) + refused, *counted);
            prop_assert!(*account == "deleted" || refused == 0, "only what is to blame is refused");
            let cell = run.cells.find(account, "calls").unwrap();
            prop_assert!(cell.is_settled());
        }
    }

    /// While nothing comes back, no more waits than there are counters.
    #[test]
    fn what_waits_is_bounded(counts in proptest::collection::vec((0..ACCOUNTS.len(), 1..9_u64), 1..200)) {
        let mut run = Run::begin();
        for (account, quantity) in counts {
            run.step(&Step::Count(account, quantity));
            run.send(false, false);
            prop_assert!(run.lines.len() <= ACCOUNTS.len());
        }
    }
}

#[test]
fn what_is_too_much_for_one_line_is_told_in_several() {
    let cell = Arc::new(Cell::new("1", &"bytes".into()));
    cell.count(2 * LARGEST + 5);
    let mut lines = Lines::default();
    lines.cut(vec![Arc::clone(&cell)]);
    let told: Vec<u64> = lines.batch().map(|line| line.quantity).collect();
    assert_eq!(told, [LARGEST, LARGEST, 5]);
    lines.came_out(&Outcome::Taken);
    assert!(cell.is_settled());
}

#[test]
fn keys_of_two_reporters_never_meet() {
    let (mut one, mut other) = (Lines::default(), Lines::default());
    let calls: Arc<str> = "calls".into();
    let mut keys = std::collections::HashSet::new();
    for lines in [&mut one, &mut other] {
        for _ in 0..3 {
            let cell = Arc::new(Cell::new("1", &calls));
            cell.count(1);
            lines.cut(vec![cell]);
            keys.extend(lines.batch().map(|line| line.key.to_owned()).collect::<Vec<_>>());
            lines.came_out(&Outcome::Taken);
        }
    }
    assert_eq!(keys.len(), 6);
    assert!(keys.iter().all(|key| key.len() <= 64), "{keys:?}");
}
