use super::*;
use crate::params::ParamLimits;
use proptest::prelude::*;

fn extract(header: Option<&str>, body: &str) -> Result<PresentedClient, ClientAuthError> {
    let params = Params::parse(body.as_bytes(), &ParamLimits::default()).unwrap();
    PresentedClient::extract(header.map(str::as_bytes), &params)
}

fn basic_header(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn assertion_body(payload: &str) -> String {
    let jwt = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload));
    format!("client_assertion_type={ASSERTION_TYPE}&client_assertion={jwt}")
}

#[test]
fn each_method_is_recognised() {
    let header = basic_header("app:hush");
    let assertion = assertion_body(r#"{"iss":"app","sub":"app"}"#);
    let cases = [
        (None, "client_id=app", ClientAuthMethod::None),
        (Some(header.as_str()), "", ClientAuthMethod::ClientSecretBasic),
        (
            Some(header.as_str()),
            "client_id=app",
            ClientAuthMethod::ClientSecretBasic,
        ),
        (
            None,
            "client_id=app&client_secret=hush",
            ClientAuthMethod::ClientSecretPost,
        ),
        (None, assertion.as_str(), ClientAuthMethod::PrivateKeyJwt),
    ];
    for (header, body, method) in cases {
        let client = extract(header, body).ok().unwrap();
        assert_eq!((client.client_id.as_str(), client.method()), ("app", method));
        assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
        assert_eq!(ClientAuthMethod::from_name(method.as_str()), Some(method));
    }
}

#[test]
fn both_halves_of_basic_are_form_decoded() {
    let client = extract(Some(&basic_header("a%3Ab:p%2Bq+r:s")), "").ok().unwrap();
    assert_eq!(client.client_id, "a:b");
    assert!(matches!(client.credential, ClientCredential::Basic(secret) if secret.expose() == "p+q r:s"));
}

/// O18
#[test]
fn two_methods_at_once_are_refused() {
    let header = basic_header("app:hush");
    let assertion = assertion_body(r#"{"iss":"app","sub":"app"}"#);
    let with_secret = format!("{assertion}&client_id=app&client_secret=hush");
    let cases = [
        (Some(header.as_str()), "client_secret=hush"),
        (Some(header.as_str()), assertion.as_str()),
        (None, with_secret.as_str()),
    ];
    for (header, body) in cases {
        assert_eq!(
            extract(header, body).err(),
            Some(ClientAuthError::SeveralMethods),
            "{body}"
        );
    }
}

/// O18
#[test]
fn differing_ids_are_refused() {
    let header = basic_header("app:hush");
    let foreign = assertion_body(r#"{"iss":"app","sub":"other"}"#);
    let named = assertion_body(r#"{"iss":"app","sub":"app"}"#) + "&client_id=other";
    for (header, body) in [
        (Some(header.as_str()), "client_id=other"),
        (None, &foreign),
        (None, &named),
    ] {
        assert_eq!(
            extract(header, body).err(),
            Some(ClientAuthError::DifferingIds),
            "{body}"
        );
    }
}

/// O18
#[test]
fn loose_encodings_are_refused() {
    let good = STANDARD.encode("app:hush");
    assert!(good.ends_with('='), "the case needs padding");
    let headers = [
        format!("Basic {}", good.trim_end_matches('=')),
        format!("Basic  {good}"),
        format!("Basic {good} "),
        format!("Basic {good}\n"),
        format!("Basic{good}"),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Bearer abc".to_owned(),
        basic_header("app"),
        basic_header("app:"),
        basic_header(":hush"),
        basic_header("app:%zz"),
        basic_header("a b:hush"),
        basic_header(&format!("{}:hush", "a".repeat(MAX_CLIENT_ID_LEN + 1))),
        format!("Basic {}", STANDARD.encode(b"app:\xff")),
        format!("Basic {}", "YWFh".repeat(MAX_BASIC_LEN)),
    ];
    for header in headers {
        assert_eq!(
            extract(Some(&header), "").err(),
            Some(ClientAuthError::Malformed),
            "{header}"
        );
    }
}

#[test]
fn malformed_assertions_are_refused() {
    let twice = assertion_body(r#"{"iss":"app","iss":"app","sub":"app"}"#);
    let deep = assertion_body(&format!(r#"{{"iss":"app","sub":"app","x":{}"#, "[".repeat(4000)));
    let bodies = [
        "client_assertion=a.b.c",
        "client_assertion_type=urn:x&client_assertion=e30.e30.e30",
        &format!("client_assertion_type={ASSERTION_TYPE}"),
        &format!("client_assertion_type={ASSERTION_TYPE}&client_assertion=a.b"),
        &format!("client_assertion_type={ASSERTION_TYPE}&client_assertion=e30.e30.e30.e30"),
        &twice,
        &deep,
    ];
    for body in bodies {
        assert_eq!(
            extract(None, body).err(),
            Some(ClientAuthError::Malformed),
            "{body}"
        );
    }
}

#[test]
fn nobody_is_nobody() {
    assert_eq!(extract(None, "").err(), Some(ClientAuthError::Missing));
    assert_eq!(
        extract(None, "client_secret=hush").err(),
        Some(ClientAuthError::Missing)
    );
}

proptest! {
    #[test]
    fn any_header_is_judged_without_panic(header in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = PresentedClient::extract(Some(&header), &Params::default());
    }
}
