//! The letters of an application, read as their addressees read them.

use std::time::Duration;

use crate::app::App;

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

/// Quoted-printable undone.
fn plain(letter: &str) -> String {
    let joined = letter.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let coded = (first == b'=')
            .then(|| std::str::from_utf8(tail.get(..2)?).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(coded.unwrap_or(first));
        rest = if coded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The path and query of the link to `page`, and its token.
pub fn link(letter: &str, page: &str) -> (String, String) {
    let start = format!("http://127.0.0.1:8080{page}?token=");
    let (_, rest) = letter
        .split_once(&start)
        .unwrap_or_else(|| panic!("no {page} in {letter}"));
    let token = rest
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .next()
        .unwrap();
    (format!("{page}?token={token}"), token.to_owned())
}

pub fn six_digits(letter: &str) -> String {
    let mut words = letter.split_whitespace();
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    words
        .find(is_code)
        .unwrap_or_else(|| panic!("no code in {letter}"))
        .to_owned()
}
