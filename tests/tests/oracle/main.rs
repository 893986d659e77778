//! No account oracle: whoever asks at a door about an address learns neither from status, headers and body nor from the
//! time whether it has an account. Known and unknown addresses take turns; times are compared with each other only.

mod question;
mod statistic;

use std::io::Write as _;

use anyhow::Result;
use question::{QUESTIONS, Question};
use statistic::Comparison;
use tests::server::{Server, Setup};
use tokio::net::TcpListener;

const ROUNDS: usize = 40;

/// Each visitor has an address of their own, so that no limit is met. What hashes go on is the default.
fn setup(post: u16) -> Setup {
    let settings = format!(
        r#"
[registration]
attempts = 10000
confirm_email = true

[throttle]
attempts = 100

[mail]
mailbox_attempts = 10000
address_attempts = 10000
from = "accounts@example.com"

[mail.smtp]
host = "127.0.0.1"
port = {post}
tls = "none"
"#
    );
    Setup::sqlite()
        .with(&settings)
        .env("AUTHZ_SERVER__TRUSTED_PROXIES", "[\"127.0.0.1/32\"]")
}

/// What is wrong with the answers to one question, if anything.
async fn ask(server: &Server, question: &Question, number: usize) -> Result<Option<String>> {
    // Failures at one door count at the others: each asks about somebody else.
    let somebody = format!("ada{number}@example.com");
    server.run(&["users", "create", "--email", &somebody])?;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut expected = None;
    for round in 0..ROUNDS {
        let number = number * ROUNDS + round;
        let nobody = format!("nobody{number}@example.com");
        let mut turns = [(somebody.as_str(), &mut known), (nobody.as_str(), &mut unknown)];
        if round % 2 == 1 {
            turns.reverse();
        }
        for (turn, (address, times)) in turns.into_iter().enumerate() {
            let asked = question.ask(server, address, 2 * number + turn).await?;
            times.push(asked.seconds);
            let expected = expected.get_or_insert_with(|| asked.answer.clone());
            if *expected != asked.answer {
                return Ok(Some(format!(
                    "{address} gets {:?}, not {expected:?}",
                    asked.answer
                )));
            }
        }
    }
    let found = Comparison::of(&known, &unknown);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}: {found:?}", question.name)?;
    Ok(found.tells_apart().then(|| format!("{found:?}")))
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answers_in_the_same_time() {
    // A mail server that takes connections and never says a word: a letter sent while somebody waits is noticed.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::start(setup(silent.local_addr().unwrap().port()))
        .await
        .unwrap();
    let mut wrong = Vec::new();
    for (number, question) in QUESTIONS.iter().enumerate() {
        if let Some(problem) = ask(&server, question, number).await.unwrap() {
            wrong.push(format!("{}: {problem}", question.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
