//! The letters of an application in this process, as their addressees read them.

use std::time::Duration;

use testkit::letter::{self, Link, plain};

use super::App;

/// Does what was asked for and gives the texts of the letters that came, newest first.
pub async fn letters(app: &App) -> Vec<String> {
    let before = app.outbox.list().unwrap().len();
    // Letters are in the order of their moments.
    app.clock.advance(Duration::from_secs(1));
    while app.authority.run_due_jobs().await.unwrap() > 0 {}
    let letters = app.outbox.list().unwrap();
    let new = letters.len() - before;
    letters
        .iter()
        .take(new)
        .map(|letter| plain(&app.outbox.read(&letter.name).unwrap()))
        .collect()
}

/// The link to `page`, at the issuer.
pub fn link(letter: &str, page: &str) -> Link {
    let found = letter::link(letter, page).unwrap_or_else(|| panic!("no {page} in {letter}"));
    assert_eq!(found.url, format!("http://127.0.0.1:8080{}", found.path));
    found
}

pub fn six_digits(letter: &str) -> String {
    let code = letter::six_digits(letter);
    code.unwrap_or_else(|| panic!("no code in {letter}")).to_owned()
}
