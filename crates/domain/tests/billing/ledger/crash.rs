//! kill -9 of a process that works on the books, in a file and on a server: what was answered stays, and all of it adds up.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use model::iam::AccountId;
use storage::{Database, DatabaseConfig};
use testkit::database::TestDatabase;
use testkit::random::TestRandom;

use super::deed::{Outcome, PURCHASE, any_deed, below};
use super::{Books, Deed};
use crate::world::World;

/// What a child runs of this program: the test that has started it.
const ON_SQLITE: &str =
    "ledger::crash::killed_again_and_again_the_books_in_a_file_add_up_and_nothing_answered_is_lost";
const ON_POSTGRES: &str =
    "ledger::crash::killed_again_and_again_the_books_on_a_server_add_up_and_nothing_answered_is_lost";
const CHILD: &str = "LEDGER_CRASH_CHILD";
/// How many operations are answered before it is enough, in a file and on a server; `LEDGER_OPERATIONS` says otherwise.
const OPERATIONS: [usize; 2] = [10_000, 4_000];
const BETWEEN_CRASHES: usize = 350;
const ACCOUNTS: usize = 8;
const WORKERS: usize = 24;
/// Few enough to come again, now and after a crash.
const KEYS: u64 = 600;

/// What a child has answered: the deed's account, reference and outcome.
#[derive(Default)]
struct Answered {
    lines: usize,
    /// By reference: its account, change and balance, when it was done.
    done: HashMap<String, (usize, i64, i64)>,
    /// What was answered as done before.
    known: Vec<(usize, String)>,
}

impl Answered {
    /// False at the end; a line that was cut off was not answered.
    fn take(&mut self, out: &mut impl BufRead) -> bool {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let whole = line.strip_suffix('\n');
        whole.inspect(|line| self.read(line)).is_some()
    }

    fn read(&mut self, line: &str) {
        let Some(told) = line.split("did ").nth(1) else {
            return;
        };
        let parts: Vec<&str> = told.split(' ').collect();
        let [account, reference, change, outcome] = parts[..] else {
            return;
        };
        let account = account.parse().unwrap();
        self.lines += 1;
        match outcome {
            "already" => self.known.push((account, reference.to_owned())),
            "refused" => {}
            balance => {
                let done = (account, change.parse().unwrap(), balance.parse().unwrap());
                let before = self.done.insert(reference.to_owned(), done);
                assert_eq!(before, None, "{reference} was done twice");
            }
        }
    }
}

fn told(deed: &Deed, outcome: Outcome) -> String {
    let outcome = match outcome {
        Outcome::Done(balance) => balance.to_string(),
        Outcome::Already => "already".to_owned(),
        Outcome::Short | Outcome::Taken => "refused".to_owned(),
    };
    let (account, reference, change) = (deed.account, deed.reference(), deed.change());
    format!("did {account} {reference} {change} {outcome}\n")
}

/// Works until it is killed, and says what it has done.
async fn work(order: &str) {
    let mut parts = order.split(' ');
    let (url, seed) = (
        parts.next().unwrap(),
        parts.next().unwrap().parse::<u64>().unwrap(),
    );
    let accounts: Vec<AccountId> = parts.map(|number| number.parse().unwrap()).collect();
    // Few connections: other tests share the server, and those of the killed end a moment later.
    let config = DatabaseConfig {
        max_connections: 8,
        check_connections: 2,
        acquire_timeout: Duration::from_secs(30),
        work_timeout: Duration::from_secs(30),
        ..DatabaseConfig::new(url)
    };
    let database = Database::connect(&config).await.unwrap();
    let books = Arc::new(Books {
        world: World::new(database),
        accounts,
    });
    let workers = (0..WORKERS as u64).map(|worker| {
        let (books, random) = (books.clone(), TestRandom::seeded(seed * 100 + worker));
        tokio::spawn(async move {
            loop {
                let deed = any_deed(&random, (ACCOUNTS, KEYS));
                let outcome = deed.carry_out(&books).await;
                // Nobody reads on when the parent is gone.
                let mut out = std::io::stdout().lock();
                if out
                    .write_all(told(&deed, outcome).as_bytes())
                    .and_then(|()| out.flush())
                    .is_err()
                {
                    return;
                }
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
}

fn spawn(test: &str, order: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(CHILD, order);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Lets a child work until it has answered so much, kills it, and takes what it has still said.
fn cycle((test, order): (&str, &str), wanted: usize, answered: &mut Answered) {
    let mut child = spawn(test, order);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let enough = answered.lines + wanted;
    while answered.lines < enough {
        assert!(answered.take(&mut out), "the child works until it is killed");
    }
    child.kill().unwrap();
    while answered.take(&mut out) {}
    child.wait().unwrap();
}

async fn judge(config: &DatabaseConfig, accounts: &[AccountId], answered: &Answered) {
    let books = Books {
        world: World::new(Database::connect(config).await.unwrap()),
        accounts: accounts.to_vec(),
    };
    assert_eq!(books.findings().await, Vec::<String>::new());
    let mut standing = HashMap::new();
    for account in 0..accounts.len() {
        for entry in books.entries(account).await {
            let is_purchase = entry.description == PURCHASE;
            assert!(
                !is_purchase || entry.balance_after >= 0,
                "below the floor: {entry:?}"
            );
            standing.insert(
                entry.reference,
                (account, entry.wallet_change, entry.balance_after),
            );
        }
    }
    for (reference, done) in &answered.done {
        assert_eq!(
            standing.get(reference),
            Some(done),
            "{reference} was answered and is gone"
        );
    }
    for (account, reference) in &answered.known {
        assert!(
            standing.get(reference).is_some_and(|(of, ..)| of == account),
            "{reference}"
        );
    }
    books.world.authority.database.close().await;
}

#[expect(clippy::print_stderr, reason = "how many were tried is told")]
async fn kill_in_a_loop(test: &str, database: TestDatabase, operations: usize) {
    let books = Books::open(database.database().clone(), ACCOUNTS).await;
    let numbers: Vec<String> = books.accounts.iter().map(ToString::to_string).collect();
    database.database().close().await;
    let operations = std::env::var("LEDGER_OPERATIONS").map_or(operations, |text| text.parse().unwrap());
    let (mut answered, mut crashes, dice) = (Answered::default(), 0, TestRandom::seeded(17));
    while answered.lines < operations {
        crashes += 1;
        let order = format!("{} {crashes} {}", database.config().url, numbers.join(" "));
        let wanted = usize::try_from(1 + below(&dice, 2 * BETWEEN_CRASHES as u64)).unwrap();
        cycle((test, &order), wanted, &mut answered);
        judge(database.config(), &books.accounts, &answered).await;
    }
    let histories = crashes * ACCOUNTS;
    eprintln!(
        "ledger: {histories} histories, {crashes} crashes, 0 broken invariants ({} operations)",
        answered.lines
    );
}

/// B04, R17 in its quick form
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_the_books_in_a_file_add_up_and_nothing_answered_is_lost() {
    match std::env::var(CHILD) {
        Ok(order) => work(&order).await,
        Err(_) => kill_in_a_loop(ON_SQLITE, TestDatabase::sqlite().await, OPERATIONS[0]).await,
    }
}

/// B04, R17 in its quick form
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_the_books_on_a_server_add_up_and_nothing_answered_is_lost() {
    match std::env::var(CHILD) {
        Ok(order) => work(&order).await,
        Err(_) => kill_in_a_loop(ON_POSTGRES, TestDatabase::postgres().await, OPERATIONS[1]).await,
    }
}
