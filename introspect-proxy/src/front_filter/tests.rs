//! What the front filter must let through and what it must refuse.
//! No sockets here: bytes in, verdict out.

use super::*;
use proptest::prelude::*;

const LIMITS: HeadLimits = HeadLimits {
    bytes: 1024,
    fields: 5,
    url: 64,
};

fn verdict(head: &str) -> Result<(), HeadError> {
    judge(head.as_bytes(), &LIMITS).map(|_| ())
}

fn with_fields(fields: &str) -> Result<(), HeadError> {
    verdict(&format!("POST /x HTTP/1.1\r\nHost: a\r\n{fields}\r\n"))
}

fn is_malformed(verdict: Result<(), HeadError>) -> bool {
    matches!(verdict, Err(HeadError::Malformed(_)))
}

#[test]
fn ordinary_heads_pass() {
    assert_eq!(
        verdict("GET / HTTP/1.1\r\nHost: example.com:8080\r\n\r\n"),
        Ok(())
    );
    assert_eq!(verdict("GET /a?b=c%20d HTTP/1.0\r\n\r\n"), Ok(()));
    assert_eq!(with_fields("Content-Length: 5\r\nAccept:\t*/*  \r\n"), Ok(()));
    assert_eq!(with_fields("Transfer-Encoding: Chunked\r\n"), Ok(()));
    assert_eq!(with_fields("X-Name: caf\u{e9}\r\n"), Ok(()));
}

/// X01
#[test]
fn length_and_transfer_encoding_together_are_refused() {
    assert!(is_malformed(with_fields(
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    )));
    assert!(is_malformed(with_fields(
        "Transfer-Encoding: chunked\r\ncontent-length: 5\r\n"
    )));
}

/// X02
#[test]
fn unclear_lengths_are_refused() {
    for value in [
        "+5",
        "-5",
        "5 5",
        "5,5",
        "0x5",
        "5;",
        "",
        " ",
        "٥",
        "9999999999999999999",
    ] {
        assert!(
            is_malformed(with_fields(&format!("Content-Length: {value}\r\n"))),
            "{value}"
        );
    }
    assert!(is_malformed(with_fields(
        "Content-Length: 5\r\nContent-Length: 5\r\n"
    )));
}

/// X03
#[test]
fn unclear_transfer_encodings_are_refused() {
    for value in [
        "xchunked",
        "chunked, identity",
        "identity, chunked",
        "gzip",
        "",
        "\"chunked\"",
        "chunked;q=1",
    ] {
        assert!(
            is_malformed(with_fields(&format!("Transfer-Encoding: {value}\r\n"))),
            "{value}"
        );
    }
    assert!(is_malformed(with_fields("Transfer-Encoding : chunked\r\n")));
    assert!(is_malformed(with_fields(
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
    )));
    assert!(is_malformed(verdict(
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
    )));
}

/// X04
#[test]
fn broken_lines_and_names_are_refused() {
    for fields in [
        "X-A: 1\r\n folded: 2\r\n",
        "X-A: 1\r\n\tfolded\r\n",
        "X-A: 1\0\r\n",
        "X-A: 1\u{c}\r\n",
        "X-A: \u{b}1\r\n",
        "X-A: 1\r2\r\n",
        "X-A: 1\nX-B: 2\r\n",
        "X A: 1\r\n",
        "X(A): 1\r\n",
        ": 1\r\n",
        "no colon\r\n",
        "X-A : 1\r\n",
        "X-\u{e9}: 1\r\n",
    ] {
        assert!(is_malformed(with_fields(fields)), "{fields:?}");
    }
}

/// X10
#[test]
fn unclear_hosts_are_refused() {
    for head in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    ] {
        assert!(is_malformed(verdict(head)), "{head:?}");
    }
}

#[test]
fn request_lines_have_three_parts_and_a_known_version() {
    for line in [
        "GET /",
        "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET /\t HTTP/1.1",
        "G\u{e9}T / HTTP/1.1",
    ] {
        assert!(
            verdict(&format!("{line}\r\nHost: a\r\n\r\n")).is_err(),
            "{line:?}"
        );
    }
    assert_eq!(
        verdict("GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
        Err(HeadError::Version)
    );
    assert!(is_malformed(verdict("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n")));
}

#[test]
fn limits_hold_at_their_edge() {
    let target = |bytes: usize| {
        verdict(&format!(
            "GET /{} HTTP/1.1\r\nHost: a\r\n\r\n",
            "x".repeat(bytes - 1)
        ))
    };
    assert_eq!(target(64), Ok(()));
    assert_eq!(target(65), Err(HeadError::UrlTooLong));
    let fields = |count: usize| with_fields(&"X: 1\r\n".repeat(count - 1));
    assert_eq!(fields(5), Ok(()));
    assert_eq!(fields(6), Err(HeadError::TooLarge));
    let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".len();
    let sized = |bytes: usize| {
        verdict(&format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
            "x".repeat(bytes - frame)
        ))
    };
    assert_eq!(sized(1024), Ok(()));
    assert_eq!(sized(1025), Err(HeadError::TooLarge));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_never_smuggle(head in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = judge(&head, &LIMITS);
    }

    #[test]
    fn what_passes_has_no_stray_line_break(fields in "([A-Za-z:\r\n \t,]|\r\n){0,60}") {
        if with_fields(&fields).is_ok() {
            let without = fields.replace("\r\n", "");
            prop_assert!(!without.contains('\r') && !without.contains('\n'));
        }
    }
}
