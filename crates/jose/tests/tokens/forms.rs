//! Spellings and sizes of a token: there is one way to write it, and a limit to its length.
//! Forged headers live in `forged_headers.rs`.

use jose::{Algorithm, SigningKey, VerifyError, looks_like_jws, verify};

use crate::forge::{claims, forge, header, policy, set};

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

#[test]
fn other_forms_of_a_token_are_refused() {
    let key = key();
    let keys = set(&[&key]);
    let token = key.sign("at+jwt", &claims()).unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let forms = [
        String::new(),
        "..".to_owned(),
        input.to_owned(),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!("{header}.{payload}.{}+/", &signature[..84]),
        format!(r#"{{"payload":"{payload}","protected":"{header}","signature":"{signature}"}}"#),
    ];
    for form in forms {
        assert_eq!(
            verify(&form, &keys, &policy()),
            Err(VerifyError::Malformed),
            "{form}"
        );
    }
    let unsigned = format!("{input}.");
    assert!(!looks_like_jws(&unsigned));
    assert_eq!(
        verify(&unsigned, &keys, &policy()),
        Err(VerifyError::BadSignature)
    );
}

#[test]
fn the_last_character_has_one_spelling() {
    let key = key();
    let token = key.sign("at+jwt", &claims()).unwrap();
    let accepted = (b'!'..=b'~')
        .map(|last| format!("{}{}", &token[..token.len() - 1], char::from(last)))
        .filter(|other| verify(other, &set(&[&key]), &policy()).is_ok());
    assert_eq!(accepted.collect::<Vec<_>>(), std::slice::from_ref(&token));
}

#[test]
fn tokens_beyond_the_limits_are_refused() {
    let key = key();
    let padded = |bytes: usize| {
        let mut claims = claims();
        claims["pad"] = "x".repeat(bytes).into();
        verify(&key.sign("at+jwt", &claims).unwrap(), &set(&[&key]), &policy()).map(drop)
    };
    assert_eq!(padded(11_500), Ok(()));
    assert_eq!(padded(12_500), Err(VerifyError::Malformed));
    assert_eq!(padded(1_600_000), Err(VerifyError::Malformed));
    let deep = format!(r#"{{"exp":1,"a":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    let token = forge(&key, header(&key).to_string(), deep);
    assert_eq!(
        verify(&token, &set(&[&key]), &policy()),
        Err(VerifyError::Malformed)
    );
}
