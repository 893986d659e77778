//! V04, V05, V06: what another signer signs is verified, whatever it is; what was changed afterwards is not.
//! Refuses to sign anything itself: the signer is the `aws-sigv4` crate.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

mod signer;

use proptest::prelude::*;
use signer::{Form, NOW, Owned, SECRET, rules, sign};
use sigv4::{Presented, Refusal};

fn verdict(request: &Owned) -> Result<[u8; 32], Refusal> {
    let headers = request.headers();
    let presented = Presented::parse(request.raw(&headers), &rules())?;
    presented
        .verify(SECRET.as_bytes(), NOW)
        .map(|verified| verified.signature_digest)
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9._~-]{0,8}",
        "(%20|%2F|%C3%A9|%25|%2e|@|:|=|,|a){1,4}",
        Just(".".to_owned()),
        Just("..".to_owned()),
    ]
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(segment(), 1..5).prop_map(|parts| format!("/{}", parts.join("/")))
}

fn query() -> impl Strategy<Value = String> {
    let part = "[A-Za-z0-9._~-]{1,4}(=([A-Za-z0-9._~/:@-]|%20|%2B|%c3%a9|%E1%88%B4){0,6})?";
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.join("&"))
}

fn header() -> impl Strategy<Value = (String, String)> {
    ("[a-z]{1,4}-x", "[!-~]{0,5}( {0,3}[!-~]{1,5}){0,3}").prop_map(|(name, value)| (name, value))
}

fn request() -> impl Strategy<Value = Owned> {
    let method = prop_oneof![Just("GET"), Just("POST"), Just("DELETE")];
    let headers = prop::collection::vec(header(), 0..5);
    let body = prop::collection::vec(any::<u8>(), 0..40);
    (method, path(), query(), headers, body)
        .prop_map(|(method, path, query, headers, body)| Owned::new(method, &path, &query, headers, body))
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![
        Just(Form::Header),
        Just(Form::HeaderWithDigest),
        Just(Form::Query)
    ]
}

/// One thing done to a request on its way.
#[derive(Clone, Debug)]
enum Change {
    Method,
    PathEnd,
    QueryPair,
    Body,
    Host,
    SignedHeader(usize),
    Date,
    RepeatedHeader,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Method),
        Just(Change::PathEnd),
        Just(Change::QueryPair),
        Just(Change::Body),
        Just(Change::Host),
        any::<usize>().prop_map(Change::SignedHeader),
        Just(Change::Date),
        Just(Change::RepeatedHeader),
    ]
}

fn apply(request: &mut Owned, change: &Change) {
    match change {
        Change::Method => request.method.push('X'),
        Change::PathEnd => request.path.push_str("/more"),
        Change::QueryPair if request.query.is_empty() => request.query.push_str("zz=1"),
        Change::QueryPair => request.query.push_str("&zz=1"),
        Change::Body => request.body.push(b'!'),
        Change::Host => request.set("host", "elsewhere.example"),
        Change::SignedHeader(index) => {
            let signed = request.signed;
            let (_, value) = &mut request.headers[index % signed];
            value.push('!');
        }
        Change::Date => {
            request.set("x-amz-date", "20261121T170001Z");
            request.query = request.query.replace("20261121T170000Z", "20261121T170001Z");
        }
        Change::RepeatedHeader => {
            let again = request.headers[0].clone();
            request.headers.push(again);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_another_signer_signs_is_verified(request in request(), form in form()) {
        let signed = sign(request, form);
        prop_assert!(verdict(&signed).is_ok(), "{:?} {signed:?}", verdict(&signed));
    }

    #[test]
    fn what_was_changed_after_signing_is_refused(request in request(), form in form(), change in change()) {
        let mut signed = sign(request, form);
        let before = format!("{signed:?}");
        apply(&mut signed, &change);
        prop_assume!(before != format!("{signed:?}"));
        prop_assert!(verdict(&signed).is_err(), "{change:?} {signed:?}");
    }

    /// V04: they have no effect, and the signature is remembered as the same one.
    #[test]
    fn headers_beside_the_signed_ones_have_no_effect(
        request in request(), form in form(), name in "[a-z]{5,9}-y", value in "[!-~]{0,9}",
    ) {
        let mut signed = sign(request, form);
        let before = verdict(&signed);
        signed.headers.push((name, value));
        prop_assert_eq!(verdict(&signed), before);
    }
}

proptest! {
    /// No request whatever makes the parser panic.
    #[test]
    fn any_request_gets_a_verdict(
        method in ".{0,5}", path in ".{0,30}", query in "(.|[&=%+]|X-Amz-Signature|X-Amz-Date){0,30}",
        headers in prop::collection::vec(("(authorization|host|x-amz-date|date|.{0,6})", "(AWS4-HMAC-SHA256 |Credential=|SignedHeaders=|Signature=|[,;/]|.){0,12}"), 0..6),
        body in prop::collection::vec(any::<u8>(), 0..10),
    ) {
        let request = Owned { method, path, query, headers, body, signed: 0 };
        prop_assert!(verdict(&request).is_err());
    }
}
