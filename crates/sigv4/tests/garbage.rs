//! A hundred thousand requests put together from pieces that mean something: none is verified, none makes the parser panic.
//! Repeatable: the pieces are drawn by a generator with a fixed start.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

#[expect(dead_code, reason = "shared with other tests")]
mod signer;

use std::collections::BTreeSet;

use signer::{NOW, SECRET, rules};
use sigv4::{Presented, Request};

const REQUESTS: usize = 100_000;
const PIECES: [&str; 44] = [
    "AWS4-HMAC-SHA256",
    "aws4",
    " ",
    "  ",
    ",",
    ";",
    "/",
    "//",
    "=",
    "&",
    "%",
    "%2",
    "%zz",
    "%2F",
    "%00",
    "+",
    "?",
    ".",
    "..",
    "Credential=",
    "SignedHeaders=",
    "Signature=",
    "host",
    "x-amz-date",
    "date",
    "é",
    "\u{0}",
    "\r\n ",
    "\t",
    "AKIAIOSFODNN7EXAMPLE/20261121/eu-central-1/iam/aws4_request",
    "20261121",
    "20261121T170000Z",
    "aws4_request",
    "host;x-amz-date",
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    "X-Amz-Credential=",
    "X-Amz-Date=20261121T170000Z",
    "X-Amz-Expires=60",
    "X-Amz-SignedHeaders=host",
    "X-Amz-Signature=",
    "Sat, 21 Nov 2026 17:00:00 GMT",
    "UNSIGNED-PAYLOAD",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "99999999999999999999",
];
const NAMES: [&str; 6] = [
    "authorization",
    "host",
    "x-amz-date",
    "date",
    "x-amz-content-sha256",
    "x-amz-é",
];

/// xorshift: good enough to mix pieces.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }

    fn text(&mut self, most: usize) -> String {
        (0..self.below(most))
            .map(|_| PIECES[self.below(PIECES.len())])
            .collect()
    }

    fn header(&mut self) -> (&'static str, String) {
        match NAMES[self.below(NAMES.len())] {
            "authorization" => ("authorization", self.authorization()),
            "x-amz-date" if self.below(3) > 0 => ("x-amz-date", "20261121T170000Z".to_owned()),
            name => (name, self.text(3)),
        }
    }

    /// Something that comes near to a signature, half of the time.
    fn authorization(&mut self) -> String {
        if self.below(2) == 0 {
            return self.text(9);
        }
        let signature = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "e3",
        ][self.below(2)];
        let (scope, headers) = (
            PIECES[29],
            ["host;x-amz-date", "host", "date;host", "host;host"][self.below(4)],
        );
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={headers}, Signature={signature}")
    }
}

#[test]
fn garbage_is_refused_for_many_reasons_and_never_panics() {
    let (mut draw, mut reasons) = (Draw(0x9e37_79b9_7f4a_7c15), BTreeSet::new());
    for _ in 0..REQUESTS {
        let mut headers = vec![("host", draw.text(3))];
        headers.extend((0..draw.below(5)).map(|_| draw.header()));
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()))
            .collect();
        let (method, path, query) = (draw.text(3), format!("/{}", draw.text(6)), draw.text(12));
        let request = Request {
            method: &method,
            path: &path,
            query: (draw.below(2) == 0).then_some(&query),
            headers: &headers,
            body: b"",
        };
        let verdict = Presented::parse(request, &rules());
        let refusal = verdict
            .and_then(|presented| presented.verify(SECRET.as_bytes(), NOW))
            .unwrap_err();
        reasons.insert(refusal.code());
    }
    assert!(
        reasons.contains("signature_does_not_match") && reasons.len() >= 9,
        "{reasons:?}"
    );
}
