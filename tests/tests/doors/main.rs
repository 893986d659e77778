//! The matrix of the contracts: every way in × every state of an account × every way to end what it gave × every place
//! that checks it. Says at its end how many cells it tried and how many were wrong.

mod check;
mod end;
mod given;
mod house;
mod passkey;
mod person;
mod surface;
mod way_in;

use std::io::Write as _;
use std::sync::Arc;

use anyhow::{Result, bail};
use end::End;
use given::Given;
use house::House;
use person::{Person, State};
use tests::server::Setup;
use tokio::sync::Semaphore;
use way_in::WayIn;

/// Lives that are led side by side.
const AT_ONCE: usize = 12;

/// One cell that was tried, and what was wrong with it.
struct Cell {
    name: String,
    problem: Option<String>,
}

/// What one life has shown.
#[derive(Default)]
pub struct Notes {
    life: String,
    cells: Vec<Cell>,
}

impl Notes {
    /// One cell: `what` must be so.
    pub fn expect(&mut self, what: &str, holds: bool, otherwise: impl Into<String>) {
        self.cells.push(Cell {
            name: format!("{}: {what}", self.life),
            problem: (!holds).then(|| otherwise.into()),
        });
    }
}

/// A person in this state comes in this way; what that gives is checked everywhere, ended, and checked again.
async fn life(house: Arc<House>, state: State, way: WayIn, end: End) -> Result<Notes> {
    let mut notes = Notes {
        life: format!("{state:?}, {way:?}, {end:?}"),
        ..Notes::default()
    };
    let mut person = Person::make(&house, state, way.needs_passkey()).await?;
    let entered = way.enter(&house, &mut person).await?;
    notes.expect(
        "the way in",
        entered.is_in == way.lets_in(state),
        format!("signed in: {}", entered.is_in),
    );
    if entered.skipped_second_step {
        notes.expect("the second step", false, "it was not asked for");
    }
    if !entered.is_in || !way.lets_in(state) {
        return Ok(notes);
    }
    let given = match (entered.given, &entered.agent) {
        (Some(given), _) => given,
        (None, Some(agent)) => Given::at_websites(&house, agent).await?,
        (None, None) => bail!("neither tokens nor a browser"),
    };
    check::all(&house, &given, true, &mut notes).await?;
    end.bring_about(&house, &person, entered.agent.as_ref(), &given)
        .await?;
    check::all(&house, &end.takes(&given), false, &mut notes).await?;
    Ok(notes)
}

/// Each life on SQLite. On PostgreSQL, where only the storage is another, so many that each way in meets each end, each
/// end each state, and each state each way in.
async fn matrix(setup: Setup, one_in: usize) -> Result<Vec<Cell>> {
    let houses = House::build(setup).await?;
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut lives = Vec::new();
    for (row, state) in State::ALL.into_iter().enumerate() {
        let ways = WayIn::all().enumerate();
        for (column, way) in ways.filter(|(_, way)| way.is_possible(state)) {
            // Who is not let in has nothing that could end.
            let most = if way.lets_in(state) { usize::MAX } else { 1 };
            let ends = End::all().filter(|end| end.is_possible(state, way));
            for (_, end) in ends
                .take(most)
                .enumerate()
                .filter(|(depth, _)| most == 1 || (row + column + depth).is_multiple_of(one_in))
            {
                let (house, turns) = (houses.of(state), turns.clone());
                lives.push(tokio::spawn(async move {
                    let _turn = turns.acquire().await;
                    let name = format!("{state:?}, {way:?}, {end:?}");
                    (name, life(house, state, way, end).await)
                }));
            }
        }
    }
    let mut cells = Vec::new();
    for life in lives {
        match life.await? {
            (_, Ok(notes)) => cells.extend(notes.cells),
            (name, Err(error)) => cells.push(Cell {
                name,
                problem: Some(format!("{error:#}").chars().take(400).collect()),
            }),
        }
    }
    Ok(cells)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_way_in_and_every_way_out() {
    let (sqlite, postgres) = tokio::join!(matrix(Setup::sqlite(), 1), matrix(Setup::postgres(), 3));
    let mut cells = sqlite.unwrap();
    cells.extend(postgres.unwrap());
    let wrong: Vec<&Cell> = cells.iter().filter(|cell| cell.problem.is_some()).collect();
    let mut out = std::io::stdout().lock();
    for cell in &wrong {
        let problem = cell.problem.as_deref().unwrap_or_default();
        writeln!(out, "wrong: {}: {problem}", cell.name).unwrap();
    }
    writeln!(out, "doors: {} cells, {} wrong", cells.len(), wrong.len()).unwrap();
    assert!(wrong.is_empty() && cells.len() > 1000, "{} cells", cells.len());
}
