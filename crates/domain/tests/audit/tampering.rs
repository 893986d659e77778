//! A thousand ways to tamper with an export, and as many with the database: each is found.

use domain::audit::Span;
use model::audit::{Entry, Line};
use storage::StorageError;
use testkit::database::TestDatabase;
use testkit::random::TestRandom;

use crate::world::World;
use crate::{ACCOUNT, exported, fill, findings, open, read};

const TAMPERINGS: usize = 1000;
const ENTRIES: usize = 24;

struct Dice(TestRandom);

impl Dice {
    fn below(&self, bound: usize) -> usize {
        use model::Random as _;
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % bound as u64).unwrap()
    }
}

type Lines = Vec<Vec<u8>>;

/// One change of a copy; none when it would change nothing.
fn tamper(dice: &Dice, lines: &Lines) -> (&'static str, Lines) {
    let mut lines = lines.clone();
    let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
    let what = match dice.below(10) {
        0 => {
            lines.remove(one);
            "a line removed"
        }
        1 => {
            lines.insert(other, lines[one].clone());
            "a line repeated"
        }
        2 => {
            lines.swap(one, other);
            "two lines swapped"
        }
        3 => {
            lines.truncate(one);
            "the end cut off"
        }
        4 => {
            lines.drain(..=one);
            "the front cut off"
        }
        5 => {
            forge(dice, &mut lines, 1);
            "an entry rewritten with a new hash"
        }
        6 => {
            forge(dice, &mut lines, ENTRIES);
            "the rest of the log rewritten with new hashes"
        }
        _ => {
            let place = dice.below(lines[one].len());
            lines[one][place] ^= 1 << dice.below(7);
            "a bit turned"
        }
    };
    (what, lines)
}

/// Changes an entry and computes the hashes of it and of some after it anew, as anybody could.
fn forge(dice: &Dice, lines: &mut Lines, chained: usize) {
    let first = 1 + dice.below(ENTRIES - 1);
    let mut before = None;
    for line in lines.iter_mut().skip(first).take(chained) {
        let Ok(Line::Entry(entry)) = Line::read(std::str::from_utf8(line).unwrap()) else {
            continue;
        };
        let mut entry: Entry = (*entry).into();
        entry.status ^= 1;
        entry.prev_hash = before.unwrap_or(entry.prev_hash);
        entry.hash = entry.expected_hash();
        before = Some(entry.hash);
        *line = Line::Entry(Box::new(entry.into())).write().into_bytes();
    }
}

#[tokio::test]
async fn a_thousand_tamperings_of_an_export_are_found() {
    let database = TestDatabase::sqlite().await;
    let world = open(database.database().clone()).await;
    fill(&world, ENTRIES).await;
    let text = exported(&world, Span::default()).await;
    assert!(read(&text).findings.is_empty(), "{:?}", read(&text).findings);
    let lines: Lines = text.lines().map(|line| line.as_bytes().to_vec()).collect();
    let (dice, mut done) = (Dice(TestRandom::seeded(47)), 0);
    while done < TAMPERINGS {
        let (what, changed) = tamper(&dice, &lines);
        if changed == lines {
            continue;
        }
        let changed: Vec<_> = changed.iter().map(|line| String::from_utf8_lossy(line)).collect();
        let verdict = read(&changed.join("\n"));
        assert!(
            !verdict.findings.is_empty(),
            "{what} was not found:\n{}",
            changed.join("\n")
        );
        done += 1;
    }
    eprintln!("export: {done} tamperings, {done} found");
}

const KEEP: [&str; 4] = [
    "CREATE TABLE kept_entries AS SELECT * FROM audit_entries",
    "CREATE TABLE kept_chains AS SELECT * FROM audit_chains",
    "CREATE TABLE kept_checkpoints AS SELECT * FROM audit_checkpoints",
    "CREATE TABLE kept_keys AS SELECT * FROM audit_keys",
];
const RESTORE: [&str; 8] = [
    "DELETE FROM audit_entries",
    "INSERT INTO audit_entries SELECT * FROM kept_entries",
    "DELETE FROM audit_chains",
    "INSERT INTO audit_chains SELECT * FROM kept_chains",
    "DELETE FROM audit_checkpoints",
    "INSERT INTO audit_checkpoints SELECT * FROM kept_checkpoints",
    "DELETE FROM audit_keys",
    "INSERT INTO audit_keys SELECT * FROM kept_keys",
];
/// Each with the number of an entry and a text.
const TAMPER: [&str; 40] = [
    "UPDATE audit_entries SET account_id = $2 WHERE seq = $1",
    "UPDATE audit_entries SET seq = seq + 1000 WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET seq = -seq WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET id = $2 WHERE seq = $1",
    "UPDATE audit_entries SET at = at + 1 WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET actor_type = $2 WHERE seq = $1",
    "UPDATE audit_entries SET actor = $2 WHERE seq = $1",
    "UPDATE audit_entries SET actor = NULL WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET service = $2 WHERE seq = $1",
    "UPDATE audit_entries SET method = $2 WHERE seq = $1",
    "UPDATE audit_entries SET path = path || $2 WHERE seq = $1",
    "UPDATE audit_entries SET status = status + 1 WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET status = -1 WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET request_id = $2 WHERE seq = $1",
    "UPDATE audit_entries SET resource = $2 WHERE seq = $1",
    "UPDATE audit_entries SET actions = $2 WHERE seq = $1",
    "UPDATE audit_entries SET reporter = $2 WHERE seq = $1",
    "UPDATE audit_entries SET prev_hash = hash WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET commitment = hash WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET hash = commitment WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET salt = hash WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET salt = NULL WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET actor_name = $2 WHERE seq = $1",
    "UPDATE audit_entries SET ip = $2 WHERE seq = $1",
    "UPDATE audit_entries SET user_agent = NULL WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET details = '{}' WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET details = details || ' ' WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET details = '{' WHERE seq = $1 AND $2 <> ''",
    "UPDATE audit_entries SET salt = NULL, actor_name = NULL, ip = NULL, user_agent = NULL, details = NULL WHERE seq = $1 AND $2 <> ''",
    "DELETE FROM audit_entries WHERE seq = $1 AND $2 <> ''",
    "DELETE FROM audit_entries WHERE seq >= $1 AND $2 <> ''",
    "DELETE FROM audit_entries WHERE seq <= $1 AND $2 <> ''",
    "INSERT INTO audit_entries SELECT account_id, seq + 1000, $2, at, actor_type, actor, service, method, path, status, request_id, resource, actions, reporter, prev_hash, commitment, hash, salt, actor_name, ip, user_agent, details FROM audit_entries WHERE seq = $1",
    "INSERT INTO audit_entries SELECT $2, seq, id || 'x', at, actor_type, actor, service, method, path, status, request_id, resource, actions, reporter, prev_hash, commitment, hash, salt, actor_name, ip, user_agent, details FROM audit_entries WHERE seq = $1",
    "UPDATE audit_chains SET seq = seq - $1 WHERE $2 <> ''",
    "UPDATE audit_chains SET first_seq = $1 + 1, first_hash = (SELECT hash FROM audit_entries WHERE seq = $1) WHERE $2 <> ''",
    "UPDATE audit_checkpoints SET jws = jws || $2 WHERE seq >= $1 OR seq < $1",
    "DELETE FROM audit_checkpoints WHERE (seq >= $1 OR seq < $1) AND $2 <> ''",
    "UPDATE audit_checkpoints SET seq = seq + 1, number = number + $1 WHERE $2 <> ''",
    "DELETE FROM audit_keys WHERE $1 >= 0 AND $2 <> ''",
];

async fn run(world: &World, statements: &'static [&'static str]) {
    let done = world.authority.database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move {
            for sql in statements {
                w.execute(sql, &[]).await?;
            }
            Ok(())
        })
    });
    done.await.unwrap();
}

async fn tamper_with(world: &World, dice: &Dice) -> &'static str {
    let sql = TAMPER[dice.below(TAMPER.len())];
    let seq = i64::try_from(1 + dice.below(ENTRIES)).unwrap();
    let text = format!("x{}", dice.below(1_000_000));
    let done = world.authority.database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { w.execute(sql, &[seq.into(), text.as_str().into()]).await })
    });
    assert!(done.await.unwrap() > 0, "{sql}");
    sql
}

async fn tampered(database: TestDatabase, tamperings: usize) {
    let world = open(database.database().clone()).await;
    fill(&world, ENTRIES).await;
    assert_eq!(findings(&world).await, Vec::<String>::new(), "{ACCOUNT}");
    run(&world, &KEEP).await;
    let dice = Dice(TestRandom::seeded(11));
    for _ in 0..tamperings {
        let sql = tamper_with(&world, &dice).await;
        assert!(!findings(&world).await.is_empty(), "not found: {sql}");
        run(&world, &RESTORE).await;
    }
    assert_eq!(findings(&world).await, Vec::<String>::new());
    eprintln!("database: {tamperings} tamperings, {tamperings} found");
}

#[tokio::test]
async fn a_thousand_tamperings_of_a_file_are_found() {
    tampered(TestDatabase::sqlite().await, TAMPERINGS).await;
}

#[tokio::test]
async fn tamperings_of_a_server_s_database_are_found() {
    tampered(TestDatabase::postgres().await, TAMPERINGS / 4).await;
}
